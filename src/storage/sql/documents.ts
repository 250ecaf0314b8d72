import type { Transaction } from "kysely";
import type { Documents, Json, PutOptions, StoredDocument, WriteResult } from "#foundation";
import { checkCount, checkName, jsonText } from "../rules/check-call.ts";
import { refusalOf } from "../rules/write-decision.ts";
import { recordChange } from "./changes.ts";
import { fencingLease } from "./leases.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

interface Address {
  readonly kind: string;
  readonly id: string;
}

export function sqlDocuments(session: Session): Documents {
  return {
    get: async (kind, id) => {
      checkAddress({ kind, id });
      const row = await session.read((db) =>
        db
          .selectFrom("documents")
          .select(["kind", "id", "revision", "body"])
          .where("kind", "=", kind)
          .where("id", "=", id)
          .where("deleted", "=", 0)
          .executeTakeFirst(),
      );
      return row && documentOf(row);
    },
    list: async (kind, { after = "", limit = 1_000 } = {}) => {
      checkName("kind", kind);
      checkCount("limit", limit);
      const rows = await session.read((db) =>
        db
          .selectFrom("documents")
          .select(["kind", "id", "revision", "body"])
          .where("kind", "=", kind)
          .where("id", ">", after)
          .where("deleted", "=", 0)
          .orderBy("id")
          .limit(limit)
          .execute(),
      );
      return rows.map(documentOf);
    },
    put: async (kind, id, body, options = {}) => {
      checkAddress({ kind, id });
      checkCount("expect", options.expect);
      const text = jsonText("body", body);
      return session.write(options.durability ?? "full", (trx) => write(trx, { kind, id }, text, options));
    },
    delete: async (kind, id, options = {}) => {
      checkAddress({ kind, id });
      checkCount("expect", options.expect);
      return session.write(options.durability ?? "full", (trx) => write(trx, { kind, id }, undefined, options));
    },
  };
}

/** Writes the text, or deletes where there is none. */
async function write(
  trx: Transaction<Tables>,
  { kind, id }: Address,
  text: string | undefined,
  options: PutOptions,
): Promise<WriteResult> {
  const row = await trx
    .selectFrom("documents")
    .select(["revision", "deleted"])
    .where("kind", "=", kind)
    .where("id", "=", id)
    .executeTakeFirst();
  const exists = row?.deleted === 0;
  const refusal = refusalOf(exists ? row.revision : 0, await fencingLease(trx, options.fence), options);
  if (refusal !== undefined) return refusal;
  const written = row?.revision ?? 0;
  if (text === undefined && !exists) return { ok: true, revision: written };

  const next = { revision: written + 1, deleted: text === undefined ? 1 : 0, body: text ?? "" };
  await trx
    .insertInto("documents")
    .values({ kind, id, ...next })
    .onConflict((conflict) => conflict.columns(["kind", "id"]).doUpdateSet(next))
    .execute();
  await recordChange(trx, { type: "document", name: kind, id, revision: next.revision, deleted: next.deleted });
  return { ok: true, revision: next.revision };
}

function checkAddress({ kind, id }: Address): void {
  checkName("kind", kind);
  checkName("id", id);
}

function documentOf({ body, ...row }: Address & { revision: number; body: string }): StoredDocument {
  return { ...row, body: JSON.parse(body) as Json };
}
