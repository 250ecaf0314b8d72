/** `half_open` with a probe under way lets nobody else through. */
export type BreakerState =
  | { readonly phase: "closed"; readonly failures: readonly number[] }
  | { readonly phase: "open"; readonly until: number }
  | { readonly phase: "half_open" };

export interface BreakerRules {
  /** So many failures within the window open it. */
  readonly failures: number;
  readonly windowMs: number;
  /** How long it stays open before it lets one call probe. */
  readonly coolMs: number;
}

/** What came of a call: whether the endpoint answered, did not, or nobody waited to see. */
export type CallOutcome = "answered" | "failed" | "abandoned";

export const closedBreaker: BreakerState = { phase: "closed", failures: [] };

/** Whether a call may be made now; if not, in how many milliseconds it is worth asking again. */
export function admission(
  state: BreakerState,
  { coolMs }: BreakerRules,
  now: number,
): { readonly state: BreakerState; readonly retryAfterMs?: number } {
  if (state.phase === "closed") return { state };
  if (state.phase === "half_open") return { state, retryAfterMs: coolMs };
  return now < state.until ? { state, retryAfterMs: state.until - now } : { state: { phase: "half_open" } };
}

/** The state after a call that was let through in `asked`, which may have been another than now: late news is none. */
export function afterCall(
  state: BreakerState,
  outcome: CallOutcome,
  { asked, rules, now }: { readonly asked: BreakerState["phase"]; readonly rules: BreakerRules; readonly now: number },
): BreakerState {
  if (state.phase === "open" || state.phase !== asked) return state;
  if (state.phase === "half_open") {
    if (outcome === "answered") return closedBreaker;
    // Nobody knows yet: the next call probes.
    return { phase: "open", until: outcome === "failed" ? now + rules.coolMs : now };
  }
  if (outcome !== "failed") return state;
  const failures = [...state.failures.filter((at) => at > now - rules.windowMs), now];
  return failures.length >= rules.failures
    ? { phase: "open", until: now + rules.coolMs }
    : { phase: "closed", failures };
}
