/** A number that someone wants, and how much that counts. */
export interface WeightedNumber {
  readonly value: number;
  /** Finite, at least 0. */
  readonly weight: number;
}

/**
 * Σ w·v / Σ w, held between the smallest and the largest value; `undefined` when the weights add up to 0. One who lies
 * moves it as far as it likes between the ends of what a value may be.
 */
export function weightedMean(wishes: readonly WeightedNumber[]): number | undefined {
  const counted = wishes.filter(({ weight }) => weight > 0);
  if (counted.length === 0) return undefined;
  // By the largest weight and value, so that no sum overflows.
  const top = Math.max(...counted.map(({ weight }) => weight));
  const span = Math.max(...counted.map(({ value }) => Math.abs(value)), 1);
  const unit = span > 1e150 ? span : 1;
  const total = counted.reduce((sum, { weight }) => sum + weight / top, 0);
  const mean = (counted.reduce((sum, { value, weight }) => sum + (weight / top) * (value / unit), 0) / total) * unit;
  return within(mean, counted);
}

/**
 * The weighted median: the smallest value that has at least half of the weight at or below it. Exactly half of it
 * there: the middle between that value and the next. `undefined` when the weights add up to 0. Less than half of the
 * weight, wherever it goes, does not move it past the others' values.
 */
export function weightedMedian(wishes: readonly WeightedNumber[]): number | undefined {
  const sorted = wishes.filter(({ weight }) => weight > 0).toSorted((a, b) => a.value - b.value);
  const top = Math.max(...sorted.map(({ weight }) => weight));
  const half = sorted.reduce((sum, { weight }) => sum + weight / top, 0) / 2;
  let below = 0;
  for (const [index, { value, weight }] of sorted.entries()) {
    below += weight / top;
    if (below < half) continue;
    const next = sorted[index + 1];
    if (below > half || next === undefined) return value;
    return Math.min(Math.max(value / 2 + next.value / 2, value), next.value);
  }
  return undefined;
}

function within(mean: number, wishes: readonly WeightedNumber[]): number {
  const values = wishes.map(({ value }) => value);
  return Math.min(Math.max(mean, Math.min(...values)), Math.max(...values));
}
