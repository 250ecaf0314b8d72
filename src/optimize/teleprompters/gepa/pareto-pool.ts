import { mean } from "#programs";
import type { Member } from "../pool/member.ts";

export interface Niches {
  /** How likely each member is to be a parent, relative to the others: 0 for those that nobody needs. */
  readonly weights: readonly number[];
  /** The validation examples that each is the only best one on. */
  readonly alone: readonly (readonly number[])[];
}

/**
 * The per-instance Pareto pool: on every validation example the members with the best score share one point. A member
 * whose every best score another one that stays has too goes, the lowest mean first (Agrawal et al. 2025, GEPA). The
 * scores are shrunken, and only these places of the pool take part.
 */
export function nichesOf(pool: readonly Member[], places: readonly number[]): Niches {
  const scores = shrunkenScores(pool);
  const sets = bestSets(scores, places);
  const kept = new Set(places.filter((place) => sets.some(({ best }) => best.includes(place))));
  const meanOf = (place: number): number => mean([...(scores[place]?.values() ?? [])]);
  for (const place of [...kept].toSorted((a, b) => meanOf(a) - meanOf(b))) {
    const own = sets.filter(({ best }) => best.includes(place));
    if (own.every(({ best }) => best.some((other) => other !== place && kept.has(other)))) kept.delete(place);
  }
  const weights = pool.map(() => 0);
  const alone: number[][] = pool.map(() => []);
  for (const { example, best } of sets) {
    const left = best.filter((place) => kept.has(place));
    for (const place of left) weights[place] = (weights[place] ?? 0) + 1 / left.length;
    if (best.length === 1) alone[best[0] as number]?.push(example);
  }
  return { weights, alone };
}

interface BestSet {
  readonly example: number;
  readonly best: readonly number[];
}

const rounding = 1e-9;

function bestSets(scores: readonly ReadonlyMap<number, number>[], places: readonly number[]): BestSet[] {
  const examples = new Set(places.flatMap((place) => [...(scores[place]?.keys() ?? [])]));
  return [...examples].map((example) => {
    const scored = places.flatMap((place) => {
      const score = scores[place]?.get(example);
      return score === undefined ? [] : [{ place, score }];
    });
    const highest = Math.max(...scored.map(({ score }) => score));
    return { example, best: scored.filter(({ score }) => score >= highest - rounding).map(({ place }) => place) };
  });
}

/**
 * How much a score varies when the same is measured again, as a variance; 0 where nothing was, or nothing did. The
 * baseline is measured twice on some examples to know.
 */
export function noiseOf(pool: readonly Member[]): number {
  const repeated = pool.flatMap(({ scores }) => Object.values(scores.validation)).filter((all) => all.length > 1);
  const freedom = repeated.reduce((sum, all) => sum + all.length - 1, 0);
  return freedom === 0 ? 0 : repeated.reduce((sum, all) => sum + squares(all), 0) / freedom;
}

function squares(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

/**
 * Each member's score on each validation example, drawn towards what its own mean and the example's let expect: the more,
 * the noisier scores are and the less often it was measured (empirical Bayes). Where scores are no matter of luck they
 * stay as they are.
 */
function shrunkenScores(pool: readonly Member[]): readonly ReadonlyMap<number, number>[] {
  const raw = pool.map(({ scores }) =>
    Object.entries(scores.validation).map(([example, all]) => ({
      example: Number(example),
      score: mean(all),
      count: all.length,
    })),
  );
  const noise = noiseOf(pool);
  const byExample = Map.groupBy(raw.flat(), ({ example }) => example);
  const level = new Map([...byExample].map(([example, all]) => [example, mean(all.map(({ score }) => score))]));
  const expected = raw.map((own) => {
    const above = own.length === 0 ? 0 : mean(own.map(({ example, score }) => score - (level.get(example) ?? 0)));
    return (example: number): number => (level.get(example) ?? 0) + above;
  });
  const residuals = raw.flatMap((own, place) =>
    own.map(({ example, score }) => (score - (expected[place] as (of: number) => number)(example)) ** 2),
  );
  const spread = Math.max(residuals.length === 0 ? 0 : mean(residuals) - noise, noise / 4);
  return raw.map((own, place) => {
    const expectation = expected[place] as (of: number) => number;
    return new Map(
      own.map(({ example, score, count }) => {
        const share = noise === 0 ? 1 : spread / (spread + noise / count);
        return [example, share * score + (1 - share) * expectation(example)];
      }),
    );
  });
}
