import { expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import { pairedEstimate, race, raceLooks } from "#optimize";

const worse = (losses: number, pairs: number): readonly [number[], number[]] => [
  Array.from({ length: pairs }, (_, at) => (at < losses ? 0 : 1)),
  Array.from({ length: pairs }, () => 1),
];

test("a candidate that loses is stopped, but not before the minimum", () => {
  expect(race(...worse(16, 16))).toBe("stop");
  expect(race(...worse(15, 15))).toBe("go_on");
  expect(race(...worse(8, 8), { minimum: 8 })).toBe("stop");
});

test("the level decides how many losses stop: four in a row have the chance 1/16", () => {
  expect(race(...worse(4, 16))).toBe("stop");
  expect(race(...worse(3, 16))).toBe("go_on");
  expect(race(...worse(4, 16), { level: 0.06 })).toBe("go_on");
  expect(race(...worse(6, 16), { level: 0.014 })).toBe("go_on");
  expect(race(...worse(7, 16), { level: 0.014 })).toBe("stop");
});

test("one that wins or holds level goes on", () => {
  const [low, high] = worse(10, 20);
  expect(race(high, low)).toBe("go_on");
  expect(race(high, high)).toBe("go_on");
  expect(race([], [])).toBe("go_on");
});

test("graded scores count by the size of what they lose", () => {
  const incumbent = Array.from({ length: 16 }, () => 0.5);
  const often = incumbent.map((score, at) => (at < 10 ? score - 0.01 : score + 0.3));
  const far = incumbent.map((score, at) => (at < 10 ? score - 0.3 : score + 0.01));
  expect([race(often, incumbent), race(far, incumbent)]).toEqual(["go_on", "stop"]);
});

test("looks come after the minimum, then block by block; the last has all examples", () => {
  expect(raceLooks(40)).toEqual([16, 24, 32, 40]);
  expect(raceLooks(41)).toEqual([16, 24, 32, 40, 41]);
  expect(raceLooks(10)).toEqual([10]);
  expect(raceLooks(20, { block: 3, minimum: 9 })).toEqual([9, 12, 15, 18, 20]);
});

test("faulty arguments are refused", () => {
  expect(() => race([1], [])).toThrow(/same examples, got 1 and 0/);
  expect(() => race([], [], { level: 0 })).toThrow(UsageError);
  expect(() => race([], [], { minimum: 0.5 })).toThrow(UsageError);
  expect(() => raceLooks(10, { block: 0 })).toThrow(UsageError);
  for (const examples of [-3, 1.5, Number.NaN, Infinity])
    expect(() => raceLooks(examples)).toThrow(/race.examples: expected a whole number/);
});

test("an estimate from the easy half is not flattered by it", () => {
  // Solved up to the ability; the reference solves 60 of 100 and the candidate 50, of the first and easier half all 50.
  const solved = (ability: number, count: number): Record<number, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, place) => [place, place < ability ? 1 : 0]));
  expect(pairedEstimate(solved(50, 50), solved(60, 100))).toBeCloseTo(0.6, 12);
  expect(pairedEstimate(solved(40, 50), solved(60, 100))).toBeCloseTo(0.4, 12);
  expect(pairedEstimate({ 7: 1 }, { 8: 1 })).toBeUndefined();
});

test("estimates are nearer to the truth than the mean of what was measured, where examples differ in difficulty", () => {
  const rng = seededRng("difficulties");
  const difficulties = Array.from({ length: 200 }, () => rng.next());
  const scores = (ability: number, count: number): Record<number, number> =>
    Object.fromEntries(difficulties.slice(0, count).map((hard, place) => [place, hard < ability ? 1 : 0]));
  const share = (of: Record<number, number>): number => {
    const all = Object.values(of);
    return all.reduce((sum, score) => sum + score, 0) / all.length;
  };
  let [estimated, plain] = [0, 0];
  for (const ability of [0.2, 0.35, 0.5, 0.65]) {
    const truth = share(scores(ability, 200));
    estimated += Math.abs((pairedEstimate(scores(ability, 16), scores(0.6, 200)) ?? 0) - truth);
    plain += Math.abs(share(scores(ability, 16)) - truth);
  }
  expect(estimated).toBeLessThan(plain);
});
