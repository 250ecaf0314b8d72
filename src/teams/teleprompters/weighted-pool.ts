import type { Rng } from "#foundation";
import { meanOf } from "./simba-state.ts";
import type { Member } from "./simba-state.ts";

/** A member of the pool that has a score. */
export interface Ranked {
  /** Its place in the pool. */
  readonly place: number;
  readonly member: Member;
  readonly mean: number;
}

/** How many of the best are ever drawn. */
const drawn = 24;

/** The softmax's temperature, as a share of the spread of the means of those. */
const temperature = 0.1;

/** The members with a score, the best first. */
export function rankedPool(pool: readonly Member[]): Ranked[] {
  return pool
    .flatMap((member, place) => {
      const score = meanOf(member);
      return score === undefined ? [] : [{ place, member, mean: score }];
    })
    .toSorted((a, b) => b.mean - a.mean);
}

/**
 * Some different members of the best, each drawn with a softmax weight of its mean. The temperature goes with the
 * spread of the means, so that it says the same for metrics of any scale.
 */
export function sampleByScore(rng: Rng, ranked: readonly Ranked[], count: number): Ranked[] {
  const left = ranked.slice(0, drawn);
  const best = left[0]?.mean ?? 0;
  const scale = Math.max(temperature * (best - (left.at(-1)?.mean ?? 0)), Number.EPSILON);
  const chosen: Ranked[] = [];
  while (chosen.length < count && left.length > 0) {
    const weights = left.map(({ mean }) => Math.exp((mean - best) / scale));
    chosen.push(...left.splice(weightedPlace(rng, weights), 1));
  }
  return chosen;
}

/** A place, drawn with its weight. */
export function weightedPlace(rng: Rng, weights: readonly number[]): number {
  let rest = rng.next() * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => (rest -= weight) < 0);
  return place < 0 ? weights.length - 1 : place;
}
