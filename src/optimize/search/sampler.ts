import type { JsonObject, Rng } from "#foundation";
import type { Configuration, Space } from "#variables";

/**
 * A way to search a space for its best configuration, one trial after the other, without doing anything: the caller
 * measures. Pure: the same arguments give the same result, nothing is changed in place, and the state is JSON.
 *
 *     let state = sampler.start(space);
 *     const [trial] = sampler.ask(state, rng, 1);
 *     state = sampler.issue(state, [trial]);
 *     state = sampler.tell(state, { id: trial.id, score: await measure(trial.configuration) });
 *
 * Several trials may be out at once and may be told in any order: the state is the same in the end.
 */
export interface Sampler<State = unknown> {
  /** Snake case, as users and stored searches name it. */
  readonly name: string;
  /** What it was made with; absent ones are told as their defaults. */
  readonly options: JsonObject;
  /**
   * Throws `UsageError` for a space without variables, and for several objectives where the sampler searches one number.
   */
  start(space: Space, options?: SearchOptions): State;
  /**
   * Up to `count` trials that differ from every issued one and from each other; fewer, or none, once the space has no
   * more to offer. Nothing counts as asked before it is issued: asking again asks the same.
   */
  ask(state: State, rng: Rng, count: number): readonly Trial[];
  /**
   * These trials are out now: later asks know of them. Also the caller's own: a configuration that must be tried, or one
   * that was tried before and shall be measured again. Throws `UsageError` for an id that is taken and for a
   * configuration that does not fit the space.
   */
  issue(state: State, trials: readonly Trial[]): State;
  /**
   * What a trial came to. Throws `UsageError` for an unknown or finished trial, for a number that is not finite, and
   * unless there is a score, or where the search has objectives a number for each of them.
   */
  tell(state: State, outcome: Outcome): State;
  /**
   * The best configuration told; the mean of its scores where it was measured more than once. Of equals the first. Of
   * noisy scores the highest is high by luck too: its configuration is likely good, but worth less than it says. Measure
   * the best few again, or search with `auto({ replicate: true })`, before the number is believed. Throws `UsageError` for
   * a search with objectives: it has a front, not a best.
   */
  best(state: State): BestTrial | undefined;
}

/** What is searched for: one score, or several objectives. Both at once is a `UsageError`. */
export interface SearchOptions {
  /** Whether a higher or a lower score is better; `maximize` unless told. */
  readonly goal?: Goal;
  /** In place of the goal: the numbers that every outcome tells. */
  readonly objectives?: Objectives;
}

export type Goal = "maximize" | "minimize";

/** What a configuration is measured by, at least one: `{ accuracy: "maximize", usd: "minimize" }`. */
export type Objectives = Readonly<Record<string, Goal>>;

/** A finite number for each objective. */
export type ObjectiveValues = Readonly<Record<string, number>>;

/** A configuration to measure. */
export interface Trial {
  /** Unique within the search. */
  readonly id: string;
  readonly configuration: Configuration;
  /** What the sampler wants to read again about this trial: why it was asked for. Issue trials as they were asked. */
  readonly note?: JsonObject;
}

/** What a trial came to: a score, or the objectives of the search, or that it failed, which counts as worse than any. */
export type Outcome = ScoredOutcome | MeasuredOutcome | FailedOutcome;

export interface ScoredOutcome {
  readonly id: string;
  readonly score: number;
  /** What the measurement cost, in the caller's unit; kept for the record. */
  readonly cost?: number;
}

export interface MeasuredOutcome {
  readonly id: string;
  /** Exactly the objectives of the search. */
  readonly objectives: ObjectiveValues;
  readonly cost?: number;
}

export interface FailedOutcome {
  readonly id: string;
  readonly failed: true;
  readonly cost?: number;
}

/** A configuration with what was measured of it. */
export interface BestTrial extends Trial {
  /** The mean of its scores. */
  readonly score: number;
  /** How many scores that is the mean of. */
  readonly measurements: number;
}
