import { systemClock } from "#foundation";
import type { Clock } from "#foundation";
import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import { eachWithin, within } from "../within.ts";
import type { WithinOptions } from "../within.ts";
import { checkNumbers } from "./check-numbers.ts";
import { wrapped } from "./wrapped.ts";

export interface TimeoutOptions {
  /** How long an answer may take, of a stream each piece of it. */
  readonly ms: number;
  readonly clock?: Clock;
}

/**
 * The model, given up when it takes too long: the call rejects with a retryable `ModelError` "timeout" and the model's
 * own signal aborts. Around a retrying model it bounds all tries together, inside of it each one.
 */
export function withTimeout(model: LanguageModel, { ms, clock = systemClock }: TimeoutOptions): LanguageModel {
  checkNumbers("withTimeout", { ms: ms ?? Number.NaN });
  const expired = (): ModelError =>
    new ModelError("timeout", `${model.id}: no answer within ${ms} ms`, { retryable: true });
  const timed = (signal: AbortSignal | undefined): WithinOptions => ({ ms, clock, signal, expired });
  return wrapped(model, {
    call: async (ask, options) => within(async (signal) => ask({ ...options, signal }), timed(options.signal)),
    stream: (ask, options) => eachWithin((signal) => ask({ ...options, signal }), timed(options.signal)),
  });
}
