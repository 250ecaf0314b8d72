import { mean } from "#programs";

/** Scores by the place of their example. */
export type Scores = Readonly<Record<number, number>>;

/** The scores of two on the examples that counted for both, in the order of the examples. */
export function pairedScores(one: Scores, other: Scores): readonly [one: readonly number[], other: readonly number[]] {
  const shared = Object.keys(one)
    .map(Number)
    .filter((place) => other[place] !== undefined);
  return [shared.map((place) => one[place] as number), shared.map((place) => other[place] as number)];
}

/**
 * What the mean over all examples is likely to be of which only some were measured: the mean of a reference that was
 * measured on all, plus the mean difference on the shared ones. How hard the shared examples are falls out of it (a
 * control variate, Glasserman 2004, §4.1, with the coefficient 1). `undefined` where nothing is shared.
 */
export function pairedEstimate(partial: Scores, reference: Scores): number | undefined {
  const [some, same] = pairedScores(partial, reference);
  return some.length === 0 ? undefined : mean(Object.values(reference)) + mean(some) - mean(same);
}
