import type { Limits } from "./item-list.ts";

/** The size of a list at a share in [0, 1) of all its sizes, each as wide. */
export function countAt({ min, max }: Limits, share: number): number {
  return Math.min(max, min + Math.floor(share * (max - min + 1)));
}

/** The indices of the numbers above a threshold, or of the largest ones where the limits want more or fewer. */
export function atLeastAtMost(numbers: readonly number[], threshold: number, { min, max }: Limits): readonly number[] {
  const falling = numbers.map((number, index) => ({ number, index })).sort((a, b) => b.number - a.number);
  const above = falling.filter(({ number }) => number > threshold).length;
  return falling.slice(0, Math.min(max, Math.max(min, above))).map(({ index }) => index);
}
