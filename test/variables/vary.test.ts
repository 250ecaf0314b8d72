import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  demos,
  diffConfigurations,
  float,
  integer,
  permutation,
  sampleConfiguration,
  space,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import type { Demo, Space, Variable } from "#variables";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { anyConditionalSpace, variableNamed } from "./any-space.ts";

fc.configureGlobal({ seed: 20 });

const neighbours = (variable: Variable, value: Json, count: number): Json[] =>
  Array.from(
    { length: count },
    (_, seed) => mutateConfiguration(space([variable]), { x: value }, seededRng(seed))["x"] as Json,
  );
const texts = (values: readonly Json[]): string[] => [...new Set(values.map((value) => canonicalJson(value)))].sort();
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Whether sampling gives the same value every time. */
function isFixed(variable: Variable): boolean {
  const drawn = Array.from({ length: 30 }, (_, seed) => sampleConfiguration(space([variable]), seededRng(seed)));
  return texts(drawn).length === 1;
}

describe("a mutation", () => {
  test("of any variable fits and differs, where sampling can give another value at all", () => {
    fc.assert(
      fc.property(variableNamed("x"), fc.nat(), (variable, seed) => {
        const alone = space([variable]);
        const before = sampleConfiguration(alone, seededRng(seed));
        const after = mutateConfiguration(alone, before, seededRng(seed).fork("mutate"));
        expect(validateConfiguration(alone, after).ok).toBe(true);
        if (!isFixed(variable)) expect(canonicalJson(after)).not.toBe(canonicalJson(before));
      }),
      { numRuns: 1000 },
    );
  });

  test("in any space is valid, and differs unless nothing can move", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), fc.integer({ min: 1, max: 3 }), (any, seed, variables) => {
        const before = sampleConfiguration(any, seededRng(seed));
        const after = mutateConfiguration(any, before, seededRng(seed).fork("mutate"), { variables });
        expect(validateConfiguration(any, after)).toEqual({ ok: true, configuration: after });
        const movable = any.variables.filter((variable) => Object.hasOwn(before, variable.name) && !isFixed(variable));
        if (movable.length > 0) expect(canonicalJson(after)).not.toBe(canonicalJson(before));
        if (canonicalJson(after) === canonicalJson(before)) expect(after).toEqual(before);
      }),
    );
  });

  test("is the same for the same chance, and leaves its configuration alone", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const before = Object.freeze(sampleConfiguration(any, seededRng(seed)));
        const mutate = (): unknown => mutateConfiguration(any, before, seededRng(7));
        expect(mutate()).toEqual(mutate());
      }),
    );
  });

  const two: Space = space([
    ...["a", "b", "c"].map((name) => integer(name, { min: 0, max: 9, group: "numbers" })),
    choice("pattern", ["ring", "star"], { group: "topology" }),
  ]);
  const changedPaths = (seed: number, options: { groups?: string[]; variables?: number }): string[] => {
    const before = sampleConfiguration(two, seededRng(1));
    return diffConfigurations(before, mutateConfiguration(two, before, seededRng(seed), options)).map(
      ({ path }) => path,
    );
  };
  const seeds = Array.from({ length: 60 }, (_, seed) => seed);

  test("moves one variable unless told, each of them now and then", () => {
    expect(seeds.every((seed) => changedPaths(seed, {}).length === 1)).toBe(true);
    expect(new Set(seeds.flatMap((seed) => changedPaths(seed, {})))).toEqual(new Set(["a", "b", "c", "pattern"]));
    expect(seeds.every((seed) => changedPaths(seed, { variables: 2 }).length === 2)).toBe(true);
    expect(changedPaths(1, { variables: 9 })).toEqual(["a", "b", "c", "pattern"]);
  });

  test("moves the named groups alone", () => {
    expect(new Set(seeds.flatMap((seed) => changedPaths(seed, { groups: ["topology"] })))).toEqual(
      new Set(["pattern"]),
    );
    expect(changedPaths(1, { groups: ["numbers"], variables: 9 })).toEqual(["a", "b", "c"]);
    expect(changedPaths(1, { groups: ["resources"] })).toEqual([]);
  });

  test("samples what it activates and drops what it deactivates", () => {
    const weight = float("weight", { min: 0, max: 1 });
    const net = space([choice("pattern", ["ring", "star"], { group: "topology" }), weight], {
      when: { weight: { pattern: "star" } },
    });
    const options = { groups: ["topology"] };
    const weights = seeds.map((seed) => {
      const star = mutateConfiguration(net, { pattern: "ring" }, seededRng(seed), options);
      expect(mutateConfiguration(net, star, seededRng(seed), options)).toEqual({ pattern: "ring" });
      return star["weight"];
    });
    expect(new Set(weights).size).toBe(60);
  });

  test("of no variables is refused", () => {
    expect(() => mutateConfiguration(two, {}, seededRng(1), { variables: 0 })).toThrow(
      new UsageError("mutateConfiguration.variables: expected a whole number above 0, got 0"),
    );
  });
});

describe("the neighbours", () => {
  test("of a float lie a Gaussian step of a fifth of the range away", () => {
    const steps = (neighbours(float("x", { min: -5, max: 5 }), 0, 3000) as number[]).map((value) => value / 10);
    expect(mean(steps)).toBeCloseTo(0, 1);
    expect(Math.sqrt(mean(steps.map((step) => step * step)))).toBeGreaterThan(0.18);
    expect(Math.sqrt(mean(steps.map((step) => step * step)))).toBeLessThan(0.21);
  });

  test("of a float at an end are reflected, not piled up there", () => {
    const values = neighbours(float("x", { min: 0, max: 1 }), 1, 500) as number[];
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(1 - 0.2 * Math.sqrt(2 / Math.PI), 1);
  });

  test("of a float in the logarithm lie as far below as above in decades", () => {
    const decades = (neighbours(float("x", { min: 0.001, max: 1000, log: true }), 1, 2000) as number[]).map(Math.log10);
    expect(mean(decades)).toBeCloseTo(0, 0);
    expect(Math.sqrt(mean(decades.map((decade) => decade * decade)))).toBeCloseTo(1.2, 0);
  });

  test("of a float with a step are on its grid, at least one step away", () => {
    expect(texts(neighbours(float("x", { min: 0, max: 0.4, step: 0.1 }), 0.2, 200))).toEqual([
      "0",
      "0.1",
      "0.3",
      "0.4",
    ]);
  });

  test("of a float in the widest range are finite, in the narrowest its other end", () => {
    const widest = neighbours(float("x", { min: -Number.MAX_VALUE, max: Number.MAX_VALUE }), 0, 50) as number[];
    expect(widest.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
    expect(new Set(widest.map(Math.sign))).toEqual(new Set([-1, 1]));
    expect(texts(neighbours(float("x", { min: 0, max: Number.MIN_VALUE }), 0, 20))).toEqual(["5e-324"]);
    expect(texts(neighbours(float("x", { min: 2, max: 2 }), 2, 20))).toEqual(["2"]);
  });

  test("of a whole number are at least one away, in its range and on its steps", () => {
    expect(texts(neighbours(integer("x", { min: 0, max: 1 }), 0, 20))).toEqual(["1"]);
    expect(texts(neighbours(integer("x", { min: 1, max: 9, step: 4 }), 5, 100))).toEqual(["1", "9"]);
    const logarithmic = neighbours(integer("x", { min: 1, max: 1000, log: true }), 2, 300) as number[];
    expect(logarithmic.every((value) => Number.isInteger(value) && value !== 2 && value >= 1)).toBe(true);
    expect(logarithmic.filter((value) => value < 30).length).toBeGreaterThan(200);
  });

  test("of a choice are the other options by their weights", () => {
    const drawn = neighbours(choice("x", ["now", "rare", "often"], { weights: [9, 1, 3] }), "now", 1000);
    expect(texts(drawn)).toEqual(['"often"', '"rare"']);
    expect(drawn.filter((value) => value === "often").length / 1000).toBeCloseTo(0.75, 1);
  });

  test("of a subset have one item in, out or exchanged", () => {
    expect(texts(neighbours(subset("x", ["a", "b", "c"], { min: 0 }), ["b"], 200))).toEqual(
      ["[]", '["a","b"]', '["a"]', '["b","c"]', '["c"]'].sort(),
    );
    expect(texts(neighbours(subset("x", ["a", "b", "c"], { min: 1, max: 1 }), ["b"], 100))).toEqual(['["a"]', '["c"]']);
    expect(texts(neighbours(subset("x", ["a", "b"], { min: 2 }), ["a", "b"], 20))).toEqual(['["a","b"]']);
  });

  test("of a permutation have two exchanged or one moved, and of a selection one in, out or replaced", () => {
    expect(texts(neighbours(permutation("x", ["a", "b", "c"]), ["a", "b", "c"], 200))).toEqual(
      ['["a","c","b"]', '["b","a","c"]', '["b","c","a"]', '["c","a","b"]', '["c","b","a"]'].sort(),
    );
    expect(texts(neighbours(permutation("x", ["a", "b", "c"], { min: 1, max: 2 }), ["b"], 200))).toEqual(
      ['["a"]', '["c"]', '["a","b"]', '["b","a"]', '["c","b"]', '["b","c"]'].sort(),
    );
  });

  const demo = (n: number): Demo => ({ inputs: { n }, outputs: {} });
  const [one, other, foreign] = [demo(1), demo(2), demo(3)];
  const asJson = (...list: Demo[]): Json => list as unknown as Json;

  test("of demos have one of the pool more, one exchanged, or one less", () => {
    const variable = demos("x", { pool: [one, other], max: 2 });
    expect(texts(neighbours(variable, asJson(foreign), 200))).toEqual(
      texts(
        [[], [one], [other], [one, foreign], [other, foreign], [foreign, one], [foreign, other]].map((list) =>
          asJson(...list),
        ),
      ),
    );
    expect(neighbours(demos("x"), [], 1)).toEqual([[]]);
    expect(neighbours(demos("x", { pool: [one, other], min: 2 }), asJson(one, other), 1)).toEqual([[other, one]]);
  });

  test("of a text are its other candidates; without candidates it stays", () => {
    expect(texts(neighbours(text("x", { candidates: ["a", "b", "c"] }), "b", 50))).toEqual(['"a"', '"c"']);
    expect(texts(neighbours(text("x", { candidates: ["a", "b"] }), "written", 50))).toEqual(['"a"', '"b"']);
    expect(neighbours(text("x", { default: "a" }), "written", 1)).toEqual(["written"]);
  });
});

describe("a crossing", () => {
  test("of any two configurations is valid, and has each value from one of them, if they have it", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const [a, b] = [seededRng(seed), seededRng(seed).fork("b")].map((rng) => sampleConfiguration(any, rng));
        if (a === undefined || b === undefined) throw new Error("no parents");
        const child = crossConfigurations(any, a, b, seededRng(seed).fork("cross"));
        expect(validateConfiguration(any, child)).toEqual({ ok: true, configuration: child });
        for (const [path, value] of Object.entries(child)) {
          const had = [a, b].filter((parent) => Object.hasOwn(parent, path)).map((parent) => parent[path]);
          if (had.length > 0) expect(had).toContainEqual(value);
        }
        expect(crossConfigurations(any, a, a, seededRng(1))).toEqual(a);
      }),
    );
  });

  test("takes either parent's value as often, for each variable on its own", () => {
    const pair = space(["a", "b"].map((name) => integer(name, { min: 0, max: 1 })));
    const children = Array.from({ length: 1000 }, (_, seed) =>
      crossConfigurations(pair, { a: 0, b: 0 }, { a: 1, b: 1 }, seededRng(seed)),
    );
    for (const child of [
      { a: 0, b: 0 },
      { a: 0, b: 1 },
      { a: 1, b: 0 },
      { a: 1, b: 1 },
    ])
      expect(children.filter(({ a, b }) => a === child.a && b === child.b).length / 1000).toBeCloseTo(0.25, 1);
  });
});
