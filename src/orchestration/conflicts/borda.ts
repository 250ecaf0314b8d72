import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";

/** An agent's order of the candidates, the best first. What it does not name comes after what it names, all alike. */
export interface Ranking {
  readonly order: readonly Json[];
  /** Finite, at least 0. */
  readonly weight: number;
}

/**
 * Points by Borda's count: of n candidates the best of a ranking gets n − 1 points, the next n − 2, and so on, times
 * the ranking's weight; those that it does not name share what is left evenly. In the order of the candidates.
 */
export function bordaPoints(candidates: readonly Json[], rankings: readonly Ranking[]): readonly number[] {
  const keys = candidates.map(canonicalJson);
  const points = keys.map(() => 0);
  for (const { order, weight } of rankings) {
    const places = new Map([...new Set(order.map(canonicalJson))].filter((key) => keys.includes(key)).map(ranked));
    const rest = (keys.length - places.size - 1) / 2;
    for (const [index, key] of keys.entries()) {
      const place = places.get(key);
      points[index] = (points[index] ?? 0) + weight * (place === undefined ? rest : keys.length - 1 - place);
    }
  }
  return points;
}

/** The place of the candidate with the most points; ties: the earlier. `undefined` without candidates or weight. */
export function bordaWinner(candidates: readonly Json[], rankings: readonly Ranking[]): number | undefined {
  if (candidates.length === 0 || rankings.every(({ weight }) => weight === 0)) return undefined;
  return firstLargest(bordaPoints(candidates, rankings));
}

/** The place of the first of the largest. */
export function firstLargest(values: readonly number[]): number {
  return values.reduce((top, value, index) => (value > (values[top] ?? 0) ? index : top), 0);
}

function ranked(key: string, place: number): [string, number] {
  return [key, place];
}
