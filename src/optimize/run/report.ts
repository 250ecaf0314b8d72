import { canonicalJson, present } from "#foundation";
import { addUsage, mean, meanInterval, noUsage, pairedInterval } from "#programs";
import type { Interval, Usage } from "#programs";
import type { Configuration } from "#variables";
import type { Spend } from "./account/budget.ts";
import { worthsOf } from "./account/cost-weight.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import { mergedCandidates } from "./merged-candidates.ts";
import { incumbentOf, spend } from "./run-decision.ts";
import type { RunPlan } from "./run-decision.ts";
import type { Candidate, Failures, RunState } from "./run-state.ts";
import { measured } from "../score-board.ts";
import type { ExampleResult } from "../teleprompter.ts";
import { keyOf } from "../configuration-key.ts";

/** What a run found and how sure it is. Plain data. */
export interface Report {
  readonly status: RunState["status"];
  /** Why the run ended. */
  readonly reason: string;
  /** The configuration to use: the winner where its gain is significant, else the baseline. */
  readonly configuration: Configuration;
  /** The interval of the gain lies above 0, on six examples or more: the gain in score less cost, where costs are weighed. */
  readonly significant: boolean;
  /** What a unit of cost counts against the score; absent where the winner was chosen and judged by its score alone. */
  readonly costWeight?: CostWeight;
  /** On which examples significance was judged: held-out ones, or validation ones where none were held out. */
  readonly judgedOn: "test" | "validation";
  /** Baseline and best candidate on the validation examples, which the choice was made on: flattering. */
  readonly validation: Comparison | undefined;
  /** The same two on examples that nothing was chosen on: the honest figures. */
  readonly heldOut: Comparison | undefined;
  /** Every configuration that was measured, best first; those given up early, on few examples, after all others. */
  readonly candidates: readonly CandidateReport[];
  /** What examples failed with and how often, the most frequent first, at most five: metrics that throw stand here. */
  readonly failures?: readonly Failures[];
  readonly spend: Spend;
}

export interface Comparison {
  readonly examples: number;
  readonly baseline: Measurement;
  readonly winner: Measurement;
  readonly gain: Gain;
  /** The same in score less weighed cost, by which winners are chosen and judged where the run has a cost weight. */
  readonly weighted?: { readonly baseline: number; readonly winner: number; readonly gain: Gain };
}

/** Mean of winner − baseline on the same examples with its 95 % paired bootstrap interval. */
export interface Gain {
  readonly mean: number;
  readonly interval: Interval;
}

export interface Measurement {
  readonly score: number;
  readonly interval: Interval;
  readonly usage: Usage;
  /** Means of the metric's further goals, over the held-out examples that have them; absent where none has. */
  readonly objectives?: Readonly<Record<string, number>>;
}

/** A configuration with all that was measured of it, in one work item or in several on other examples. */
export interface CandidateReport {
  /** The first work that measured it, and why. */
  readonly work: string;
  readonly purpose: string;
  readonly configuration: Configuration;
  /** Null when nothing counted. */
  readonly score: number | null;
  /** The score less what an example cost, where the run weighs costs. */
  readonly weighted?: number;
  readonly examples: number;
  readonly usage: Usage;
}

/** With fewer examples a bootstrap interval is narrower than the truth: one example would always be significant. */
export const leastExamples = 6;

export function reportOf(plan: RunPlan, state: RunState): Report {
  const incumbent = incumbentOf(plan, state)?.configuration ?? plan.baseline;
  const candidates = mergedCandidates(state.candidates);
  const validation = validationComparison(plan, candidates, incumbent);
  const heldOut = heldOutComparison(plan, state, incumbent);
  const judge = plan.testSize > 0 ? heldOut : validation;
  const gain = judge?.weighted?.gain ?? judge?.gain;
  const significant = judge !== undefined && judge.examples >= leastExamples && (gain?.interval[0] ?? 0) > 0;
  return {
    status: state.status,
    reason: state.reason ?? "",
    configuration: significant ? incumbent : plan.baseline,
    significant,
    ...present({ costWeight: state.costWeight }),
    judgedOn: plan.testSize > 0 ? "test" : "validation",
    validation,
    heldOut,
    candidates: bestFirst(candidates.map(candidateReport)),
    failures: Object.values(state.failures)
      .toSorted((a, b) => b.count - a.count)
      .slice(0, 5),
    spend: spend(state),
  };
}

function validationComparison(
  { baseline }: RunPlan,
  candidates: readonly Candidate[],
  winner: Configuration,
): Comparison | undefined {
  const find = (configuration: Configuration): Candidate | undefined => {
    const text = keyOf(configuration);
    return candidates.find((candidate) => keyOf(candidate.configuration) === text);
  };
  const [before, after] = [find(baseline), find(winner)];
  return before && after && compare(before, after);
}

function heldOutComparison(plan: RunPlan, state: RunState, winner: Configuration): Comparison | undefined {
  const { heldOut } = state;
  const before = heldOut["held-out-baseline"];
  const isBaseline = canonicalJson(winner) === canonicalJson(plan.baseline);
  // A winner that was not measured, because the budget ended, is not as good as the baseline: nothing is known of it.
  const after = isBaseline ? before : heldOut["held-out-winner"];
  const { costWeight } = state;
  return before && after && compare(scored(before, costWeight), scored(after, costWeight));
}

/** What is known of one side of a comparison. */
interface Side extends Pick<Candidate, "scores" | "usage" | "worths"> {
  readonly objectives?: Readonly<Record<string, number>> | undefined;
}

function scored(results: readonly ExampleResult[], costWeight: CostWeight | undefined): Side {
  const work = { kind: "evaluate", id: "", purpose: "", configuration: {}, split: "test", examples: [] } as const;
  const usage = results.reduce((total, result) => addUsage(total, result.usage), noUsage);
  const { scores } = measured(work, results);
  return { scores, usage, objectives: meanObjectives(results), ...present({ worths: worthsOf(results, costWeight) }) };
}

function meanObjectives(results: readonly ExampleResult[]): Readonly<Record<string, number>> | undefined {
  const told = results.flatMap((result) => Object.entries((result.ok && result.objectives) || {}));
  if (told.length === 0) return undefined;
  const byName = Map.groupBy(told, ([name]) => name);
  return Object.fromEntries([...byName].map(([name, values]) => [name, mean(values.map(([, value]) => value))]));
}

/** Both on the examples that counted for both; nothing to say when there are none. */
function compare(before: Side, after: Side): Comparison | undefined {
  const shared = Object.keys(before.scores)
    .map(Number)
    .filter((index) => after.scores[index] !== undefined);
  if (shared.length === 0) return undefined;
  const of = (scores: Side["scores"]): number[] => shared.map((index) => scores[index] as number);
  const [old, young] = [of(before.scores), of(after.scores)];
  const isWeighed = before.worths !== undefined && after.worths !== undefined;
  return {
    examples: shared.length,
    baseline: measurement(old, before),
    winner: measurement(young, after),
    gain: gainOf(old, young),
    ...(isWeighed ? { weighted: weightedOf(of(before.worths), of(after.worths)) } : {}),
  };
}

function weightedOf(old: readonly number[], young: readonly number[]): Comparison["weighted"] & {} {
  return { baseline: mean(old), winner: mean(young), gain: gainOf(old, young) };
}

function gainOf(old: readonly number[], young: readonly number[]): Gain {
  return { mean: mean(young) - mean(old), interval: pairedInterval(old, young) };
}

function measurement(scores: readonly number[], { usage, objectives }: Side): Measurement {
  return { score: mean(scores), interval: meanInterval(scores), usage, ...present({ objectives }) };
}

function candidateReport({ work, purpose, configuration, scores, worths, usage }: Candidate): CandidateReport {
  const counted = Object.values(scores);
  const score = counted.length === 0 ? null : mean(counted);
  const weighted = worths === undefined || counted.length === 0 ? undefined : mean(Object.values(worths));
  return { work, purpose, configuration, score, ...present({ weighted }), examples: counted.length, usage };
}

/** A mean over less than half of the examples that others were measured on is luck more often than merit. */
function bestFirst(candidates: readonly CandidateReport[]): readonly CandidateReport[] {
  const most = Math.max(0, ...candidates.map(({ examples }) => examples));
  const isPartial = ({ examples }: CandidateReport): number => Number(2 * examples < most);
  const worth = ({ weighted, score }: CandidateReport): number => weighted ?? score ?? -Infinity;
  // Two without a score differ by no number.
  return candidates.toSorted((a, b) => isPartial(a) - isPartial(b) || worth(b) - worth(a) || 0);
}
