import { describe, UsageError } from "#foundation";

export interface HalvingOptions {
  /** One in so many goes on from each rung, on so many times the examples; 3 unless told. */
  readonly eta?: number;
  /** How many rungs there are, the last one with all examples; 3 unless told. */
  readonly rungs?: number;
  /** Rungs of fewer examples are left out; 8 unless told. */
  readonly minimum?: number;
}

/**
 * How many examples the candidates of a batch have been asked at each rung of successive halving (Karnin et al. 2013,
 * Jamieson & Talwalkar 2016): a ninth, a third, all, with the options' defaults.
 */
export function halvingRungs(
  examples: number,
  { eta = 3, rungs = 3, minimum = 8 }: HalvingOptions = {},
): readonly number[] {
  checkCount("examples", examples, 0);
  checkCount("eta", eta, 2);
  checkCount("rungs", rungs, 1);
  checkCount("minimum", minimum, 1);
  const all = Array.from({ length: rungs }, (_, rung) => Math.ceil(examples / eta ** (rungs - 1 - rung)));
  return all
    .filter((count, rung) => count >= minimum && count < (all[rung + 1] ?? Infinity) && count < examples)
    .concat(examples);
}

/**
 * The places of the candidates that go on from a rung: of the best, one in `eta`, rounded up. Of equal ones those that
 * were issued first; those without a score come last.
 */
export function halvingSurvivors(
  scores: readonly (number | undefined)[],
  { eta = 3 }: Pick<HalvingOptions, "eta"> = {},
): readonly number[] {
  checkCount("eta", eta, 2);
  const stray = scores.findIndex(Number.isNaN);
  if (stray >= 0) throw new UsageError(`halvingSurvivors, score ${stray}: expected a number or none, got NaN`);
  const worth = (place: number): number => scores[place] ?? -Infinity;
  const ranked = [...scores.keys()].toSorted((a, b) => (worth(a) === worth(b) ? a - b : worth(b) - worth(a)));
  return ranked.slice(0, Math.ceil(scores.length / eta)).toSorted((a, b) => a - b);
}

function checkCount(option: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`halving.${option}: expected a whole number of at least ${least}, got ${describe(value)}`);
}
