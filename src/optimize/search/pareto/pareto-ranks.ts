import { dominates, greaterFirst } from "./domination.ts";
import type { Gains } from "./domination.ts";
import { gainsOfPoints } from "./objectives.ts";
import type { Objectives, ObjectiveValues } from "../sampler.ts";

/**
 * The rank of every point: 0 for those that none dominates, 1 for those that only these dominate, and so on (Deb et al.
 * 2002). Throws `UsageError` unless each point has a finite number for each objective.
 */
export function paretoRanks(points: readonly ObjectiveValues[], objectives: Objectives): readonly number[] {
  const gains = gainsOfPoints("paretoRanks", points, objectives);
  const ranks = gains.map(() => 0);
  let rank = 0;
  for (const front of frontsOf(gains)) {
    for (const place of front) ranks[place] = rank;
    rank++;
  }
  return ranks;
}

/**
 * The places of the points, front by front, in each in ascending order. In order nobody is dominated by one that
 * follows, so that one pass finds a front; whoever needs only the first fronts pays only for these.
 */
export function* frontsOf(points: readonly Gains[]): Generator<readonly number[], undefined> {
  const pointAt = (place: number): Gains => points[place] as Gains;
  let rest = [...points.keys()].sort((one, other) => greaterFirst(pointAt(one), pointAt(other)));
  while (rest.length > 0) {
    const front: number[] = [];
    const dominated: number[] = [];
    for (const place of rest)
      (front.some((better) => dominates(pointAt(better), pointAt(place))) ? dominated : front).push(place);
    yield front.sort((one, other) => one - other);
    rest = dominated;
  }
}
