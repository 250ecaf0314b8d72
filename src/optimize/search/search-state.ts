import { canonicalJson, describe, isPlainObject, present, UsageError } from "#foundation";
import { keyOf } from "../configuration-key.ts";
import type { Json } from "#foundation";
import { parseSpace, validateConfiguration } from "#variables";
import type { Space } from "#variables";
import { checkObjectives, checkObjectiveValues } from "./pareto/objectives.ts";
import type { BestTrial, Goal, Objectives, ObjectiveValues, Outcome, SearchOptions, Trial } from "./sampler.ts";

/** All that a search knows: its space and its trials in the order of their issue. */
export interface SearchState {
  readonly space: Space;
  /** Of the score; says nothing where there are objectives. */
  readonly goal: Goal;
  /** Absent where the search is for one score. */
  readonly objectives?: Objectives;
  readonly trials: readonly TrialRecord[];
}

export interface TrialRecord extends Trial {
  /** Absent while the trial is out. */
  readonly outcome?: TrialOutcome;
}

export type TrialOutcome =
  | { readonly score: number; readonly cost?: number }
  | { readonly objectives: ObjectiveValues; readonly cost?: number }
  | { readonly failed: true; readonly cost?: number };

/** A search without trials. Throws `UsageError` for a space without variables, and for a goal beside objectives. */
export function startSearch(space: Space, { goal, objectives }: SearchOptions = {}): SearchState {
  if (space.variables.length === 0)
    throw new UsageError("search: expected a space with at least one variable, got an empty one");
  if (objectives !== undefined) {
    if (goal !== undefined)
      throw new UsageError(`search: expected a goal or objectives, got both, the goal ${describe(goal)}`);
    checkObjectives("search.objectives", objectives);
    return { space, goal: "maximize", objectives, trials: [] };
  }
  if (goal !== undefined && goal !== "maximize" && goal !== "minimize")
    throw new UsageError(`search.goal: expected maximize or minimize, got ${describe(goal)}`);
  return { space, goal: goal ?? "maximize", trials: [] };
}

/** The state with these trials out. */
export function issueTrials(state: SearchState, trials: readonly Trial[]): SearchState {
  const ids = new Set<string>();
  for (const { id, configuration, note } of trials) {
    if (typeof id !== "string" || id === "")
      throw new UsageError(`search.issue: expected an id that is not empty, got ${describe(id)}`);
    if (ids.has(id)) throw new UsageError(`search.issue: expected a new trial, got ${id} twice`);
    ids.add(id);
    if (note !== undefined && !isPlainObject(note))
      throw new UsageError(`search.issue, trial ${id}.note: expected an object, got ${describe(note)}`);
    checkConfiguration(`search.issue, trial ${id}`, state.space, configuration);
  }
  const taken = state.trials.find(({ id }) => ids.has(id));
  if (taken !== undefined)
    throw new UsageError(`search.issue: expected a new trial, got ${taken.id}, which was issued before`);
  const issued = trials.map(({ id, configuration, note }) => ({ id, configuration, ...present({ note }) }));
  return { ...state, trials: [...state.trials, ...issued] };
}

/** The state with what a trial came to. */
export function tellOutcome(state: SearchState, told: Outcome): SearchState {
  const { id, ...outcome } = told;
  // The newest are told most: a long search looks at few.
  const place = state.trials.findLastIndex((trial) => trial.id === id);
  const trial = state.trials[place];
  if (trial === undefined)
    throw new UsageError(`search.tell: expected an issued trial, got ${describe(id)}, which never was`);
  if (trial.outcome !== undefined)
    throw new UsageError(`search.tell: expected a trial that is out, got ${id}, which has finished`);
  checkOutcome(`search.tell, trial ${id}`, outcome, state.objectives);
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
  const { goal = null, objectives } = stored;
  const options = objectives === undefined ? { goal: goal as Goal } : { objectives: objectives as Objectives };
  let state = startSearch(space, options);
  const records = stored["trials"].map((trial: unknown, place) => {
    if (isPlainObject(trial)) return trial as unknown as TrialRecord;
    throw new UsageError(`search state.trials[${place}]: expected { id, configuration }, got ${describe(trial)}`);
  });
  state = issueTrials(state, records);
  for (const { id, outcome } of records)
    if (outcome !== undefined) checkOutcome(`search state, trial ${id}`, outcome, state.objectives);
  return { ...state, trials: records };
}

/** The best configuration told so far; see `Sampler.best`. */
export function bestTrial(state: SearchState): BestTrial | undefined {
  const { goal, objectives } = state;
  if (objectives !== undefined)
    throw new UsageError(
      `search.best: expected a search for one score, got one with objectives (${Object.keys(objectives).join(", ")}), ` +
        "which has no best but a front: front(state)",
    );
  let best: BestTrial | undefined;
  for (const { trial, values, measurements } of measuredConfigurations(state)) {
    const { score = Number.NaN } = values;
    const isBetter = best === undefined || (goal === "maximize" ? score > best.score : score < best.score);
    if (isBetter) best = { id: trial.id, configuration: trial.configuration, score, measurements };
  }
  return best;
}

/** A configuration with the means of what was measured of it. */
export interface MeasuredConfiguration {
  /** The first trial that measured it. */
  readonly trial: TrialRecord;
  /** By objective; the one of a search without objectives is called `score`. */
  readonly values: ObjectiveValues;
  /** How many outcomes these are the means of. */
  readonly measurements: number;
}

/** Every configuration that was measured, in the order in which the first trial of each was issued. */
export function measuredConfigurations({ trials, objectives }: SearchState): readonly MeasuredConfiguration[] {
  const names = Object.keys(objectives ?? { score: true });
  const told = trials.flatMap((trial) => {
    const values = valuesOfTrial(trial);
    return values === undefined ? [] : [{ trial, values }];
  });
  const groups = Map.groupBy(told, ({ trial }) => keyOf(trial.configuration)).values();
  return Array.from(groups, (group) => {
    const measurements = group.length;
    const told = (name: string): number[] => group.map(({ values }) => values[name] ?? Number.NaN);
    const values = Object.fromEntries(names.map((name) => [name, meanOf(told(name))]));
    return { trial: (group[0] as (typeof group)[number]).trial, values, measurements };
  });
}

/** Finite for any finite numbers. */
export function meanOf(numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (Number.isFinite(sum)) return sum / numbers.length;
  return numbers.reduce((total, number) => total + number / numbers.length, 0);
}

function valuesOfTrial({ outcome }: TrialRecord): ObjectiveValues | undefined {
  const { score, objectives } = (outcome ?? {}) as { readonly score?: number; readonly objectives?: ObjectiveValues };
  return score === undefined ? objectives : { score };
}

/** The score of a trial; `undefined` while it is out, when it failed, and where the search has objectives. */
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

function checkConfiguration(where: string, space: Space, configuration: unknown): void {
  const validation = validateConfiguration(space, configuration);
  if (validation.ok) return;
  const issues = validation.issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`);
  throw new UsageError(`${where}: expected a configuration of this search's space`, issues);
}

function checkOutcome(where: string, outcome: unknown, searched: Objectives | undefined): void {
  if (!isPlainObject(outcome)) throw new UsageError(`${where}: expected an outcome, got ${describe(outcome)}`);
  const { score, objectives, failed, cost } = outcome;
  const measured = searched === undefined ? "a score" : "objectives";
  const told = [score, objectives, failed].filter((part) => part !== undefined);
  if (told.length !== 1 || (failed === undefined && (searched === undefined) !== (score !== undefined)))
    throw new UsageError(`${where}: expected either ${measured} or failed: true, got ${describe(outcome)}`);
  if (failed !== undefined && failed !== true)
    throw new UsageError(`${where}.failed: expected true, got ${describe(failed)}`);
  if (score !== undefined && !Number.isFinite(score))
    throw new UsageError(`${where}.score: expected a finite number, got ${describe(score)}`);
  if (searched !== undefined && objectives !== undefined)
    checkObjectiveValues(`${where}.objectives`, objectives, searched);
  if (cost !== undefined && !(Number.isFinite(cost) && Number(cost) >= 0))
    throw new UsageError(`${where}.cost: expected a finite number of at least 0, got ${describe(cost)}`);
}
