import type { Kysely, Transaction } from "kysely";
import type { Json, Logs, PutOptions, WriteResult } from "#foundation";
import { checkCount, checkName, jsonText } from "../rules/check-call.ts";
import { refusalOf } from "../rules/write-decision.ts";
import { recordChange } from "./changes.ts";
import { inBatches } from "./in-batches.ts";
import { fencingLease } from "./leases.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

export function sqlLogs(session: Session): Logs {
  return {
    append: async (log, entries, options = {}) => {
      checkName("log", log);
      checkCount("expect", options.expect);
      const texts = entries.map((entry, index) => jsonText(`entries[${index}]`, entry));
      return session.write(options.durability ?? "full", (trx) => append(trx, log, texts, options));
    },
    read: async (log, { from = 0, limit = 10_000 } = {}) => {
      checkName("log", log);
      checkCount("from", from);
      checkCount("limit", limit);
      const rows = await session.read((db) =>
        db
          .selectFrom("log_entries")
          .select("body")
          .where("log", "=", log)
          .where("position", ">=", from)
          .orderBy("position")
          .limit(limit)
          .execute(),
      );
      return rows.map(({ body }) => JSON.parse(body) as Json);
    },
    length: async (log) => {
      checkName("log", log);
      return session.read((db) => lengthOf(db, log));
    },
  };
}

async function append(
  trx: Transaction<Tables>,
  log: string,
  texts: readonly string[],
  options: PutOptions,
): Promise<WriteResult> {
  const found = await lengthOf(trx, log);
  const refusal = refusalOf(found, await fencingLease(trx, options.fence), options);
  if (refusal !== undefined) return refusal;
  const length = found + texts.length;
  if (length === found) return { ok: true, revision: found };

  await trx
    .insertInto("logs")
    .values({ name: log, length })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ length }))
    .execute();
  const rows = texts.map((body, index) => ({ log, position: found + index, body }));
  for (const batch of inBatches(rows)) await trx.insertInto("log_entries").values(batch).execute();
  await recordChange(trx, { type: "log", name: log, id: "", revision: length, deleted: 0 });
  return { ok: true, revision: length };
}

async function lengthOf(db: Kysely<Tables>, log: string): Promise<number> {
  const row = await db.selectFrom("logs").select("length").where("name", "=", log).executeTakeFirst();
  return row?.length ?? 0;
}
