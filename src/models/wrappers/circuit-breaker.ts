import { systemClock } from "#foundation";
import type { Clock } from "#foundation";
import { ModelError } from "#programs";
import type { LanguageModel, ModelErrorCode } from "#programs";
import { admission, afterCall, closedBreaker } from "./breaker-decision.ts";
import type { BreakerRules, BreakerState, CallOutcome } from "./breaker-decision.ts";
import { checkNumbers } from "./check-numbers.ts";
import { wrapped } from "./wrapped.ts";

export interface BreakerOptions extends Partial<BreakerRules> {
  readonly clock?: Clock;
}

/** A model that is left alone while it is down. */
export interface BreakerModel extends LanguageModel {
  state(): BreakerState["phase"];
}

/** What says that the endpoint is down. With any other failure it has answered. */
const outages: ReadonlySet<ModelErrorCode> = new Set(["unavailable", "timeout", "bad_response", "engine"]);

/**
 * The model, not asked while it is down: after 5 `failures` within `windowMs` (30,000) calls reject at once with
 * `ModelError` "unavailable" that says when to come back. After `coolMs` (15,000) one call probes: its answer closes
 * the breaker, its failure opens it anew. An abort is no failure. A refusal of the request or of too many calls is an
 * answer: the endpoint lives.
 */
export function circuitBreaker(model: LanguageModel, options: BreakerOptions = {}): BreakerModel {
  const { failures = 5, windowMs = 30_000, coolMs = 15_000, clock = systemClock } = options;
  checkNumbers("circuitBreaker", { failures }, { whole: true });
  checkNumbers("circuitBreaker", { windowMs, coolMs });
  const rules = { failures, windowMs, coolMs };
  let state: BreakerState = closedBreaker;

  /** Lets a call through and gives what takes its outcome; throws while open. */
  const admit = (signal: AbortSignal | undefined): ((outcome: CallOutcome) => void) => {
    signal?.throwIfAborted();
    const { state: next, retryAfterMs } = admission(state, rules, clock.now());
    state = next;
    if (retryAfterMs !== undefined) {
      const message = `${model.id}: not asked, for it is down; one call will try it again in ${retryAfterMs} ms`;
      throw new ModelError("unavailable", message, { retryable: true, retryAfterMs });
    }
    const asked = next.phase;
    let isTold = false;
    return (outcome) => {
      if (!isTold) state = afterCall(state, outcome, { asked, rules, now: clock.now() });
      isTold = true;
    };
  };

  const inner = wrapped(model, {
    async call(ask, call) {
      const tell = admit(call.signal);
      try {
        const result = await ask(call);
        tell("answered");
        return result;
      } catch (thrown) {
        tell(outcomeOf(thrown, call.signal));
        throw thrown;
      }
    },
    async *stream(ask, call) {
      const tell = admit(call.signal);
      try {
        for await (const chunk of ask(call)) {
          // Told now: who has the reply reads no further.
          if (chunk.type === "reply") tell("answered");
          yield chunk;
        }
      } catch (thrown) {
        tell(outcomeOf(thrown, call.signal));
        throw thrown;
      } finally {
        // Whoever leaves a stream early has seen nothing of its end.
        tell("abandoned");
      }
    },
  });
  return { ...inner, state: () => state.phase };
}

function outcomeOf(thrown: unknown, signal: AbortSignal | undefined): CallOutcome {
  if (signal?.aborted === true || !(thrown instanceof ModelError)) return "abandoned";
  return outages.has(thrown.code) ? "failed" : "answered";
}
