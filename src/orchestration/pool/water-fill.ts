/** One claim on a capacity, all in units: a part of it in proportion to `weight`, but from `least` up to `most`. */
export interface Claim {
  readonly weight: bigint;
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * Divides a capacity: each claim gets weight · level, held between its least and its most, with the one level at which
 * the amounts add up to the capacity, or to all that the claims take when that is less. Equal weights are max–min
 * fairness. Amounts are rounded down to whole units. Needs least ≤ most and Σ least ≤ capacity.
 *
 * Each round gives the still open claims what their weights say. If their lower bounds miss more than their upper
 * bounds free, those at their lower bounds are settled, else those at their upper ones; the rest is divided anew.
 */
export function waterFill(claims: readonly Claim[], capacity: bigint): readonly bigint[] {
  const amounts = claims.map(({ least }) => least);
  let rest = capacity - sum(claims.filter(({ weight }) => weight === 0n).map(({ least }) => least));
  let open = claims.map((claim, index) => ({ ...claim, index })).filter(({ weight }) => weight > 0n);
  while (open.length > 0) {
    const weights = sum(open.map(({ weight }) => weight));
    const left = rest;
    // weight · left / weights is what a claim would get: compared without dividing, so exactly.
    const low = open.filter(({ weight, least }) => weight * left < least * weights);
    const high = open.filter(({ weight, most }) => weight * left > most * weights);
    const missing = sum(low.map(({ weight, least }) => least * weights - weight * left));
    const freed = sum(high.map(({ weight, most }) => weight * left - most * weights));
    const settled = missing > freed ? low : high;
    for (const { index, least, most } of settled) amounts[index] = missing > freed ? least : most;
    if (settled.length === 0) {
      for (const { index, weight } of open) amounts[index] = (weight * left) / weights;
      break;
    }
    rest -= sum(settled.map(({ index }) => amounts[index] ?? 0n));
    const closed = new Set(settled.map(({ index }) => index));
    open = open.filter(({ index }) => !closed.has(index));
  }
  return amounts;
}

/**
 * Rounds amounts to multiples of `one` by largest remainders (ties: the earlier), so that they add up to the whole
 * part of their sum, never above `capacity`. A sum that misses a whole number by the dust of floating point (a part
 * in 10^14) counts as that number. Needs a sum of at most the capacity, dust aside.
 */
export function largestRemainders(amounts: readonly bigint[], one: bigint, capacity: bigint): readonly bigint[] {
  const total = sum(amounts);
  const dust = smaller(total / 10n ** 14n + 1n, one / 2n);
  const target = smaller((total + dust) / one, capacity / one);
  const floors = amounts.map((amount) => amount / one);
  let missing = target - sum(floors);
  const byRemainder = amounts
    .map((amount, index) => ({ index, remainder: amount % one }))
    .sort((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder) || a.index - b.index);
  for (const { index } of byRemainder) {
    if (missing <= 0n) break;
    floors[index] = (floors[index] ?? 0n) + 1n;
    missing -= 1n;
  }
  return floors.map((floor) => floor * one);
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
