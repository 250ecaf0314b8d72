import type { Budget, Resource } from "./account/budget.ts";
import type { RunState } from "./run-state.ts";
import { runsAhead } from "./pending-work.ts";

/** When a run is likely to end. */
export interface RunEta {
  /** From now, ms; pauses, and the time until somebody takes a run up that was put down, come on top. */
  readonly ms: number;
  /** What ends it: a limit of its budget, the search's own end as it was estimated, or the final comparison. */
  readonly of: Resource | "search" | "comparison";
}

/** What a run has before it. */
export interface RunAhead {
  readonly budget: Budget;
  /** Examples and proposals that the whole run is likely to take, by an estimate made before it began. */
  readonly expectedRuns?: number | undefined;
  /** Held-out examples. */
  readonly testSize: number;
}

/**
 * The time that is left at the pace so far, by whatever comes first. `undefined` where nobody can know: before anything
 * was measured, where neither a limit nor an estimate ends the run, and once it ends anyway.
 */
export function etaOf(ahead: RunAhead, state: RunState, now: number): RunEta | undefined {
  const { status, paid, elapsedMs, isDriven, runningSince } = state;
  if ((status !== "running" && status !== "paused") || paid.examples === 0 || elapsedMs <= 0) return undefined;
  const ends = state.searchEnded
    ? [comparisonEnd(ahead, state)]
    : [...limitEnds(ahead.budget, state), ...searchEnd(ahead, state)];
  const first = ends.reduce<RunEta | undefined>((least, end) => (least && least.ms <= end.ms ? least : end), undefined);
  // Since the log's last event the run has gone on, unless it stands still.
  const since = status === "running" && isDriven ? Math.max(0, now - (runningSince ?? now)) : 0;
  return first && { ms: Math.max(0, Math.round(first.ms - since)), of: first.of };
}

function limitEnds(budget: Budget, state: RunState): RunEta[] {
  const { usage, elapsedMs, evaluations, pending } = state;
  const underWay = pending.filter(({ work }) => work.kind === "evaluate").length;
  const done = {
    evaluations: evaluations - underWay,
    calls: usage.calls,
    tokens: usage.inputTokens + usage.outputTokens,
    usd: usage.usd,
    ms: elapsedMs,
  };
  return (Object.keys(done) as Resource[]).flatMap((of) => {
    const limit = budget[of];
    if (limit === undefined || done[of] <= 0) return [];
    return [{ ms: (elapsedMs * Math.max(0, limit - done[of])) / done[of], of }];
  });
}

/** A search that takes longer than was estimated ends nobody knows when. */
function searchEnd({ expectedRuns = 0 }: RunAhead, { elapsedMs, paid }: RunState): RunEta[] {
  const left = expectedRuns - paid.examples;
  return left > 0 ? [{ ms: (elapsedMs * left) / paid.examples, of: "search" }] : [];
}

/** Winner and baseline on the held-out examples, before anybody knows whether the baseline won. */
function comparisonEnd({ testSize }: RunAhead, { elapsedMs, paid, pending, heldOut }: RunState): RunEta {
  const isBegun = pending.length > 0 || Object.keys(heldOut).length > 0;
  const open = isBegun ? pending.reduce((sum, item) => sum + runsAhead(item), 0) : 2 * testSize;
  return { ms: (elapsedMs * open) / paid.examples, of: "comparison" };
}
