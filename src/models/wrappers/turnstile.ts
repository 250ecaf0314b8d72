import type { Clock } from "#foundation";
import { minuteMs, waitBeforeCall } from "./rate-decision.ts";
import type { RateLimits } from "./rate-decision.ts";

/** Ends a call; the tokens, where they are known, take the place of the estimate. */
export type Leave = (tokens?: number) => void;

/** A started call whose tokens may still be settled; once it is past, nobody counts them. */
interface SettledCall {
  readonly at: number;
  tokens: number;
  isPast: boolean;
}

interface Waiting {
  readonly tokens: number;
  readonly enter: () => void;
}

/** Lets calls through as the limits allow, strictly in the order in which they came. */
export class Turnstile {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  /** Those of the last minute, oldest first. */
  readonly #started: SettledCall[] = [];
  /** The sum of their tokens. */
  #held = 0;
  #running = 0;
  #closedUntil = 0;
  #timer: AbortController | undefined;

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when it is the call's turn, with what must be called when the call has ended. An abort leaves the queue. */
  enter(tokens: number, signal: AbortSignal | undefined): Promise<Leave> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const waiting: Waiting = {
        tokens,
        enter: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(this.#start(tokens));
        },
      };
      const onAbort = (): void => {
        const place = this.#queue.indexOf(waiting);
        if (place >= 0) this.#queue.splice(place, 1);
        reject(signal?.reason);
        this.#advance();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.push(waiting);
      this.#advance();
    });
  }

  /** Lets nobody in for so long: the provider asked for it. */
  close(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.now() + ms);
  }

  #start(tokens: number): Leave {
    const call: SettledCall = { at: this.#clock.now(), tokens, isPast: false };
    this.#running++;
    if (this.#limits.callsPerMinute !== undefined || this.#limits.tokensPerMinute !== undefined) {
      this.#started.push(call);
      this.#held += tokens;
    } else call.isPast = true;
    let hasLeft = false;
    return (used = call.tokens) => {
      if (hasLeft) return;
      hasLeft = true;
      this.#running--;
      if (!call.isPast) this.#held += used - call.tokens;
      call.tokens = used;
      this.#advance();
    };
  }

  /** Lets in whoever may come, and sets the timer for the next. */
  #advance(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    const now = this.#clock.now();
    this.#forget(now - minuteMs);
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const state = { running: this.#running, recent: this.#started, held: this.#held, now };
      const waitMs = Math.max(waitBeforeCall(this.#limits, head.tokens, state), this.#closedUntil - now);
      if (waitMs > 0) return this.#advanceIn(waitMs);
      this.#queue.shift();
      head.enter();
    }
  }

  /** Calls that started by then count no more. */
  #forget(until: number): void {
    let past = 0;
    for (const call of this.#started) {
      if (call.at > until) break;
      past++;
      call.isPast = true;
      this.#held -= call.tokens;
    }
    if (past > 0) this.#started.splice(0, past);
    // Sums and differences of fractions leave dust; with no call there is none.
    if (this.#started.length === 0) this.#held = 0;
  }

  #advanceIn(ms: number): void {
    // Whoever ends a call calls again.
    if (ms === Infinity) return;
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(ms, { signal: timer.signal }).then(
      () => this.#advance(),
      () => {},
    );
  }
}
