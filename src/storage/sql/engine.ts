import type { Kysely, Transaction } from "kysely";
import type { WriteOptions } from "#foundation";
import type { Tables } from "./tables.ts";

export type Durability = NonNullable<WriteOptions["durability"]>;

/** What the rooms ask of a database that speaks SQL. Its errors are already the store's: `StoreError`. */
export interface SqlEngine {
  /** Where the data is, in words for an error message. */
  readonly place: string;
  read<T>(query: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /**
   * Runs the work in a transaction and resolves once it is committed with this durability. Transactions that write
   * follow one another: what one reads, no other changes before its end.
   */
  write<T>(durability: Durability, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Calls `ring` soon after every commit of another process, until the signal aborts. */
  announceForeignCommits(ring: () => void, signal: AbortSignal): void;
  close(): Promise<void>;
}
