import type { Rng } from "#foundation";

/** A place, drawn with its weight; the last where no weight is above 0. */
export function weightedPlace(rng: Rng, weights: readonly number[]): number {
  let rest = rng.next() * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => (rest -= weight) < 0);
  return place < 0 ? weights.length - 1 : place;
}

/** The softmax's temperature, as a share of the spread of the worths: it says the same for metrics of any scale. */
const temperature = 0.2;

/** `count` different places, each drawn with the softmax weight of its worth; those without a worth are never drawn. */
export function drawnByWorth(rng: Rng, worths: readonly (number | undefined)[], count: number): number[] {
  const left = [...worths.entries()].flatMap(([place, worth]) => (worth === undefined ? [] : [{ place, worth }]));
  const all = left.map(({ worth }) => worth);
  const best = Math.max(...all);
  const scale = Math.max(temperature * (best - Math.min(...all)), Number.EPSILON);
  const drawn: number[] = [];
  while (drawn.length < count && left.length > 0) {
    const weights = left.map(({ worth }) => Math.exp((worth - best) / scale));
    const [next] = left.splice(weightedPlace(rng, weights), 1);
    if (next !== undefined) drawn.push(next.place);
  }
  return drawn;
}
