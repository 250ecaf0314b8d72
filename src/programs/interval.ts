import { seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";

/** A 95 % interval. */
export type Interval = readonly [low: number, high: number];

const resamples = 1000;

/**
 * The 95 % percentile bootstrap interval of the mean (Efron & Tibshirani 1993, §13.3; 1,000 resamples, a fixed seed:
 * the same values give the same interval).
 */
export function meanInterval(values: readonly number[]): Interval {
  if (values.length === 0) throw new UsageError("meanInterval: expected at least one value, got none");
  const rng = seededRng("mean interval");
  const drawn = Float64Array.from(values);
  const means = Float64Array.from({ length: resamples }, () => resampledMean(drawn, rng));
  means.sort();
  return [means[Math.floor(resamples * 0.025)] as number, means[Math.ceil(resamples * 0.975) - 1] as number];
}

/**
 * The mean of as many values drawn with replacement. What is left of a random number after one index is a random
 * number again with fewer bits: 33 of its 53 bits make indices, so that none is favoured by more than one in a million.
 */
function resampledMean(values: Float64Array, rng: Rng): number {
  const size = values.length;
  const indicesPerNumber = Math.max(1, Math.floor(33 / Math.max(1, Math.log2(size))));
  let sum = 0;
  for (let drawn = 0; drawn < size;) {
    let rest = rng.next();
    for (let left = indicesPerNumber; left > 0 && drawn < size; left--, drawn++) {
      rest *= size;
      const index = Math.floor(rest);
      rest -= index;
      sum += values[index] as number;
    }
  }
  return sum / size;
}

/** The interval of the mean difference `after − before` of values measured on the same examples, in the same order. */
export function pairedInterval(before: readonly number[], after: readonly number[]): Interval {
  if (before.length !== after.length)
    throw new UsageError(`pairedInterval: expected lists of one length, got ${before.length} and ${after.length}`);
  return meanInterval(after.map((value, index) => value - (before[index] as number)));
}

/** The arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
