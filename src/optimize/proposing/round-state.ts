import { canonicalJson, seededRng } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import type { Configuration } from "#variables";
import { meanScore } from "../score-board.ts";
import type { Measured } from "../score-board.ts";
import type { CompleteResult, ExampleResult, Task } from "../teleprompter.ts";

export interface RoundCandidate {
  readonly configuration: Configuration;
  readonly purpose: string;
  /** What its maker wants to know of it again. */
  readonly note?: JsonObject;
}

export interface RoundState {
  readonly task: Task;
  /** Where all chance comes from; empty until the baseline is issued. */
  readonly seed: string;
  /** From 0. */
  readonly round: number;
  readonly phase: "learn" | "propose" | "compare";
  /** What was issued and told of the present phase. */
  readonly issued: readonly string[];
  readonly told: readonly string[];
  readonly baseline: Measured | undefined;
  /** What came of this round's training examples. */
  readonly lessons: readonly ExampleResult[];
  /** This round's replies, by the ids of their calls. */
  readonly replies: Readonly<Record<string, CompleteResult>>;
  readonly entrants: readonly Entrant[];
  /** How many rounds in a row had no candidate. */
  readonly barren: number;
}

/** A candidate on its way up the rungs. */
export interface Entrant extends Measured {
  readonly round: number;
  /** The rung that it is on, from 0. */
  readonly rung: number;
  /** Whether it was measured on all examples. */
  readonly isFull: boolean;
  readonly note?: JsonObject;
}

/** The chance of a search that has begun. */
export function chanceOf({ seed }: Pick<RoundState, "seed">): Rng {
  return seededRng(seed);
}

/** How much a prompt is shown: half after each round that came to nothing, for its prompts may have been too long. */
export function shownShare({ barren }: Pick<RoundState, "barren">): number {
  return 0.5 ** barren;
}

/** The best configuration so far: the baseline as long as nothing is known to be better. */
export function leaderOf(state: RoundState): Pick<Entrant, "configuration" | "note"> {
  return winner(state) ?? { configuration: state.task.baseline };
}

/** Whether an entrant was left behind. */
export function isOut({ round, rung }: Entrant, { entrants }: RoundState): boolean {
  return rung < Math.max(...entrants.filter((each) => each.round === round).map((each) => each.rung));
}

/** The best of what was measured on all examples and is better than the baseline. */
export function winner({ baseline, entrants }: RoundState): Entrant | undefined {
  let best: Entrant | undefined;
  let [most, length] = [(baseline && meanScore(baseline)) ?? -Infinity, 0];
  for (const entrant of entrants) {
    const score = entrant.isFull ? meanScore(entrant) : undefined;
    if (score === undefined) continue;
    const own = canonicalJson(entrant.configuration).length;
    if (score < most || (score === most && own >= length)) continue;
    [best, most, length] = [entrant, score, own];
  }
  return best;
}
