import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import { digitsOf, toUnits } from "../pool/units.ts";

/** A value and how much it counts. */
export interface Weighted<V> {
  readonly value: V;
  readonly weight: number;
}

/**
 * Σ w·v / Σ w, never outside the values and the same to the last bit whatever their order. One weight at least must be
 * above 0.
 */
export function weightedMean(values: readonly Weighted<number>[]): number {
  const sorted = values.filter(({ weight }) => weight > 0).toSorted((a, b) => a.value - b.value || a.weight - b.weight);
  // Weights in parts of the largest one: their sum overflows no double, nor do the parts of the values.
  const largest = Math.max(...sorted.map(({ weight }) => weight));
  const total = sorted.reduce((sum, { weight }) => sum + weight / largest, 0);
  const mean = sorted.reduce((sum, { value, weight }) => sum + value * (weight / largest / total), 0);
  const [least = mean, most = mean] = [sorted[0]?.value, sorted.at(-1)?.value];
  return Math.min(Math.max(mean, least), most);
}

/**
 * The value v with the largest −Σ w·|v − vᵢ|: half of the weight is at or below it, half at or above. Of two such
 * values the lower one. Weights count as the decimals that print them, so half is exactly half.
 */
function weightedMedian(values: readonly Weighted<number>[]): number {
  const sorted = values.filter(({ weight }) => weight > 0).toSorted((a, b) => a.value - b.value);
  const units = exactWeights(sorted);
  const total = units.reduce((sum, weight) => sum + weight, 0n);
  let below = 0n;
  const place = units.findIndex((weight) => 2n * (below += weight) >= total);
  return sorted[place]?.value ?? Number.NaN;
}

/** The value with the most weight behind it; of equally heavy ones the one that came first. */
export function weightedPlurality(values: readonly Weighted<Json>[]): Json {
  const units = exactWeights(values);
  const weights = new Map<string, { readonly value: Json; readonly weight: bigint }>();
  values.forEach(({ value }, index) => {
    const key = canonicalJson(value);
    const weight = (weights.get(key)?.weight ?? 0n) + (units[index] ?? 0n);
    weights.set(key, { value: weights.get(key)?.value ?? value, weight });
  });
  const [first, ...others] = weights.values();
  return others.reduce((best, each) => (each.weight > (best?.weight ?? 0n) ? each : best), first)?.value ?? null;
}

/** The middle of values: the median of numbers, the plurality of anything else. */
export function weightedMiddle(values: readonly Weighted<Json>[]): Json {
  return areNumbers(values) ? weightedMedian(values) : weightedPlurality(values);
}

export function areNumbers(values: readonly Weighted<Json>[]): values is readonly Weighted<number>[] {
  return values.every(({ value }) => typeof value === "number");
}

function exactWeights(values: readonly Weighted<Json>[]): readonly bigint[] {
  const digits = digitsOf(values.map(({ weight }) => weight));
  return values.map(({ weight }) => toUnits(weight, digits));
}
