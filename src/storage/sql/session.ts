import type { Kysely, Transaction } from "kysely";
import type { Clock } from "#foundation";
import { Bell } from "../rules/bell.ts";
import { Lifetime } from "../rules/lifetime.ts";
import type { Durability, SqlEngine } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Tables } from "./tables.ts";

/** What the rooms of one open store share: the way in, the clock, the end and the bell for new changes. */
export class Session {
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly bell: Bell = new Bell();
  readonly #engine: SqlEngine;
  readonly #commits: GroupCommit;

  constructor(engine: SqlEngine, clock: Clock) {
    this.#engine = engine;
    this.clock = clock;
    this.lifetime = new Lifetime(`the store ${engine.place}`);
    this.#commits = new GroupCommit(engine, () => this.bell.ring());
  }

  async read<T>(query: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    this.lifetime.assertOpen();
    try {
      return await this.#engine.read(query);
    } catch (error) {
      // A read on its way while the store was disposed of meets a closed engine.
      throw this.lifetime.signal.aborted ? this.lifetime.closedError(error) : error;
    }
  }

  async write<T>(durability: Durability, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    this.lifetime.assertOpen();
    return this.#commits.write(durability, work);
  }

  announceForeignCommits(signal: AbortSignal): void {
    this.#engine.announceForeignCommits(() => this.bell.ring(), signal);
  }

  /** Refuses new calls, ends every watch, answers the writes that were asked for and closes the engine. */
  close(): Promise<void> {
    return this.lifetime.end(async () => {
      await this.#commits.idle();
      await this.#engine.close();
    });
  }
}
