import { mean } from "#programs";
import { scoresOn } from "./member.ts";
import type { LearningSplit, Member } from "./member.ts";

/** So many examples without any difference stand against what was measured. */
const strength = 4;

/**
 * What each member of a pool is worth where each was measured on other examples: the mean of all examples plus how far
 * the member is above the others on the ones it was measured on, shrunken towards 0 the fewer they are (a random effect
 * beside fixed effects of the examples; Efron & Morris 1975). A lucky minibatch, be it easy or short, makes nobody a
 * winner. `undefined` for members without a score.
 */
export function shrunkenMeans(pool: readonly Member[], split: LearningSplit): readonly (number | undefined)[] {
  const all = pool.map((member) => Object.entries(scoresOn(member, split)));
  const byExample = Map.groupBy(all.flat(), ([place]) => place);
  const level = new Map([...byExample].map(([place, scores]) => [place, mean(scores.map(([, score]) => score))]));
  const overall = mean([...level.values()]);
  return all.map((scores) => {
    if (scores.length === 0) return undefined;
    const above = scores.reduce((sum, [place, score]) => sum + score - (level.get(place) as number), 0);
    return overall + above / (scores.length + strength);
  });
}
