import type { Gains } from "./domination.ts";

/**
 * How lonely each of some points is (Deb et al. 2002): the sum over the numbers of how far its two neighbours in that
 * number are apart, as a share of the whole width. Infinite at the ends of a number; points that are equal in it stand in
 * the order given.
 */
export function crowdingDistances(points: readonly Gains[]): readonly number[] {
  const distances = points.map(() => 0);
  for (const dimension of (points[0] ?? []).keys()) {
    // In halves the widest range has a finite width too.
    const valueAt = (place: number): number => (points[place]?.[dimension] as number) / 2;
    const order = [...points.keys()].sort((one, other) => valueAt(one) - valueAt(other) || one - other);
    const [first, last] = [order[0] as number, order.at(-1) as number];
    const width = valueAt(last) - valueAt(first);
    // Nobody is lonely in a number that is the same for all.
    if (width === 0) continue;
    distances[first] = Infinity;
    distances[last] = Infinity;
    for (const [at, place] of order.entries()) {
      const [before, after] = [order[at - 1], order[at + 1]];
      if (before === undefined || after === undefined) continue;
      distances[place] = (distances[place] as number) + (valueAt(after) - valueAt(before)) / width;
    }
  }
  return distances;
}
