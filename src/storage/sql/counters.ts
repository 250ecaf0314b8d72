import type { Transaction } from "kysely";
import type { CounterName, Tables } from "./tables.ts";

/** Takes `count` numbers that nobody had before and returns the first. Who takes one is alone until the commit. */
export async function takeNumbers(trx: Transaction<Tables>, name: CounterName, count: number): Promise<number> {
  const { value } = await trx
    .updateTable("counters")
    .set((eb) => ({ value: eb("value", "+", count) }))
    .where("name", "=", name)
    .returning("value")
    .executeTakeFirstOrThrow();
  return value - count + 1;
}
