import { describe, UsageError } from "#foundation";
import { normalShare } from "../search/normal-distribution.ts";

/** What the signs and sizes of paired differences say. */
export interface SignedRankTest {
  /** The sum of the ranks of the positive differences. */
  readonly statistic: number;
  /** How many differences counted: those that are not 0. */
  readonly pairs: number;
  /** The chance of a statistic as large as this one or larger where nothing differs. */
  readonly greater: number;
  /** The chance of a statistic as small as this one or smaller. */
  readonly less: number;
  /** Twice the smaller of the two, at most 1. */
  readonly twoSided: number;
}

/** Up to so many differences every assignment of signs is counted: the chance of one of them is still exact in a double. */
const maxExact = 50;

/**
 * The signed-rank test of paired differences (Wilcoxon 1945). Differences of 0 are left out, as Wilcoxon has it; equal
 * sizes share the mean of their ranks. Exact up to 50 differences, ties included: the distribution over all signs of the
 * ranks as they are. Above, the normal approximation with the variance corrected for ties and half a rank for continuity.
 * Without a difference every chance is 1. Throws `UsageError` for a difference that is no finite number.
 */
export function wilcoxonSignedRank(differences: readonly number[]): SignedRankTest {
  const stray = differences.find((difference) => !Number.isFinite(difference));
  if (stray !== undefined)
    throw new UsageError(`wilcoxonSignedRank: expected finite differences, got ${describe(stray)}`);
  const told = differences.filter((difference) => difference !== 0).toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const doubled = doubledRanks(told);
  const positive = told.reduce((sum, difference, at) => sum + (difference > 0 ? (doubled[at] as number) : 0), 0);
  const [less, greater] = told.length <= maxExact ? exactTails(doubled, positive) : normalTails(doubled, positive);
  return {
    statistic: positive / 2,
    pairs: told.length,
    greater,
    less,
    twoSided: Math.min(1, 2 * Math.min(greater, less)),
  };
}

/** Twice the rank of each size in ascending order, so that the mean rank of equal ones is whole. */
function doubledRanks(ascending: readonly number[]): readonly number[] {
  const ranks: number[] = [];
  for (let first = 0; first < ascending.length;) {
    const size = Math.abs(ascending[first] as number);
    let end = first + 1;
    while (end < ascending.length && Math.abs(ascending[end] as number) === size) end++;
    for (let at = first; at < end; at++) ranks.push(first + 1 + end);
    first = end;
  }
  return ranks;
}

type Tails = readonly [less: number, greater: number];

/** Both tails of the sum of the ranks, where each has either sign with the same chance. */
function exactTails(ranks: readonly number[], positive: number): Tails {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--)
      chances[sum] = ((chances[sum] as number) + (sum >= rank ? (chances[sum - rank] as number) : 0)) / 2;
  }
  const below = chances.subarray(0, positive).reduce((sum, chance) => sum + chance, 0);
  const at = chances[positive] as number;
  const above = chances.subarray(positive + 1).reduce((sum, chance) => sum + chance, 0);
  return [below + at, at + above];
}

function normalTails(doubled: readonly number[], positive: number): Tails {
  const expected = doubled.reduce((sum, rank) => sum + rank, 0) / 4;
  // The variance of the sum of ranks with random signs; equal ranks stand in it as they are, which is the correction.
  const deviation = Math.sqrt(doubled.reduce((sum, rank) => sum + rank * rank, 0)) / 4;
  const above = positive / 2 - expected;
  return [normalShare((above + 0.5) / deviation), normalShare((0.5 - above) / deviation)];
}
