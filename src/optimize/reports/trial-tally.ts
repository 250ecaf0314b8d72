import { canonicalJson } from "#foundation";
import { addUsage, mean, noUsage } from "#programs";
import type { Usage } from "#programs";
import type { Configuration } from "#variables";
import type { Spend } from "../run/budget.ts";
import { measured } from "../score-board.ts";
import type { EvaluateWork, ExampleResult } from "../teleprompter.ts";

/** A configuration with all that a log says of it: what it was asked for, made from, measured at. */
export interface TrialTally {
  /** In the order in which configurations were first asked for, from 0. */
  readonly number: number;
  /** The first work for it, and why. */
  readonly work: string;
  readonly purpose: string;
  readonly configuration: Configuration;
  /** Its place in the teleprompter's pool and those of what it was made from, where a note says so. */
  readonly member: number | undefined;
  readonly parents: readonly number[];
  /** How many outcomes were known when it was asked for, and which outcome was the first of its own. */
  readonly knownBefore: number;
  readonly toldAs: number | undefined;
  /** Every score on a validation and on a training example, by its place. */
  readonly scores: ScoresBySplit;
  readonly objectives: Readonly<Record<string, readonly number[]>>;
  /** Examples run, those that failed and those run again included, and what they cost. */
  readonly runs: number;
  readonly usage: Usage;
  /** What the run had spent in all when it was first measured on validation. */
  readonly measuredAt: Spend | undefined;
}

type ScoresBySplit = Readonly<Record<"validation" | "train", Readonly<Record<string, readonly number[]>>>>;

export interface IssuedTrial {
  readonly number: number;
  /** How many outcomes were known. */
  readonly known: number;
}

export function issuedTrial(work: EvaluateWork, { number, known }: IssuedTrial): TrialTally {
  const { member, parents } = work.note ?? {};
  return {
    number,
    work: work.id,
    purpose: work.purpose,
    configuration: work.configuration,
    member: typeof member === "number" ? member : undefined,
    parents: Array.isArray(parents) ? parents.filter((parent) => typeof parent === "number") : [],
    knownBefore: known,
    toldAs: undefined,
    scores: { validation: {}, train: {} },
    objectives: {},
    runs: 0,
    usage: noUsage,
    measuredAt: undefined,
  };
}

export interface Outcome {
  readonly results: readonly ExampleResult[];
  /** Which outcome of the run it is, from 1, and what was spent by then. */
  readonly number: number;
  readonly spent: Spend;
}

/** The trial with what came of one more work item. */
export function toldTrial(trial: TrialTally, work: EvaluateWork, { results, number, spent }: Outcome): TrialTally {
  if (work.split === "test") return trial;
  const isValidation = work.split === "validation";
  const own = merged(trial.scores[work.split], Object.entries(measured(work, results).scores));
  const goals = isValidation ? results.flatMap((result) => Object.entries((result.ok && result.objectives) || {})) : [];
  return {
    ...trial,
    toldAs: trial.toldAs ?? number,
    scores: { ...trial.scores, [work.split]: own },
    objectives: merged(trial.objectives, goals),
    runs: trial.runs + results.length,
    usage: results.reduce((total, { usage }) => addUsage(total, usage), trial.usage),
    measuredAt: trial.measuredAt ?? (isValidation ? spent : undefined),
  };
}

function merged(
  before: Readonly<Record<string, readonly number[]>>,
  more: readonly (readonly [string, number])[],
): Readonly<Record<string, readonly number[]>> {
  const all = { ...before };
  for (const [key, value] of more) all[key] = [...(all[key] ?? []), value];
  return all;
}

/** A score for each example: the mean, where it was measured more than once. */
export function exampleScores({ scores }: TrialTally, split: "validation" | "train"): readonly number[] {
  return Object.values(scores[split]).map(mean);
}

export function trialKey(configuration: Configuration): string {
  return canonicalJson(configuration);
}
