import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  composite,
  defaultConfiguration,
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
import type { Configuration, Space } from "#variables";
import { seededRng, UsageError } from "#foundation";
import { anyWholeSpace } from "../any-space.ts";
import { decodeConfiguration, encodeConfiguration, layoutOf, mutateConfiguration } from "#variables/search";

fc.configureGlobal({ seed: 20 });

const restored = (any: Space, configuration: Configuration): Configuration =>
  decodeConfiguration(any, encodeConfiguration(any, configuration));

describe("in any space", () => {
  test("a configuration comes back from its vector exactly", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        for (const each of [sample, defaultConfiguration(any), mutateConfiguration(any, sample, seededRng(seed))]) {
          const vector = encodeConfiguration(any, each);
          expect(vector).toHaveLength(layoutOf(any).length);
          expect(decodeConfiguration(any, vector)).toEqual(each);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("any vector of finite numbers, with exact values or without, stands for a valid configuration", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), fc.boolean(), fc.constantFrom(1, 3, 1e300), (any, seed, isWhole, reach) => {
        const { width, length } = layoutOf(any);
        const rng = seededRng(seed);
        const vector = Array.from({ length: isWhole ? length : width }, () => (rng.next() * 2 - 0.5) * reach);
        expect(validateConfiguration(any, decodeConfiguration(any, vector))).toMatchObject({ ok: true });
      }),
      { numRuns: 200 },
    );
  });

  test("the parts stand one behind the other, with the width that the layout tells, NaN where nothing is active", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
        const { parts, width, length } = layoutOf(any);
        const sample = sampleConfiguration(any, seededRng(seed));
        const vector = encodeConfiguration(any, sample);
        let offset = 0;
        for (const part of parts) {
          expect(part.offset).toBe(offset);
          offset += part.width;
          const own = vector.slice(part.offset, offset);
          expect(own.every(Number.isNaN)).toBe(!Object.hasOwn(sample, part.name) || part.width === 0);
          expect(own.every((number) => Number.isNaN(number) || (number >= 0 && number <= 1))).toBe(true);
          if (part.exactAt !== undefined) expect(vector[part.exactAt]).toEqual(sample[part.name] ?? Number.NaN);
        }
        expect(offset).toBe(width);
        expect(length).toBe(width + parts.filter(({ exactAt }) => exactAt !== undefined).length);
      }),
    );
  });
});

test("every number of any range comes back exactly, however many digits its share loses", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      (a, b, c, log) => {
        const [min, value, max] = [a, b, c].sort((one, other) => one - other) as [number, number, number];
        const alone = space([float("x", { min, max, log: log && min > 1e-300 })]);
        expect(restored(alone, { x: value })).toEqual({ x: value });
      },
    ),
    { numRuns: 2000 },
  );
});

describe("the numbers", () => {
  const route = space(
    [
      choice("model", ["small", "large"]),
      float("heat", { min: 1, max: 100, log: true }),
      subset("agents", ["a", "b", "c"]),
      permutation("steps", ["plan", "code", "test"], { min: 1 }),
      module("coder", ["python", "js"]),
      composite("Double", { compute: { product: ["heat", 2] } }),
      text("rule", { candidates: ["short"], default: "long" }),
    ],
    { when: { coder: { model: "large" } } },
  );
  const one = { model: "small", heat: 10, agents: ["a", "c"], steps: ["test", "plan"], Double: 20, rule: "long" };

  test("of a vector are options, shares, members and places, then exact values", () => {
    const { NaN: none } = Number;
    expect(encodeConfiguration(route, one)).toEqual([1, 0, 0.5, 1, 0, 1, 2 / 3, 0, 1 / 3, none, none, 0, 1, 10]);
    expect(layoutOf(route).parts.map(({ name, offset, width }) => [name, offset, width])).toEqual([
      ["model", 0, 2],
      ["heat", 2, 1],
      ["agents", 3, 3],
      ["steps", 6, 3],
      ["coder", 9, 2],
      ["rule", 11, 2],
    ]);
  });

  test("of other vectors are the nearest configuration; an exact value that its share contradicts counts for nothing", () => {
    const vector = [0.2, 0.4, 7, 0.1, 0.2, 0.3, 0.9, 0.05, 0.5, Number.NaN, Number.NaN, 0.1, 0, 10];
    expect(decodeConfiguration(route, vector)).toEqual({
      model: "large",
      heat: 100,
      agents: ["c"],
      steps: ["test", "plan"],
      coder: "python",
      Double: 200,
      rule: "short",
    });
    const wholes = space([integer("n", { min: 0, max: 10 })]);
    expect([0.04, 0.06, 2, -1].map((share) => decodeConfiguration(wholes, [share])["n"])).toEqual([0, 1, 10, 0]);
    expect(decodeConfiguration(wholes, [0.3, 4])).toEqual({ n: 3 });
  });

  const demo = (n: number): { inputs: { n: number }; outputs: Record<string, never> } => ({
    inputs: { n },
    outputs: {},
  });

  test("of demos are places in the pool and the default; one that stands there twice may come twice", () => {
    const shown = space([demos("d", { pool: [demo(1), demo(1), demo(2)], default: [demo(3)] })]);
    for (const list of [[], [demo(2), demo(1)], [demo(1), demo(2), demo(1)], [demo(3), demo(1)]])
      expect(restored(shown, { d: list })).toEqual({ d: list });
    expect(() => encodeConfiguration(shown, { d: [demo(2), demo(2)] })).toThrow(
      new UsageError("encodeConfiguration: d: expected demos that the variable knows, got a list of 2"),
    );
  });

  test.each<[configuration: Configuration, message: string]>([
    [{ ...one, rule: "written" }, 'encodeConfiguration: rule: expected text that the variable knows, got "written"'],
    [{ ...one, heat: 0 }, "encodeConfiguration: heat: expected a number from 1 to 100, got 0"],
    [{ ...one, Double: 3 }, "encodeConfiguration: Double: expected 20, computed from heat, got 3"],
  ])("of %j are refused", (configuration, message) => {
    expect(() => encodeConfiguration(route, configuration)).toThrow(new UsageError(message));
  });

  test("of a vector of another length are refused", () => {
    expect(() => decodeConfiguration(route, [1, 2])).toThrow(
      new UsageError("decodeConfiguration: expected 13 or 14 numbers, got 2"),
    );
  });
});

test("what a vector decides against a constraint is settled", () => {
  const shares = space(
    ["a", "b"].map((name) => float(name, { min: 0, max: 1 })),
    { constraints: [{ name: "whole", expect: { atMost: [{ sum: ["a", "b"] }, 1] } }] },
  );
  const { a = 1, b = 1 } = decodeConfiguration(shares, [0.9, 0.8]) as { a?: number; b?: number };
  expect(a + b).toBeLessThanOrEqual(1);
});
