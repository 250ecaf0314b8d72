import type { Transaction } from "kysely";
import { takeNumbers } from "./counters.ts";
import type { Tables } from "./tables.ts";

/** Gives a change the next sequence. Writing transactions follow one another: it is the order of the commits. */
export async function recordChange(
  trx: Transaction<Tables>,
  change: Omit<Tables["changes"], "sequence">,
): Promise<void> {
  const sequence = await takeNumbers(trx, "changes", 1);
  await trx
    .insertInto("changes")
    .values({ sequence, ...change })
    .execute();
}
