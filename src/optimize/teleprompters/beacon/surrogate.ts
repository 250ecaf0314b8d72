import { mean } from "#programs";
import type { Configuration, Space } from "#variables";
import { pairedEstimate, pairedScores } from "../../racing/paired-scores.ts";
import type { Measurement } from "../../search/gp/measurements.ts";
import { modelOf } from "../../search/gp/model.ts";
import type { Model } from "../../search/gp/model.ts";
import { levelOf, variance } from "../mipro/estimates.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import type { BeaconState, Candidate } from "./beacon-state.ts";
import { isFull } from "./beacon-state.ts";
import { baselineChoice } from "./pools.ts";

/** What the model of the scores is made of. */
export interface Evidence {
  readonly told: readonly CandidateMeasurement[];
  readonly pending: readonly Configuration[];
  /** The variance of a measurement on the first rung, where that of all worths is 1. */
  readonly noise: number;
}

export interface CandidateMeasurement extends Measurement {
  /** Absent for the baseline. */
  readonly candidate?: Candidate;
  readonly worth: number;
  /** The standard error of the worth that is due to the examples it was not measured on. */
  readonly error: number;
}

/**
 * What each candidate is worth, paired with how hard its examples are (the mean of all that ran every example), with how
 * sure that is: a measurement on three times the examples counts as three.
 */
export function evidenceOf(state: BeaconState, plan: BeaconPlan, options: Space): Evidence {
  const { baseline, candidates } = state;
  const pending = candidates.filter(({ rungs }) => rungs === 0).map(({ choice }) => choice);
  if (baseline === undefined) return { told: [], pending, noise: 1 };
  const level = levelOf([
    baseline.scores,
    ...candidates.filter((each) => isFull(each, plan)).map((each) => each.scores),
  ]);
  const first = { choice: baselineChoice(state, options), scores: baseline.scores };
  const raw = [first, ...candidates].flatMap((each) => {
    const worth = pairedEstimate(each.scores, level);
    if (worth === undefined) return [];
    const [own, same] = pairedScores(each.scores, level);
    const differences = own.map((score, at) => score - (same[at] as number));
    return [{ each, worth, count: own.length, spread: variance(differences) }];
  });
  const perExample = mean(raw.map(({ spread }) => spread));
  const [unit, all] = [plan.rungs[0] ?? 1, plan.rungs.at(-1) ?? 1];
  const told = raw.map(({ each, worth, count }) => ({
    configuration: each.choice,
    // What differs by rounding alone would be stretched to differences by the model.
    worth: Math.round(worth * 1e9) / 1e9,
    repeats: count / unit,
    error: Math.sqrt((perExample / count) * Math.max(0, 1 - count / all)),
    ...("id" in each ? { candidate: each } : {}),
  }));
  const between = variance(raw.map(({ worth }) => worth));
  return { told, pending, noise: Math.min(1, perExample / unit / Math.max(between, 1e-9)) };
}

/** The Gaussian process of what is known; `undefined` where nothing is. A doubtful one believes less of what is relevant. */
export function surrogateOf(
  options: Space,
  { told, pending, noise }: Evidence,
  isDoubtful: boolean = false,
): Model | undefined {
  const likely = Math.max(1e-6, noise);
  return modelOf(options, { told, pending }, { before: undefined, isAlwaysFitted: true, isDoubtful, noise: likely });
}

/** What was measured, the highest posterior mean first. */
export function rankedEvidence(options: Space, evidence: Evidence): readonly CandidateMeasurement[] {
  const byChoice = new Map(evidence.told.map((each) => [each.configuration, each]));
  const ranked = surrogateOf(options, evidence)?.ranked ?? [];
  return ranked.flatMap(({ configuration }) => byChoice.get(configuration) ?? []);
}
