import { present } from "#foundation";
import type { Configuration } from "#variables";
import { mergedCandidates } from "./merged-candidates.ts";
import { spend } from "./run-decision.ts";
import type { RunPlan } from "./run-decision.ts";
import { etaOf } from "./run-eta.ts";
import type { RunProgress } from "./run-record.ts";
import type { Candidate, RunState } from "./run-state.ts";
import { meanScore } from "../score-board.ts";
import { keyOf } from "../configuration-key.ts";

/** What of a run's plan its progress is read by. */
export interface ProgressPlan extends Pick<RunPlan, "teleprompter" | "baseline" | "budget" | "testSize"> {
  readonly expectedRuns?: number | undefined;
}

/** How far a run is that has this state now. */
export function progressOf(plan: ProgressPlan, state: RunState, now: number): RunProgress {
  const { status, reason, search } = state;
  const candidates = mergedCandidates(state.candidates);
  return {
    status,
    candidates: candidates.length,
    spend: spend(state),
    ...present({
      reason,
      baselineScore: baselineScore(plan.baseline, candidates),
      bestScore: plan.teleprompter.incumbent(search)?.score,
      eta: etaOf(plan, state, now),
    }),
  };
}

/** As the best one's: less its cost, where costs are weighed. */
function baselineScore(baseline: Configuration, candidates: readonly Candidate[]): number | undefined {
  const text = keyOf(baseline);
  const measured = candidates.find(({ configuration }) => keyOf(configuration) === text);
  return measured && meanScore({ ...measured, scores: measured.worths ?? measured.scores });
}
