/** What may be asked of a model at once and in a minute; an absent limit is none. */
export interface RateLimits {
  /** Calls in flight. */
  readonly concurrency?: number | undefined;
  readonly callsPerMinute?: number | undefined;
  /** Input and output tokens together. */
  readonly tokensPerMinute?: number | undefined;
}

/** A call that was let through, with what it is taken to cost until its usage tells. */
interface StartedCall {
  readonly at: number;
  readonly tokens: number;
}

export const minuteMs = 60_000;

export interface RateState {
  /** Calls in flight. */
  readonly running: number;
  /** The calls that started within the last minute, oldest first. */
  readonly recent: readonly StartedCall[];
  /** The sum of their tokens. */
  readonly held: number;
  readonly now: number;
}

/**
 * How long a call of so many tokens must wait: 0 may start, Infinity waits for a call in flight to end. Counted are the
 * calls that started within the last minute, so that no minute, wherever it begins, sees more than the limits. A call
 * that is bigger than the limit of tokens waits for an empty minute: it would never start otherwise.
 */
export function waitBeforeCall(limits: RateLimits, tokens: number, { running, recent, held, now }: RateState): number {
  const { concurrency = Infinity, callsPerMinute = Infinity, tokensPerMinute = Infinity } = limits;
  if (running >= concurrency) return Infinity;
  const place = recent.length - callsPerMinute;
  const untilCalls = place < 0 ? 0 : leavesIn(recent[place], now);
  let rest = held;
  let untilTokens = 0;
  for (let index = 0; rest > 0 && rest + tokens > tokensPerMinute && index < recent.length; index++) {
    rest -= recent[index]?.tokens ?? 0;
    untilTokens = leavesIn(recent[index], now);
  }
  return Math.max(untilCalls, untilTokens);
}

function leavesIn(call: StartedCall | undefined, now: number): number {
  return call === undefined ? 0 : call.at + minuteMs - now;
}
