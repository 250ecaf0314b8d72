import type { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import type { Transaction } from "kysely";
import type { Durability, SqlEngine } from "../sql/engine.ts";
import type { Tables } from "../sql/tables.ts";
import { nodeSqliteDialect } from "./dialect.ts";
import { withPatience } from "./patience.ts";
import type { Patience } from "./patience.ts";

export interface SqliteEngineOptions extends Patience {
  /** How often to look for commits of other processes, ms. */
  readonly pollMs: number;
}

/** One connection to one file. Other connections to the same file may be in this or in other processes. */
export class SqliteEngine implements SqlEngine {
  readonly place: string;
  readonly #database: DatabaseSync;
  readonly #db: Kysely<Tables>;
  readonly #options: SqliteEngineOptions;
  #durability: Durability | undefined;

  constructor(database: DatabaseSync, options: SqliteEngineOptions) {
    this.place = options.place;
    this.#database = database;
    this.#db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
    this.#options = options;
  }

  read<T>(query: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return withPatience(() => query(this.#db), this.#options);
  }

  write<T>(durability: Durability, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return withPatience(async () => {
      this.#flushOn(durability);
      return this.#db.transaction().execute(work);
    }, this.#options);
  }

  announceForeignCommits(ring: () => void, signal: AbortSignal): void {
    void this.#poll(ring, signal);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
    if (this.#database.isOpen) this.#database.close();
  }

  /** In WAL mode, FULL flushes every commit to the disk and NORMAL only the checkpoints. */
  #flushOn(durability: Durability): void {
    if (durability === this.#durability) return;
    this.#database.exec(`pragma synchronous = ${durability === "full" ? "full" : "normal"}`);
    this.#durability = durability;
  }

  async #poll(ring: () => void, signal: AbortSignal): Promise<void> {
    const { clock, pollMs } = this.#options;
    const statement = this.#database.prepare("pragma data_version");
    let seen = statement.get()?.["data_version"];
    while (!signal.aborted) {
      await clock.sleep(pollMs, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const version = statement.get()?.["data_version"];
        if (version === seen) continue;
        seen = version;
      } catch {
        // Whoever is woken reads, and reports what the engine has to say.
      }
      ring();
    }
  }
}
