import { seededRng, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import { mean } from "#programs";
import type { Configuration, Demo } from "#variables";
import type { Success } from "../../proposing/demo-set.ts";
import { measured } from "../../score-board.ts";
import type { Measured } from "../../score-board.ts";
import type { CompleteResult, ExampleResult, Task } from "../../teleprompter.ts";
import type { MiproPlan } from "./mipro-plan.ts";

export interface MiproState {
  readonly task: Task;
  /** Where all chance comes from; empty until the baseline is issued. */
  readonly seed: string;
  /**
   * Making demonstrations and a summary; first proposals; then for each round its trials, the full measurement of the best,
   * and further proposals.
   */
  readonly phase: "teach" | "propose" | "search" | "measure" | "refresh" | "done";
  /** From 0. */
  readonly round: number;
  /** What was issued and told of the present phase. */
  readonly issued: readonly string[];
  readonly told: readonly string[];
  readonly baseline: Measured | undefined;
  /** What came of the training examples that were run last. */
  readonly lessons: readonly ExampleResult[];
  readonly successes: readonly Success[];
  readonly summary: string;
  /** The present phase's replies, by the ids of their calls. */
  readonly replies: Readonly<Record<string, CompleteResult>>;
  /** The texts to choose from, by variable; the baseline's own first. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** The sets of demonstrations to choose from, by variable; the baseline's own first. */
  readonly demoSets: Readonly<Record<string, readonly (readonly Demo[])[]>>;
  readonly trials: readonly Trial[];
  /** The trials that are measured on all examples in the present phase. */
  readonly measuring: readonly string[];
  /** How often in a row proposals came to nothing. */
  readonly barren: number;
  /** Whether there is no further combination to try. */
  readonly isExhausted: boolean;
}

/** A combination that is tried. */
export interface Trial {
  readonly id: string;
  readonly purpose: string;
  readonly round: number;
  /** With the place of its set for each demos variable. */
  readonly choice: Configuration;
  readonly scores: Readonly<Record<number, number>>;
  /** Whether it was told, and whether of all examples. */
  readonly isTold: boolean;
  readonly isFull: boolean;
}

export function startState(task: Task): MiproState {
  return {
    task,
    seed: "",
    phase: "teach",
    round: 0,
    issued: [],
    told: [],
    baseline: undefined,
    lessons: [],
    successes: [],
    summary: "",
    replies: {},
    texts: {},
    demoSets: {},
    trials: [],
    measuring: [],
    barren: 0,
    isExhausted: false,
  };
}

export function chanceOf({ seed }: Pick<MiproState, "seed">): Rng {
  return seededRng(seed);
}

/** The validation examples in the one order in which all rounds go through them. */
export function examplesOf(state: MiproState, { validation }: MiproPlan): readonly number[] {
  return shuffle(chanceOf(state).fork("examples"), state.task.validation.keys().toArray()).slice(0, validation);
}

/** The examples of a round's trials: the next of that order, from its beginning again when it has ended. */
export function minibatchOf(state: MiproState, plan: MiproPlan, round: number): readonly number[] {
  const all = examplesOf(state, plan);
  return Array.from({ length: plan.minibatch }, (_, at) => all[(round * plan.minibatch + at) % all.length] as number);
}

/** The mean of the scores; `undefined` where none counted. */
export function meanOf(measured: Pick<Measured, "scores"> | undefined): number | undefined {
  const scores = Object.values(measured?.scores ?? {});
  return scores.length === 0 ? undefined : mean(scores);
}

/** Whether no further trials come. */
export function isLastRound({ trials, isExhausted }: MiproState, plan: MiproPlan): boolean {
  return isExhausted || trials.length >= plan.trials;
}

/** The trial with further results. */
export function withResults(trial: Trial, results: readonly ExampleResult[]): Trial {
  const work = {
    kind: "evaluate",
    id: trial.id,
    purpose: "",
    configuration: {},
    split: "validation",
    examples: [],
  } as const;
  return { ...trial, isTold: true, scores: { ...trial.scores, ...measured(work, results).scores } };
}
