import type { Fence, Store } from "#foundation";
import type { RunEvent } from "./run-event.ts";
import { asJson, logOf, takenOver } from "./run-record.ts";

/** Where a run's events go, one after the other: the order in which they are stored is the order they happened in. */
export class RunLog {
  readonly #store: Store;
  readonly #id: string;
  readonly #fence: Fence;
  #length: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store, id: string, fence: Fence, length: number) {
    this.#store = store;
    this.#id = id;
    this.#fence = fence;
    this.#length = length;
  }

  /**
   * Stores the event and then calls `then`, before any later event is stored. Rejects with `taken_over` when another
   * process has taken the run over; the event then did not happen.
   */
  append(event: RunEvent, then: () => void): Promise<void> {
    const appended = this.#last.then(async () => {
      // A paid example is stored relaxed: it survives the process, and losing it with the power costs one call again.
      const durability = event.type === "example" ? "relaxed" : "full";
      const options = { expect: this.#length, fence: this.#fence, durability } as const;
      const answer = await this.#store.logs.append(logOf(this.#id), [asJson(event)], options);
      if (!answer.ok) throw takenOver(this.#id);
      this.#length = answer.revision;
      then();
    });
    this.#last = appended.catch(() => {});
    return appended;
  }
}
