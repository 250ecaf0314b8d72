import { systemClock, systemRng } from "#foundation";
import type { Clock, Rng } from "#foundation";
import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import { checkNumbers } from "./check-numbers.ts";
import { wrapped } from "./wrapped.ts";

export interface RetryOptions {
  /** How often a call is made at the most, the first time included; 4 unless told. */
  readonly maxAttempts?: number;
  /** The upper bound of the first pause; it doubles with every failure. 500 unless told. */
  readonly baseMs?: number;
  /** The longest pause, whatever the provider says; 30,000 unless told. */
  readonly maxMs?: number;
  readonly clock?: Clock;
  readonly rng?: Rng;
}

/**
 * The model, asked again when it failed in a way that another try may mend (`ModelError.retryable`). The pause is
 * uniform between 0 and `baseMs` doubled with every failure ("full jitter": M. Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015), but no shorter than the provider's Retry-After and no longer than `maxMs`. An
 * abort ends it at once, in a pause too. A stream is asked again only while nothing of it was handed on. A reply tells
 * the usage of the try that gave it: the provider charges no answer that it did not give.
 */
export function retrying(model: LanguageModel, options: RetryOptions = {}): LanguageModel {
  const { maxAttempts = 4, baseMs = 500, maxMs = 30_000, clock = systemClock, rng = systemRng() } = options;
  checkNumbers("retrying", { maxAttempts }, { whole: true });
  checkNumbers("retrying", { baseMs, maxMs });

  /** Waits before the next try, or throws what the last one failed with. */
  const pause = async (thrown: unknown, attempt: number, signal: AbortSignal | undefined): Promise<void> => {
    if (signal?.aborted === true) throw signal.reason;
    if (!(thrown instanceof ModelError) || !thrown.retryable || attempt >= maxAttempts) throw thrown;
    const jitter = rng.next() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
    await clock.sleep(Math.min(maxMs, Math.max(jitter, thrown.retryAfterMs ?? 0)), { signal });
  };

  return wrapped(model, {
    async call(ask, call) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await ask(call);
        } catch (thrown) {
          await pause(thrown, attempt, call.signal);
        }
      }
    },
    async *stream(ask, call) {
      for (let attempt = 1; ; attempt++) {
        let isHandedOn = false;
        try {
          for await (const chunk of ask(call)) {
            isHandedOn = true;
            yield chunk;
          }
          return;
        } catch (thrown) {
          if (isHandedOn) throw thrown;
          await pause(thrown, attempt, call.signal);
        }
      }
    },
  });
}
