import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  composite,
  demos,
  float,
  integer,
  module,
  permutation,
  sampleConfiguration,
  space,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import {
  dimensionality,
  enumerateConfigurations,
  latinHypercube,
  neighbours,
  sobolConfigurations,
  spaceSize,
} from "#variables/search";
import type { Space, Variable } from "#variables";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { anySmallSpace, anyWholeSpace } from "../any-space.ts";

fc.configureGlobal({ seed: 20 });

describe("any small space", () => {
  test("is enumerated in as many different valid configurations as its size says", () => {
    fc.assert(
      fc.property(anySmallSpace, (any) => {
        const all = [...enumerateConfigurations(any)];
        expect(new Set(all.map((each) => canonicalJson(each))).size).toBe(all.length);
        for (const each of all.slice(0, 200)) expect(validateConfiguration(any, each)).toMatchObject({ ok: true });
        expect(spaceSize(any)).toBe(all.length);
      }),
      { numRuns: 150 },
    );
  });

  test("is enumerated with all that chance, sequences and steps can give", () => {
    fc.assert(
      fc.property(anySmallSpace, fc.nat(), (any, seed) => {
        const all = new Set(enumerateConfigurations(any).map((each) => canonicalJson(each)));
        const rng = seededRng(seed);
        const sample = sampleConfiguration(any, rng);
        const given = [sample, ...sobolConfigurations(any, 4, rng), ...latinHypercube(any, 4, rng)];
        for (const each of given) expect(all).toContain(canonicalJson(each));
        // A default text that is no candidate is a neighbour of nobody, but a default may come in by a step.
        for (const each of neighbours(any, sample).filter((beside) => !Object.values(beside).includes("three")))
          expect(all).toContain(canonicalJson(each));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the size", () => {
  test.each<[variable: Variable, size: number]>([
    [float("x", { min: 0, max: 1 }), Infinity],
    [float("x", { min: 1, max: 1 }), 1],
    [float("x", { min: 0, max: 1, step: 0.1 }), 11],
    [float("x", { min: 0.05, max: 1, precision: 1 }), 10],
    [integer("x", { min: 1, max: 1000, log: true }), 1000],
    [integer("x", { min: -(2 ** 52), max: 2 ** 52 }), Infinity],
    [integer("x", { min: 1, max: 2 ** 53 - 1 }), 2 ** 53 - 1],
    [choice("x", ["a", "b"]), 2],
    [module("x", ["a", "b", "c"]), 3],
    [subset("x", [1, 2, 3, 4], { min: 0 }), 16],
    [subset("x", [1, 2, 3, 4], { min: 2, max: 3 }), 10],
    [permutation("x", [1, 2, 3, 4]), 24],
    [permutation("x", [1, 2, 3, 4], { min: 0, max: 2 }), 17],
    [text("x"), 1],
    [text("x", { candidates: ["a", "b", "a"] }), 2],
    [demos("x"), 1],
    [demos("x", { pool: [1, 2, 1].map((n) => ({ inputs: { n }, outputs: {} })), min: 1, max: 2 }), 5],
    [composite("x", { compute: { value: 3 } }), 1],
  ])("of %j is %d", (variable, size) => {
    expect(spaceSize(space([variable]))).toBe(size);
    expect(dimensionality(space([variable]))).toBe(size > 1 ? 1 : 0);
  });

  const bits = (count: number, prefix = "b"): Variable[] =>
    Array.from({ length: count }, (_, index) => choice(`${prefix}${index}`, [0, 1]));

  test("of an empty space is 1, of 52 bits 2^52, of one more not countable", () => {
    expect(spaceSize(space([]))).toBe(1);
    expect([...enumerateConfigurations(space([]))]).toEqual([{}]);
    expect(spaceSize(space(bits(52)))).toBe(2 ** 52);
    expect(spaceSize(space(bits(53)))).toBe(Infinity);
  });

  test("of a long chain of conditions, and of many of them side by side, is counted without walking through", () => {
    const chain = (length: number, prefix: string): Space => {
      const variables = bits(length, prefix);
      const names = variables.map(({ name }) => name);
      return space(variables.toReversed(), {
        when: Object.fromEntries(names.slice(1).map((name, at) => [name, { [names[at] as string]: 1 }])),
      });
    };
    expect(spaceSize(chain(40, "c"))).toBe(41);
    expect(spaceSize(chain(2000, "c"))).toBe(2001);
    const chains = Array.from({ length: 9 }, (_, at) => chain(50, `c${at}x`));
    const side = space(
      chains.flatMap(({ variables }) => variables),
      { when: Object.assign({}, ...chains.map(({ when }) => when)) as NonNullable<Space["when"]> },
    );
    expect(spaceSize(side)).toBe(51 ** 9);
  });

  test("counts a continuum only where it may be there, and a condition on one of a billion values", () => {
    const heat = float("heat", { min: 0, max: 1 });
    expect(spaceSize(space([choice("on", [true, false]), heat], { when: { heat: { on: true } } }))).toBe(Infinity);
    const many = integer("n", { min: 1, max: 1e9 });
    expect(spaceSize(space([many, choice("c", ["x", "y"])], { when: { c: { n: { oneOf: [7, 8] } } } }))).toBe(1e9 + 2);
  });

  test("under constraints over too many combinations is not countable", () => {
    const wide = Array.from({ length: 4 }, (_, at) => integer(`n${at}`, { min: 0, max: 99 }));
    const sum = { sum: wide.map(({ name }) => name) };
    expect(spaceSize(space(wide, { constraints: [{ name: "sum", expect: { atMost: [sum, 100] } }] }))).toBe(Infinity);
  });
});

test("a space with a continuum is not enumerated, and says why at once", () => {
  expect(() => enumerateConfigurations(space([choice("a", [1]), float("heat", { min: 0, max: 1 })]))).toThrow(
    new UsageError(
      "enumerateConfigurations: expected finitely many values, but heat is a float without step or precision",
    ),
  );
});

describe("the neighbours", () => {
  test("in any space are valid, differ from the configuration and from each other", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
        const before = sampleConfiguration(any, seededRng(seed));
        const beside = neighbours(any, before);
        const texts = [before, ...beside].map((each) => canonicalJson(each));
        expect(new Set(texts).size).toBe(texts.length);
        for (const each of beside) expect(validateConfiguration(any, each)).toMatchObject({ ok: true });
      }),
    );
  });

  test.each<[variable: Variable, value: unknown, beside: readonly unknown[]]>([
    [float("x", { min: 0, max: 10 }), 5, [4.5, 5.5]],
    [float("x", { min: 0, max: 10 }), 0, [0.5]],
    [float("x", { min: 0, max: 1, step: 0.1 }), 0.3, [0.2, 0.4]],
    [float("x", { min: 0, max: 1, precision: 2 }), 0.3, [0.25, 0.35]],
    [float("x", { min: 0, max: 1, precision: 1 }), 0.3, [0.2, 0.4]],
    [integer("x", { min: 0, max: 9 }), 9, [8]],
    [integer("x", { min: 1, max: 100, log: true }), 2, [1, 3]],
    [choice("x", ["a", "b", "c"]), "b", ["a", "c"]],
    [module("x", ["a", "b", "c"]), "b", ["a", "c"]],
    [subset("x", ["a", "b", "c"]), ["b"], [["a", "b"], ["b", "c"], ["a"], ["c"]]],
    [permutation("x", ["a", "b"], { min: 1 }), ["b"], [["a", "b"], ["b", "a"], ["a"]]],
    [permutation("x", ["a", "b"]), ["b", "a"], [["a", "b"]]],
    [text("x", { candidates: ["a", "b"] }), "written", ["a", "b"]],
    [float("x", { min: 1, max: 1 }), 1, []],
  ])("of %j beside %j are %j", (variable, value, beside) => {
    const found = neighbours(space([variable]), { x: value as number }).map(({ x }) => x);
    const sorted = (values: readonly unknown[]): string[] => values.map((each) => JSON.stringify(each)).sort();
    expect(sorted(found)).toEqual(sorted(beside));
  });

  test("have the defaults of what they activate, and none that breaks a constraint", () => {
    const net = space(
      [choice("pattern", ["ring", "star"]), choice("hub", ["a", "b"]), integer("n", { min: 0, max: 3 })],
      {
        when: { hub: { pattern: "star" } },
        constraints: [{ name: "few", expect: { atMost: ["n", 1] } }],
      },
    );
    expect(neighbours(net, { pattern: "ring", n: 1 })).toEqual([
      { pattern: "star", hub: "a", n: 1 },
      { pattern: "ring", n: 0 },
    ]);
  });
});
