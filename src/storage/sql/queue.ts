import type { Transaction } from "kysely";
import type { ClaimedTask, ClaimOptions, Json, WorkQueue } from "#foundation";
import { checkCount, checkDuration, checkName, jsonText } from "../rules/check-call.ts";
import { takeNumbers } from "./counters.ts";
import { inBatches } from "./in-batches.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

/** Claims, heartbeats and completions are relaxed: one that is lost with the power only makes the task come again. */
export function sqlQueue(session: Session): WorkQueue {
  return {
    enqueue: async (queue, payloads) => {
      checkName("queue", queue);
      const texts = payloads.map((payload, index) => jsonText(`payloads[${index}]`, payload));
      return session.write("full", (trx) => enqueue(trx, queue, texts));
    },
    claim: async (queue, worker, options) => {
      checkName("queue", queue);
      checkName("worker", worker);
      checkCount("limit", options.limit);
      checkDuration("leaseMs", options.leaseMs);
      return session.write("relaxed", (trx) => claim(trx, { queue, worker, now: session.clock.now(), ...options }));
    },
    heartbeat: async (task, leaseMs) => {
      checkDuration("leaseMs", leaseMs);
      const { numUpdatedRows } = await session.write("relaxed", (trx) =>
        trx
          .updateTable("tasks")
          .set({ held_until: session.clock.now() + leaseMs })
          .where("id", "=", keyOf(task))
          .where("queue", "=", task.queue)
          .where("delivery", "=", task.delivery)
          .executeTakeFirst(),
      );
      return numUpdatedRows > 0n;
    },
    complete: async (task) => {
      const { numDeletedRows } = await session.write("relaxed", (trx) =>
        trx
          .deleteFrom("tasks")
          .where("id", "=", keyOf(task))
          .where("queue", "=", task.queue)
          .where("delivery", "=", task.delivery)
          .executeTakeFirst(),
      );
      return numDeletedRows > 0n;
    },
  };
}

async function enqueue(trx: Transaction<Tables>, queue: string, texts: readonly string[]): Promise<string[]> {
  if (texts.length === 0) return [];
  const first = await takeNumbers(trx, "tasks", texts.length);
  const rows = texts.map((payload, index) => ({ id: first + index, queue, payload, delivery: 0, held_until: 0 }));
  for (const batch of inBatches(rows)) await trx.insertInto("tasks").values(batch).execute();
  return rows.map(({ id }) => String(id));
}

interface Claim extends ClaimOptions {
  readonly queue: string;
  readonly worker: string;
  readonly now: number;
}

async function claim(trx: Transaction<Tables>, { queue, worker, now, limit, leaseMs }: Claim): Promise<ClaimedTask[]> {
  const rows = await trx
    .updateTable("tasks")
    .set((eb) => ({ delivery: eb("delivery", "+", 1), held_until: now + leaseMs, worker }))
    .where("id", "in", (eb) =>
      eb
        .selectFrom("tasks")
        .select("id")
        .where("queue", "=", queue)
        .where("held_until", "<=", now)
        .orderBy("id")
        .limit(limit),
    )
    .returning(["queue", "id", "payload", "delivery"])
    .execute();
  return rows
    .sort((a, b) => a.id - b.id)
    .map(({ id, payload, ...task }) => ({ ...task, id: String(id), payload: JSON.parse(payload) as Json }));
}

/** The row's number; what no queue ever gave out as an id belongs to no row. */
function keyOf({ id }: ClaimedTask): number {
  return /^[1-9]\d{0,15}$/.test(id) ? Number(id) : 0;
}
