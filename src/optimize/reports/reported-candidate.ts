import { canonicalJson, present } from "#foundation";
import { mean, meanInterval } from "#programs";
import type { Interval, Usage } from "#programs";
import type { Configuration } from "#variables";
import type { Spend } from "../run/account/budget.ts";
import { leastExamples } from "../run/report.ts";
import type { RunRecord } from "../run/run-record.ts";
import { scoredOf, weightedScore } from "./read-log.ts";
import { parentsOf } from "./trial-parent.ts";
import type { TrialParent } from "./trial-parent.ts";
import { exampleCost, exampleScores } from "./trial-tally.ts";
import type { ExampleCost, TrialTally } from "./trial-tally.ts";
import { changesFrom } from "./variable-change.ts";
import type { VariableChange } from "./variable-change.ts";

/** A configuration that was asked for, with all that was measured of it. */
export interface ReportedCandidate {
  /** In the order in which configurations were first asked for, from 0. */
  readonly number: number;
  readonly work: string;
  readonly purpose: string;
  readonly parents: readonly TrialParent[];
  readonly isBaseline: boolean;
  readonly configuration: Configuration;
  /** What it has otherwise than the baseline. */
  readonly changes: readonly VariableChange[];
  /** The mean on validation examples; null where none counted. */
  readonly score: number | null;
  /** The score less what an example cost, by which the winner is chosen where the run weighs costs. */
  readonly weighted?: number;
  /** What a validation example cost in the mean; null where none counted. */
  readonly cost: ExampleCost | null;
  /** 95 %, bootstrap; null below six examples, where it would be narrower than the truth. */
  readonly interval: Interval | null;
  /** Validation examples that counted. */
  readonly examples: number;
  /** Given up early: measured on less than half of the examples that others were measured on, so that it is no best. */
  readonly isPartial: boolean;
  /** After how many examples a race gave it up, where one did. */
  readonly givenUpAfter?: number;
  /** The mean on training examples, where any was run for it. */
  readonly train: { readonly score: number; readonly examples: number } | null;
  /** Means of the metric's further goals over validation examples, where it has any. */
  readonly objectives?: Readonly<Record<string, number>>;
  /** Everything that was run with it but for the comparison on held-out examples. */
  readonly usage: Usage;
  /** What the run had spent when it was first measured; null while it was not. */
  readonly measuredAt: Spend | null;
}

/** The candidates of a log with what a report tells of each. */
export function reportedCandidates(
  record: Pick<RunRecord, "baseline" | "program" | "space">,
  trials: readonly TrialTally[],
): readonly ReportedCandidate[] {
  const changes = changesFrom(record.baseline, record);
  const parents = parentsOf(trials);
  const own = canonicalJson(record.baseline);
  const scored = trials.map(scoredOf);
  const most = scored.reduce((sum, { examples }) => Math.max(sum, examples), 0);
  return trials.map((trial, at) => {
    const { number, work, purpose, configuration, usage, measuredAt = null } = trial;
    const { score, examples } = scored[at] ?? { score: null, examples: 0 };
    const objectives = Object.entries(trial.objectives).map(([name, values]) => [name, mean(values)] as const);
    return {
      number,
      work,
      purpose,
      parents: parents[at] ?? [],
      isBaseline: canonicalJson(configuration) === own,
      configuration,
      changes: changes(configuration),
      score,
      ...present({ weighted: weightedScore(trial) }),
      cost: exampleCost(trial) ?? null,
      interval: examples < leastExamples ? null : meanInterval(exampleScores(trial, "validation")),
      examples,
      isPartial: 2 * examples < most,
      ...present({ givenUpAfter: trial.givenUpAfter }),
      train: trainOf(trial),
      ...(objectives.length === 0 ? {} : { objectives: Object.fromEntries(objectives) }),
      usage,
      measuredAt,
    };
  });
}

function trainOf(trial: TrialTally): ReportedCandidate["train"] {
  const scores = exampleScores(trial, "train");
  return scores.length === 0 ? null : { score: mean(scores), examples: scores.length };
}
