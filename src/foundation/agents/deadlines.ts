import type { Clock } from "../clock.ts";
import { DeadlineLine } from "./deadline-line.ts";
import type { Deadline } from "./deadline-line.ts";

export type { Deadline } from "./deadline-line.ts";

/**
 * All deadlines of a runtime on one timer. Entries of one duration stand in a line in the order of their times, so
 * that adding is a push and settling is a flag; a timer for each call would halve the rate of calls.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lines = new Map<number, DeadlineLine>();
  #timer: { readonly at: number; readonly cancel: AbortController } | undefined;
  #idleCheck = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Expires the deadline in `ms` milliseconds. */
  add(ms: number, deadline: Deadline): void {
    const at = this.#clock.now() + ms;
    let line = this.#lines.get(ms);
    if (line === undefined) this.#lines.set(ms, (line = new DeadlineLine()));
    line.push(at, deadline);
    if (this.#timer === undefined || at < this.#timer.at) this.#arm(at);
    this.#checkIdleSoon();
  }

  #arm(at: number): void {
    this.#timer?.cancel.abort();
    const cancel = new AbortController();
    const timer = { at, cancel };
    this.#timer = timer;
    this.#clock.sleep(Math.max(0, at - this.#clock.now()), { signal: cancel.signal }).then(
      () => this.#fire(timer),
      () => {},
    );
  }

  #fire(timer: { readonly at: number }): void {
    if (this.#timer !== timer) return;
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const line of this.#lines.values())
      for (const deadline of line.takeDue(now)) if (!deadline.settled) deadline.expire();
    this.#rearm();
  }

  #rearm(): void {
    const earliest = this.#earliest();
    if (earliest < Infinity) this.#arm(earliest);
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const line of this.#lines.values()) earliest = Math.min(earliest, line.trim());
    return earliest;
  }

  /** A timer nobody waits for must not keep the process alive: looked at once a turn, not once a call. */
  #checkIdleSoon(): void {
    if (this.#idleCheck) return;
    this.#idleCheck = true;
    setImmediate(() => {
      this.#idleCheck = false;
      if (this.#earliest() < Infinity) return;
      this.#timer?.cancel.abort();
      this.#timer = undefined;
    });
  }
}
