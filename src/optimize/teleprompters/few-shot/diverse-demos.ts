import { canonicalJson, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import type { Demo } from "#variables";

/**
 * `count` demos in random order that cover different answers first: one of each distinct answer, then a second of
 * each, and so on. For classification this balances the labels; where every answer differs it is a plain sample.
 */
export function diverseDemos(rng: Rng, pool: readonly Demo[], count: number, answerOf: (demo: Demo) => string): Demo[] {
  const groups = new Map<string, Demo[]>();
  for (const demo of shuffle(rng.fork("members"), pool)) {
    const answer = answerOf(demo);
    const group = groups.get(answer);
    if (group === undefined) groups.set(answer, [demo]);
    else group.push(demo);
  }
  const ordered = shuffle(rng.fork("answers"), [...groups.values()]);
  const chosen: Demo[] = [];
  for (let round = 0; chosen.length < Math.min(count, pool.length); round++)
    for (const group of ordered) {
      const demo = group[round];
      if (demo !== undefined && chosen.length < count) chosen.push(demo);
    }
  return shuffle(rng.fork("order"), chosen);
}

/** The text of a demo's outputs with these names: what makes two answers the same. */
export function answerText(names: readonly string[]): (demo: Demo) => string {
  return ({ outputs }) => canonicalJson(names.map((name) => outputs[name] ?? null));
}
