import { canonicalJson, describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { parseSpace, validateConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import type { BestTrial, Goal, Outcome, SearchOptions, Trial } from "./sampler.ts";

/** All that a search knows: its space and its trials in the order of their issue. */
export interface SearchState {
  readonly space: Space;
  readonly goal: Goal;
  readonly trials: readonly TrialRecord[];
}

export interface TrialRecord extends Trial {
  /** Absent while the trial is out. */
  readonly outcome?: TrialOutcome;
}

export type TrialOutcome =
  | { readonly score: number; readonly cost?: number }
  | { readonly failed: true; readonly cost?: number };

/** A search without trials. Throws `UsageError` for a space without variables. */
export function startSearch(space: Space, { goal = "maximize" }: SearchOptions = {}): SearchState {
  if (space.variables.length === 0)
    throw new UsageError("search: expected a space with at least one variable, got an empty one");
  if (goal !== "maximize" && goal !== "minimize")
    throw new UsageError(`search.goal: expected maximize or minimize, got ${describe(goal)}`);
  return { space, goal, trials: [] };
}

/** The state with these trials out. */
export function issueTrials(state: SearchState, trials: readonly Trial[]): SearchState {
  const known = new Set(state.trials.map(({ id }) => id));
  for (const { id, configuration } of trials) {
    if (typeof id !== "string" || id === "")
      throw new UsageError(`search.issue: expected an id that is not empty, got ${describe(id)}`);
    if (known.has(id)) throw new UsageError(`search.issue: expected a new trial, got ${id}, which was issued before`);
    known.add(id);
    checkConfiguration(`search.issue, trial ${id}`, state.space, configuration);
  }
  return { ...state, trials: [...state.trials, ...trials.map(({ id, configuration }) => ({ id, configuration }))] };
}

/** The state with what a trial came to. */
export function tellOutcome(state: SearchState, told: Outcome): SearchState {
  const { id, ...outcome } = told;
  const place = state.trials.findIndex((trial) => trial.id === id);
  const trial = state.trials[place];
  if (trial === undefined)
    throw new UsageError(`search.tell: expected an issued trial, got ${describe(id)}, which never was`);
  if (trial.outcome !== undefined)
    throw new UsageError(`search.tell: expected a trial that is out, got ${id}, which has finished`);
  checkOutcome(`search.tell, trial ${id}`, outcome);
  return { ...state, trials: state.trials.with(place, { ...trial, outcome }) };
}

/**
 * A stored state, checked. Throws `UsageError` for what is none and for a state from another space than the one given.
 */
export function readSearchState(stored: unknown, space: Space): SearchState {
  if (!isPlainObject(stored) || !isPlainObject(stored["space"]) || !Array.isArray(stored["trials"]))
    throw new UsageError(`search state: expected { space, goal, trials: […] }, got ${describe(stored)}`);
  if (canonicalJson(parseSpace(stored["space"]) as unknown as Json) !== canonicalJson(space as unknown as Json))
    throw new UsageError("search state: expected one of this space, got one from another space");
  let state = startSearch(space, { goal: stored["goal"] as Goal });
  const records = stored["trials"].map((trial: unknown, place) => {
    if (isPlainObject(trial)) return trial as unknown as TrialRecord;
    throw new UsageError(`search state.trials[${place}]: expected { id, configuration }, got ${describe(trial)}`);
  });
  state = issueTrials(state, records);
  for (const { id, outcome } of records) if (outcome !== undefined) checkOutcome(`search state, trial ${id}`, outcome);
  return { ...state, trials: records };
}

/** The best configuration told so far; see `Sampler.best`. */
export function bestTrial({ trials, goal }: SearchState): BestTrial | undefined {
  const byConfiguration = new Map<string, { first: TrialRecord; sum: number; measurements: number }>();
  for (const trial of trials) {
    const score = scoreOfTrial(trial);
    if (score === undefined) continue;
    const key = keyOf(trial.configuration);
    const seen = byConfiguration.get(key);
    if (seen === undefined) byConfiguration.set(key, { first: trial, sum: score, measurements: 1 });
    else byConfiguration.set(key, { ...seen, sum: seen.sum + score, measurements: seen.measurements + 1 });
  }
  let best: BestTrial | undefined;
  for (const { first, sum, measurements } of byConfiguration.values()) {
    const score = sum / measurements;
    const isBetter = best === undefined || (goal === "maximize" ? score > best.score : score < best.score);
    if (isBetter) best = { id: first.id, configuration: first.configuration, score, measurements };
  }
  return best;
}

/** The score of a trial; `undefined` while it is out and when it failed. */
export function scoreOfTrial({ outcome }: TrialRecord): number | undefined {
  return outcome !== undefined && "score" in outcome ? outcome.score : undefined;
}

/** The finished trials, the best first and the failed ones last; equal ones in the order of their issue. */
export function rankedTrials({ trials, goal }: SearchState): TrialRecord[] {
  const sign = goal === "maximize" ? -1 : 1;
  const finished = trials.filter(({ outcome }) => outcome !== undefined);
  const worths = Float64Array.from(finished, (trial) => sign * (scoreOfTrial(trial) ?? sign * Infinity));
  const order = Uint32Array.from(finished.keys());
  // The difference of two failed ones is no number: like equal ones they stand in the order of their issue.
  order.sort((a, b) => (worths[a] as number) - (worths[b] as number) || a - b);
  return Array.from(order, (at) => finished[at] as TrialRecord);
}

/** What makes two configurations the same. */
export function keyOf(configuration: Configuration): string {
  const known = keys.get(configuration);
  if (known !== undefined) return known;
  const key = canonicalJson(configuration);
  keys.set(configuration, key);
  return key;
}

/** Every ask looks at the configurations of all trials; they never change. */
const keys = new WeakMap<Configuration, string>();

function checkConfiguration(where: string, space: Space, configuration: unknown): void {
  const validation = validateConfiguration(space, configuration);
  if (validation.ok) return;
  const issues = validation.issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`);
  throw new UsageError(`${where}: expected a configuration of this search's space`, issues);
}

function checkOutcome(where: string, outcome: Record<string, unknown> | TrialOutcome): void {
  const { score, failed, cost } = outcome as Record<string, unknown>;
  if ((score === undefined) === (failed === undefined))
    throw new UsageError(`${where}: expected either a score or failed: true, got ${describe(outcome)}`);
  if (failed !== undefined && failed !== true)
    throw new UsageError(`${where}.failed: expected true, got ${describe(failed)}`);
  if (score !== undefined && !Number.isFinite(score))
    throw new UsageError(`${where}.score: expected a finite number, got ${describe(score)}`);
  if (cost !== undefined && !(Number.isFinite(cost) && Number(cost) >= 0))
    throw new UsageError(`${where}.cost: expected a finite number of at least 0, got ${describe(cost)}`);
}
