import { seededRng, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import { mean } from "#programs";
import type { Configuration, Demo } from "#variables";
import type { Success } from "../../proposing/demo-set.ts";
import type { Scores } from "../../racing/paired-scores.ts";
import type { Measured } from "../../score-board.ts";
import type { CompleteResult, ExampleResult, Task } from "../../teleprompter.ts";
import type { Rule } from "../simba/rules.ts";
import type { BeaconPlan } from "./beacon-plan.ts";

export interface BeaconState {
  readonly task: Task;
  /** Where all chance comes from; empty until the baseline is issued. */
  readonly seed: string;
  /**
   * Making demonstrations and a summary; then for each round proposals, its candidates on few examples, the best of all
   * on more, and the very best on training examples; at last the finalists.
   */
  readonly phase: "teach" | "propose" | "search" | "climb" | "review" | "final" | "done";
  /** From 0. */
  readonly round: number;
  /** To which rung the present climb leads. */
  readonly rung: number;
  /** Who climbs in the present phase. */
  readonly climbing: readonly string[];
  /** What was issued and told of the present phase. */
  readonly issued: readonly string[];
  readonly told: readonly string[];
  readonly baseline: Measured | undefined;
  /** What an example cost the baseline in tokens. */
  readonly baselineCost: number;
  /** What came of the training examples that were run last. */
  readonly lessons: readonly ExampleResult[];
  readonly successes: readonly Success[];
  readonly summary: string;
  /** The present phase's replies, by the ids of their calls. */
  readonly replies: Readonly<Record<string, CompleteResult>>;
  /** The texts to choose from, by variable; the baseline's own first. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** What those that end with rules are made of, by variable and text. */
  readonly ruled: Readonly<Record<string, Readonly<Record<string, RuledText>>>>;
  /** The demonstrations that sets are made of, by variable. */
  readonly members: Readonly<Record<string, readonly Demo[]>>;
  /** The sets to choose from, as places of their members; the baseline's own first. */
  readonly sets: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly candidates: readonly Candidate[];
  /** How often in a row proposals came to nothing. */
  readonly barren: number;
}

/** A text and the rules behind it. */
export type RuledText = {
  /** As configurations have it. */
  readonly base: string;
  readonly rules: readonly Rule[];
};

/** A configuration that is tried. */
export interface Candidate {
  readonly id: string;
  readonly purpose: string;
  readonly round: number;
  /** With a set's places for each demos variable. */
  readonly choice: Configuration;
  readonly scores: Scores;
  /** How many rungs were told of. */
  readonly rungs: number;
  /** What an example cost in tokens; 0 while nothing is known. */
  readonly cost: number;
}

export function startState(task: Task): BeaconState {
  return {
    task,
    seed: "",
    phase: "teach",
    round: 0,
    rung: 0,
    climbing: [],
    issued: [],
    told: [],
    baseline: undefined,
    baselineCost: 0,
    lessons: [],
    successes: [],
    summary: "",
    replies: {},
    texts: {},
    ruled: {},
    members: {},
    sets: {},
    candidates: [],
    barren: 0,
  };
}

export function chanceOf({ seed }: Pick<BeaconState, "seed">): Rng {
  return seededRng(seed);
}

/**
 * The validation examples in the order in which the candidates of a round go through them: all of a round on the same,
 * each round from another place on, so that no few examples decide everything.
 */
export function examplesOf(state: BeaconState, { rungs }: BeaconPlan, round: number): readonly number[] {
  const order = shuffle(chanceOf(state).fork("examples"), state.task.validation.keys().toArray()).slice(
    0,
    rungs.at(-1),
  );
  const from = order.length === 0 ? 0 : (round * (rungs[0] as number)) % order.length;
  return [...order.slice(from), ...order.slice(0, from)];
}

/** The mean of the scores; `undefined` where none counted. */
export function meanOf(scores: Scores | undefined): number | undefined {
  const all = Object.values(scores ?? {});
  return all.length === 0 ? undefined : mean(all);
}

/** Whether it ran all examples. */
export function isFull({ rungs }: Candidate, plan: BeaconPlan): boolean {
  return rungs >= plan.rungs.length;
}

/** The candidate with what its next rungs came to. */
export function withResults(
  candidate: Candidate,
  results: readonly ExampleResult[],
  { scores, rungs }: Pick<Candidate, "scores" | "rungs">,
): Candidate {
  const cost = candidate.cost === 0 ? tokensEach(results) : candidate.cost;
  return { ...candidate, scores: { ...candidate.scores, ...scores }, rungs, cost };
}

/** What an example cost in tokens; 0 where nobody told. */
export function tokensEach(results: readonly ExampleResult[]): number {
  const tokens = results.map(({ usage }) => usage.inputTokens + usage.outputTokens);
  return tokens.length === 0 ? 0 : mean(tokens);
}
