import type { Clock } from "#foundation";
import { boundedMap } from "./bounded-map.ts";
import { rateLimited } from "./openai-error.ts";
import type { Refusal } from "./openai-error.ts";

/** How much a run may ask within any minute. */
export interface Rates {
  readonly callsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

export interface RateLimit {
  /** Counts a call, or says when to come back. */
  admit(run: string): Refusal | undefined;
  /** Counts what a call cost, when it is known. */
  spend(run: string, tokens: number): void;
}

const windowMs = 60_000;
const maxRuns = 10_000;

interface Spent {
  readonly at: number;
  readonly calls: number;
  readonly tokens: number;
}

/** A sliding minute for each run; of more than 10,000 runs the one longest unheard of is forgotten. */
export function rateLimit({ callsPerMinute = Infinity, tokensPerMinute = Infinity }: Rates, clock: Clock): RateLimit {
  const recent = boundedMap<{ spent: Spent[] }>(maxRuns, () => true);
  if (callsPerMinute === Infinity && tokensPerMinute === Infinity) return { admit: () => undefined, spend: () => {} };
  const within = (run: string): Spent[] => {
    const one = recent.get(run, () => ({ spent: [] }));
    one.spent = one.spent.filter(({ at }) => at > clock.now() - windowMs);
    return one.spent;
  };
  return {
    admit(run) {
      const kept = within(run);
      const total = (of: "calls" | "tokens"): number => kept.reduce((sum, one) => sum + one[of], 0);
      const over =
        total("calls") >= callsPerMinute ? "calls" : total("tokens") >= tokensPerMinute ? "tokens" : undefined;
      if (over !== undefined) {
        const limit = over === "calls" ? callsPerMinute : tokensPerMinute;
        const oldest = kept.find((one) => one[over] > 0)?.at ?? clock.now();
        return rateLimited(`run ${run} may use ${limit} ${over} a minute`, oldest + windowMs - clock.now());
      }
      kept.push({ at: clock.now(), calls: 1, tokens: 0 });
      return undefined;
    },
    spend: (run, tokens) => void within(run).push({ at: clock.now(), calls: 0, tokens }),
  };
}
