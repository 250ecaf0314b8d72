import { expect, test } from "vitest";
import { beacon, mipro, randomSearch } from "#optimize";
import type { Teleprompter } from "#optimize";
import { simba as teamSimba } from "#teams";
import { crewQuality, crewTask, qualityAfter } from "./known-optimum.ts";

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** In how many of ten seeds it comes within 5 % of the optimum. */
function found(make: () => Teleprompter, evaluations: number): number {
  return seeds.filter((seed) => qualityAfter(make(), seed, evaluations) >= 0.95).length;
}

test("the crew's optimum is 1, and it begins with 0", () => {
  expect(crewQuality({ crew: ["bob", "cid"], net: "ring", heat: 0.3 })).toBe(1);
  expect(crewQuality(crewTask.baseline)).toBe(0);
});

test("random search does not find it in 60 evaluations in 9 of 10 seeds", () => {
  expect(found(() => randomSearch({ candidates: 100 }), 60)).toBeLessThan(9);
});

interface Contestant {
  readonly make: () => Teleprompter;
  readonly evaluations: number;
}

const contestants: Readonly<Record<string, Contestant>> = {
  "simba of teams": { make: () => teamSimba(), evaluations: 60 },
  // 33 trials, the baseline, and a look at training examples after every five of them.
  mipro: { make: () => mipro({ trials: 33 }), evaluations: 40 },
  beacon: { make: () => beacon(), evaluations: 30 },
};

for (const [name, { make, evaluations }] of Object.entries(contestants))
  test(`${name} comes within 5 % of it in ${evaluations} evaluations, in 9 of 10 seeds (A48)`, () => {
    expect(found(make, evaluations)).toBeGreaterThanOrEqual(9);
  });
