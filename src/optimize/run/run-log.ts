import type { Fence, Store } from "#foundation";
import type { RunEvent } from "./run-event.ts";
import { asJson, logOf, takenOver } from "./run-record.ts";

export interface AppendOptions {
  /** Asked when the event's turn comes; one that is not possible any more is dropped. */
  readonly isPossible: () => boolean;
  /** Called with the event as it was stored, before any later event is. */
  readonly apply: (stored: RunEvent) => void;
}

interface Waiting extends AppendOptions {
  readonly event: RunEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Where a run's events go, one after the other: the order in which they are stored is the order they happened in. */
export class RunLog {
  readonly #store: Store;
  readonly #id: string;
  readonly #fence: Fence;
  #length: number;
  #waiting: Waiting[] = [];
  #isDraining = false;

  constructor(store: Store, id: string, fence: Fence, length: number) {
    this.#store = store;
    this.#id = id;
    this.#fence = fence;
    this.#length = length;
  }

  /**
   * Stores the event. What `apply` gets is what a reader of the log gets: folding one event after the other and folding
   * the log come to the same. Rejects with `taken_over` when another process has taken the run over; the event then did
   * not happen.
   */
  append(event: RunEvent, options: AppendOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, ...options, resolve, reject });
      if (!this.#isDraining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupSize(this.#waiting));
      try {
        await this.#write(group.filter(({ isPossible }) => isPossible()));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isDraining = false;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    // A paid example is stored relaxed: it survives the process, and losing it with the power costs one call again.
    const durability = group[0]?.event.type === "example" ? "relaxed" : "full";
    const options = { expect: this.#length, fence: this.#fence, durability } as const;
    const bodies = group.map(({ event }) => asJson(event));
    const answer = await this.#store.logs.append(logOf(this.#id), bodies, options);
    if (!answer.ok) throw takenOver(this.#id);
    this.#length = answer.revision;
    for (const [index, { apply }] of group.entries()) apply(bodies[index] as unknown as RunEvent);
  }
}

/** Examples that wait together are stored together; whether another event is still possible depends on the one before. */
function groupSize(waiting: readonly Waiting[]): number {
  const other = waiting.findIndex(({ event }) => event.type !== "example");
  return other < 0 ? waiting.length : Math.max(1, other);
}
