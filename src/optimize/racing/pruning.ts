import { describe, UsageError } from "#foundation";
import { halvingRungs, halvingSurvivors } from "./halving.ts";
import { pairedEstimate } from "./paired-scores.ts";
import type { Scores } from "./paired-scores.ts";

/** How a search saves examples on candidates that look bad: not at all, each against the incumbent, or in batches. */
export type Prune = "none" | "race" | "halving";

/** When candidates are looked at between two work items, and which go on. */
export interface Pruning {
  /** After how many examples; the last are all of them. */
  looks(examples: number): readonly number[];
  /** How many candidates are judged together at these looks. */
  batchSize(looks: readonly number[]): number;
  /**
   * For each candidate of a batch at one look whether it goes on, from its scores so far and those of the incumbent,
   * which was measured on all examples; `undefined` where nothing could be measured.
   */
  goOn(candidates: readonly Scores[], incumbent: Scores | undefined): readonly boolean[];
}

/** One look, at all examples. */
const whole: Pruning = {
  looks: (examples) => [examples],
  batchSize: () => 1,
  goOn: (candidates) => candidates.map(() => true),
};

const prunings: Readonly<Record<Prune, Pruning>> = {
  none: whole,
  // Whoever runs the examples stops the race: the work says against whom it is.
  race: whole,
  halving: {
    looks: (examples) => halvingRungs(examples),
    batchSize: (looks) => 3 ** (looks.length - 1),
    goOn(candidates, incumbent) {
      const worths = candidates.map((scores) => pairedEstimate(scores, incumbent ?? scores));
      const kept = new Set(halvingSurvivors(worths));
      return candidates.map((_, place) => kept.has(place));
    },
  },
};

/** Throws `UsageError` for one that there is not. */
export function pruningNamed(where: string, prune: unknown): Pruning {
  const found = typeof prune === "string" && Object.hasOwn(prunings, prune) ? prunings[prune as Prune] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(`${where}: expected one of ${Object.keys(prunings).join(", ")}, got ${describe(prune)}`);
}
