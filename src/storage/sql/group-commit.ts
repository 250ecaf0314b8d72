import { setImmediate as nextTurn } from "node:timers/promises";
import type { Transaction } from "kysely";
import { StoreError } from "#foundation";
import type { Durability, SqlEngine } from "./engine.ts";
import type { Tables } from "./tables.ts";

type Work<T> = (trx: Transaction<Tables>) => Promise<T>;

interface Job {
  readonly durability: Durability;
  readonly work: Work<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How many writes share a transaction at most: a bound on how long a synchronous engine keeps the event loop. */
const maxGroup = 256;

/**
 * Writes that wait at the same time share one transaction and so one flush to the disk. A write that is refused leaves
 * nothing behind; one that fails makes the whole group run again one by one, so that only it is rejected.
 */
export class GroupCommit {
  readonly #engine: SqlEngine;
  readonly #onCommit: () => void;
  #waiting: Job[] = [];
  #draining: Promise<void> | undefined;

  constructor(engine: SqlEngine, onCommit: () => void) {
    this.#engine = engine;
    this.#onCommit = onCommit;
  }

  write<T>(durability: Durability, work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The answer that comes back through `resolve` is the one that this job's own work gave.
      this.#waiting.push({ durability, work, resolve: resolve as Job["resolve"], reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when every write that was asked for has its answer. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // A turn of the event loop between groups: a caller who writes in a loop must not stop timers and sockets.
      await nextTurn();
      const group = this.#waiting.splice(0, maxGroup);
      await this.#commit(group);
    }
    this.#draining = undefined;
  }

  async #commit(group: readonly Job[]): Promise<void> {
    const durability = group.some((job) => job.durability === "full") ? "full" : "relaxed";
    try {
      const answers = await this.#engine.write(durability, async (trx) => {
        const given: unknown[] = [];
        for (const { work } of group) given.push(await work(trx));
        return given;
      });
      this.#onCommit();
      for (const [index, job] of group.entries()) job.resolve(answers[index]);
    } catch (error) {
      const hopeless = group.length === 1 || (error instanceof StoreError && error.code === "busy");
      if (hopeless) for (const job of group) job.reject(error);
      else for (const job of group) await this.#commit([job]);
    }
  }
}
