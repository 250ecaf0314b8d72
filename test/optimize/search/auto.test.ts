import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { auto, gp, readSearchState } from "#optimize";
import type { AutoOptions, SearchState, TrialRecord } from "#optimize";
import { choice, float, space } from "#variables";
import type { Configuration } from "#variables";

const mixed = space([
  choice("coder", ["ada", "bea", "cyd", "dan", "eve"]),
  choice("tone", ["dry", "warm", "stern"]),
  float("heat", { min: 0, max: 2 }),
  float("share", { min: 0, max: 1 }),
]);

function worth({ coder, tone, heat, share }: Configuration): number {
  const fits = (coder === "cyd" ? 0.4 : coder === "bea" ? 0.2 : 0) + (tone === "dry" ? 0.2 : 0);
  return fits - (Number(heat) - 0.7) ** 2 - (Number(share) - (coder === "cyd" ? 0.2 : 0.8)) ** 2;
}

interface Plan extends AutoOptions {
  readonly count: number;
  /** The standard deviation of what is added to the score. */
  readonly noise?: number;
}

function searched({ count, noise = 0, ...options }: Plan): SearchState {
  const [sampler, chance]: [ReturnType<typeof auto>, Rng] = [auto(options), seededRng("noise")];
  let state = sampler.start(mixed);
  for (let trial = 0; trial < count; trial++) {
    const asked = sampler.ask(state, seededRng(7), 1);
    state = sampler.issue(state, asked);
    for (const { id, configuration } of asked)
      state = sampler.tell(state, { id, score: worth(configuration) + noise * (chance.next() - 0.5) * Math.sqrt(12) });
  }
  return state;
}

function armsOf(trials: readonly TrialRecord[]): unknown[] {
  return trials.map(({ note }) => note?.["arm"]);
}

/** How many different configurations there are. */
function countDistinct(trials: readonly TrialRecord[]): number {
  return new Set(trials.map(({ configuration }) => canonicalJson(configuration))).size;
}

describe("auto", () => {
  const { trials } = searched({ count: 90 });

  test("begins evenly, then every arm asks for some trials, the model for most", () => {
    const arms = armsOf(trials);
    expect(arms.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => "startup"));
    expect(arms.slice(10)).not.toContain("startup");
    expect(new Set(arms)).toEqual(new Set(["startup", "gp", "evolution", "random"]));
    expect(arms.filter((arm) => arm === "gp").length).toBeGreaterThan(40);
  });

  test("the model looks at the whole, from near and boldly", () => {
    const views = trials.filter(({ note }) => note?.["arm"] === "gp").map(({ note }) => note?.["view"]);
    expect(new Set(views)).toEqual(new Set(["whole", "near", "bold"]));
  });

  test("finds the best of a mixed space and tries nothing twice", () => {
    expect(Math.max(...trials.map(({ configuration }) => worth(configuration)))).toBeGreaterThan(0.599);
    expect(countDistinct(trials)).toBe(trials.length);
  });

  test("an arm whose trials set the records is asked more often", () => {
    const shareOf = (favoured: string): number => {
      let state = auto().start(mixed);
      for (let at = 0; at < 60; at++) {
        const arm = at % 2 === 0 ? "evolution" : "gp";
        const configuration = { coder: "ada", tone: "dry", heat: at / 60, share: 0.5 };
        state = auto().issue(state, [{ id: `own ${at}`, configuration, note: { arm } }]);
        state = auto().tell(state, { id: `own ${at}`, score: arm === favoured ? at : -1 });
      }
      const asked = Array.from({ length: 24 }, (_, seed) => auto().ask(state, seededRng(seed), 1)[0]);
      return asked.filter((trial) => trial?.note?.["arm"] === "evolution").length / asked.length;
    };
    expect(shareOf("evolution")).toBeGreaterThan(shareOf("gp") + 0.2);
  });

  test("what an arm's trials cost counts in its credit as much as it is told to", () => {
    const askedOf = (costWeight: number, costOf: (arm: string) => number): unknown[] => {
      const sampler = auto({ costWeight });
      let state = sampler.start(mixed);
      for (let at = 0; at < 60; at++) {
        const arm = at % 2 === 0 ? "evolution" : "gp";
        const configuration = { coder: "ada", tone: "dry", heat: at / 60, share: 0.5 };
        state = sampler.issue(state, [{ id: `own ${at}`, configuration, note: { arm } }]);
        state = sampler.tell(state, { id: `own ${at}`, score: at, cost: costOf(arm) });
      }
      const seeds = Array.from({ length: 24 }, (_, seed) => seed);
      return seeds.map((seed) => sampler.ask(state, seededRng(seed), 1)[0]?.note?.["arm"]);
    };
    const dear = (arm: string): number => (arm === "gp" ? 50 : 1);
    expect(askedOf(0, dear)).toEqual(askedOf(0, () => 1));
    const evolved = (arms: unknown[]): number => arms.filter((arm) => arm === "evolution").length;
    expect(evolved(askedOf(1, dear))).toBeGreaterThan(evolved(askedOf(0, dear)) + 2);
  });

  test("asks for the best again only where told to, and where there is noise", () => {
    const noisy = searched({ count: 60, noise: 0.2, replicate: true }).trials;
    const again = noisy.filter(({ note }) => note?.["arm"] === "again");
    expect(again.length).toBeGreaterThan(0);
    expect(countDistinct(noisy)).toBe(noisy.length - again.length);
    expect(new Set(noisy.map(({ id }) => id)).size).toBe(noisy.length);
    expect(armsOf(searched({ count: 40, noise: 0.2 }).trials)).not.toContain("again");
    expect(armsOf(searched({ count: 40, replicate: true }).trials)).not.toContain("again");
  });

  test("a small budget has a shorter start, and its end nothing random", () => {
    const arms = armsOf(searched({ count: 12, budget: 12 }).trials);
    expect(arms.filter((arm) => arm === "startup")).toHaveLength(3);
    const endOf = (budget: number): unknown[] => {
      const state = searched({ count: 30, budget });
      return Array.from({ length: 40 }, (_, seed) => auto({ budget }).ask(state, seededRng(seed), 1)[0]).map(
        (trial) => trial?.note?.["arm"],
      );
    };
    expect(endOf(400)).toContain("random");
    expect(endOf(31)).not.toContain("random");
  });

  test("notes are part of the stored state, and one that is no object is refused", () => {
    const state = searched({ count: 12 });
    expect(readSearchState(JSON.parse(JSON.stringify(state)), mixed)).toEqual(state);
    const trial = { id: "own", configuration: { coder: "ada", tone: "dry", heat: 1, share: 1 } };
    expect(() => gp().issue(state, [{ ...trial, note: "why" as never }])).toThrow(/note: expected an object/);
  });

  test("options that are none are refused", () => {
    expect(() => auto({ startup: 0 })).toThrow(UsageError);
    expect(() => auto({ budget: 0.5 })).toThrow(UsageError);
    expect(() => auto({ costWeight: -1 })).toThrow(UsageError);
    expect(() => auto({ replicate: "yes" as never })).toThrow(UsageError);
  });
});
