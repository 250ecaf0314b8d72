import type { Clock } from "../clock.ts";
import { Fifo } from "./mailbox.ts";

/** Something with messages to process. */
export interface Runnable {
  /** Processes at most `budget` messages and returns how many it did. */
  run(budget: number): number;
  /** Whether there is more to do right now. */
  readonly isReady: boolean;
}

/** Messages in one turn of the event loop, and its milliseconds: then timers and sockets have theirs. */
const messagesPerTurn = 1024;
const msPerTurn = 4;
/** The most messages between two looks at the clock: as many as are lost when they turn out to be long ones. */
const maxStride = 16;

// A quarter of the price of queueMicrotask, which makes an AsyncResource for each.
const soon = Promise.resolve();

/**
 * Runs what is ready, in order, within the microtasks of the turn that made it ready, up to a budget; the rest waits
 * for the next turn. The budget belongs to the turn of the event loop, not to a drain: otherwise every `await` would
 * renew it and two agents that feed each other would stop all timers.
 */
export class RunQueue {
  readonly #clock: Clock;
  readonly #ready = new Fifo<Runnable>();
  #isDraining = false;
  #isTurnCounted = false;
  #left = messagesPerTurn;
  #turnEnds = 0;
  #lookedAt = 0;
  #stride = 1;
  #untilLook = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the runnable into the queue. It must not be in it. */
  add(runnable: Runnable): void {
    this.#ready.push(runnable);
    if (this.#isDraining || this.#left <= 0) return;
    this.#isDraining = true;
    void soon.then(this.#drain);
  }

  readonly #drain = (): void => {
    this.#countTurn();
    try {
      while (this.#left > 0) {
        const runnable = this.#ready.shift();
        if (runnable === undefined) break;
        this.#spend(Math.max(1, runnable.run(Math.min(this.#untilLook, this.#left))));
        if (runnable.isReady) this.#ready.push(runnable);
      }
    } finally {
      this.#isDraining = false;
    }
  };

  /** Looks at the clock after every message while they take time, less often while they do not. */
  #spend(messages: number): void {
    this.#left -= messages;
    this.#untilLook -= messages;
    if (this.#untilLook > 0) return;
    const now = this.#clock.now();
    this.#stride = now > this.#lookedAt ? 1 : Math.min(maxStride, this.#stride * 2);
    this.#untilLook = this.#stride;
    this.#lookedAt = now;
    if (now > this.#turnEnds) this.#left = 0;
  }

  /** The budget is new in every turn: the first drain of a turn sees to it. */
  #countTurn(): void {
    if (this.#isTurnCounted) return;
    this.#isTurnCounted = true;
    this.#lookedAt = this.#clock.now();
    this.#turnEnds = this.#lookedAt + msPerTurn;
    this.#stride = this.#untilLook = 1;
    setImmediate(() => {
      this.#isTurnCounted = false;
      this.#left = messagesPerTurn;
      if (this.#ready.length === 0 || this.#isDraining) return;
      this.#isDraining = true;
      this.#drain();
    });
  }
}
