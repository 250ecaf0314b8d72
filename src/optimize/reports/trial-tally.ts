import { canonicalJson } from "#foundation";
import { addUsage, mean, noUsage, scoreOf } from "#programs";
import type { Usage } from "#programs";
import type { Configuration } from "#variables";
import { spendOf } from "../run/account/budget.ts";
import type { Spend } from "../run/account/budget.ts";
import { worthsOf } from "../run/account/cost-weight.ts";
import type { CostWeight } from "../run/account/cost-weight.ts";
import { isRun } from "../run/run-state.ts";
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
  /** What each validation example that counted cost, by its place, and its score less that where costs are weighed. */
  readonly costs: ByPlace<Usage>;
  readonly worths: ByPlace<number>;
  /** After how many examples a race gave it up, the last time one did; `undefined` where none did. */
  readonly givenUpAfter: number | undefined;
  /** Examples run, those that failed and those run again included, and what they cost. */
  readonly runs: number;
  readonly usage: Usage;
  /** What the run had spent in all when it was first measured on validation. */
  readonly measuredAt: Spend | undefined;
}

type ByPlace<T> = Readonly<Record<string, readonly T[]>>;

type ScoresBySplit = Readonly<Record<"validation" | "train", ByPlace<number>>>;

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
    costs: {},
    worths: {},
    givenUpAfter: undefined,
    runs: 0,
    usage: noUsage,
    measuredAt: undefined,
  };
}

export interface Outcome {
  readonly results: readonly ExampleResult[];
  /** A race has given it up. */
  readonly isStopped: boolean;
  /** Which outcome of the run it is, from 1, and what was spent by then. */
  readonly number: number;
  readonly spent: Spend;
  readonly costWeight: CostWeight | undefined;
}

/** The trial with what came of one more work item. */
export function toldTrial(trial: TrialTally, work: EvaluateWork, outcome: Outcome): TrialTally {
  const { results, isStopped, number, spent, costWeight } = outcome;
  if (work.split === "test") return trial;
  const isValidation = work.split === "validation";
  const before = trial.scores[work.split];
  // What was measured by other work stands there already, unless that work is told later or was given up.
  const news = results.filter((result) => isRun(result) || before[result.index] === undefined);
  const own = merged(before, Object.entries(measured(work, news).scores));
  const goals = isValidation ? news.flatMap((result) => Object.entries((result.ok && result.objectives) || {})) : [];
  const counted = isValidation ? news.filter((result) => scoreOf(result) !== undefined) : [];
  const runs = results.filter(isRun);
  return {
    ...trial,
    toldAs: trial.toldAs ?? number,
    scores: { ...trial.scores, [work.split]: own },
    objectives: merged(trial.objectives, goals),
    costs: merged(trial.costs, counted.map(({ index, usage }) => [String(index), usage] as const)), // prettier-ignore
    worths: merged(trial.worths, Object.entries(worthsOf(counted, costWeight) ?? {})),
    givenUpAfter: isStopped ? results.length : trial.givenUpAfter,
    runs: trial.runs + runs.length,
    usage: runs.reduce((total, { usage }) => addUsage(total, usage), trial.usage),
    measuredAt: trial.measuredAt ?? (isValidation ? spent : undefined),
  };
}

function merged<T>(before: ByPlace<T>, more: readonly (readonly [string, T])[]): ByPlace<T> {
  const all = { ...before };
  for (const [key, value] of more) all[key] = [...(all[key] ?? []), value];
  return all;
}

/** A score for each example: the mean, where it was measured more than once. */
export function exampleScores({ scores }: TrialTally, split: "validation" | "train"): readonly number[] {
  return Object.values(scores[split]).map(mean);
}

/** What a validation example cost in the mean, over those that counted; `undefined` where none did. */
export function exampleCost({ costs }: TrialTally): ExampleCost | undefined {
  const spent = Object.values(costs).map((all) => all.map(spendOf));
  if (spent.length === 0) return undefined;
  const meanOf = (name: keyof ExampleCost): number => mean(spent.map((all) => mean(all.map((each) => each[name]))));
  return { calls: meanOf("calls"), tokens: meanOf("tokens"), usd: meanOf("usd") };
}

/** What one execution of the program costs. */
export type ExampleCost = Pick<Spend, "calls" | "tokens" | "usd">;

export function trialKey(configuration: Configuration): string {
  return canonicalJson(configuration);
}
