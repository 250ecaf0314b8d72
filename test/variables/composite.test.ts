import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  activeVariables,
  choice,
  composite,
  defaultConfiguration,
  float,
  integer,
  parseSpace,
  parseVariable,
  sampleConfiguration,
  settleConfiguration,
  space,
  spaceJsonSchema,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import type { Configuration, Expression } from "#variables";
import { seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { anyWholeSpace } from "./any-space.ts";

fc.configureGlobal({ seed: 20 });

describe("any space with computed values", () => {
  test("survives JSON", () => {
    fc.assert(
      fc.property(anyWholeSpace, (any) => {
        expect(parseSpace(JSON.parse(JSON.stringify(any)))).toEqual(any);
      }),
      { numRuns: 50 },
    );
  });

  test("accepts its default, its samples, its mutations and its crossings, and settles them to themselves", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
        const rng = seededRng(seed);
        const [a, b] = [sampleConfiguration(any, rng.fork("a")), sampleConfiguration(any, rng.fork("b"))];
        const mutated = mutateConfiguration(any, a, rng, { variables: 2 });
        for (const each of [defaultConfiguration(any), a, b, mutated, crossConfigurations(any, a, b, rng)]) {
          expect(validateConfiguration(any, each)).toEqual({ ok: true, configuration: each });
          expect(settleConfiguration(any, each)).toEqual(each);
          expect(Object.keys(each)).toEqual(activeVariables(any, each).map(({ name }) => name));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("computes the same whatever the order of its variables and whatever stood there before", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        const reversed = { ...any, variables: any.variables.toReversed() };
        expect(settleConfiguration(reversed, sample)).toEqual(sample);
        const { Total: _total, Label: _label, ...chosen } = sample;
        expect(settleConfiguration(any, { ...chosen, Total: "wrong" })).toEqual(sample);
      }),
      { numRuns: 100 },
    );
  });
});

const values: Configuration = { a: 3, b: 0.5, role: "judge", list: ["x", "y"], no: false };

test.each<[compute: Expression, value: Json | undefined]>([
  ["a", 3],
  ["list", ["x", "y"]],
  [7, 7],
  [{ value: { deep: [1] } }, { deep: [1] }],
  [{ sum: ["a", "b", 1] }, 4.5],
  [{ sum: [0.7, 0.2, 0.1] }, 1],
  [{ sum: ["a", "role", "missing"] }, 3],
  [{ sum: ["role", "missing"] }, undefined],
  [{ product: ["a", { sum: ["b", "b"] }] }, 3],
  [{ product: [1e300, 1e300] }, undefined],
  [{ min: ["a", "b"] }, 0.5],
  [{ max: ["a", "b"] }, 3],
  [{ count: "list" }, 2],
  [{ count: "role" }, undefined],
  [{ template: "A {role} of {a}: {list}, {no} {} {not a path}" }, 'A judge of 3: ["x","y"], false {} {not a path}'],
  [{ template: "{role} {missing}" }, undefined],
  [
    {
      map: {
        path: "role",
        cases: [
          ["coder", 1],
          ["judge", 2],
        ],
      },
    },
    2,
  ],
  [{ map: { path: "list", cases: [[["x", "y"], "both"]] } }, "both"],
  [{ map: { path: "a", cases: [[4, 1]], otherwise: null } }, null],
  [{ map: { path: "a", cases: [[4, 1]] } }, undefined],
])("%j is %j", (compute, value) => {
  const all = space(
    [
      choice("always", [true, false]),
      integer("a", { min: 0, max: 9 }),
      float("b", { min: 0, max: 1 }),
      text("role"),
      subset("list", ["x", "y", "z"]),
      choice("no", [true, false]),
      integer("missing", { min: 0, max: 9 }),
      composite("it", { compute }),
    ],
    { when: { missing: { always: false } } },
  );
  const settled = settleConfiguration(all, { ...values, always: true });
  expect(settled["it"]).toEqual(value);
  expect(Object.hasOwn(settled, "it")).toBe(value !== undefined);
  expect(validateConfiguration(all, settled).ok).toBe(true);
});

describe("a computed value", () => {
  const cost = composite("cost", { compute: { product: ["steps", "price"] }, description: "In cents." });
  const price = composite("price", {
    compute: {
      map: {
        path: "model",
        cases: [
          ["s", 1],
          ["l", 5],
        ],
      },
    },
  });
  const review = choice("review", ["short", "long"]);
  const steps = integer("steps", { min: 1, max: 4 });
  const plan = space([review, cost, price, choice("model", ["s", "l"]), steps], { when: { review: { cost: 20 } } });

  test("stands behind what it is computed from, and conditions may ask for it", () => {
    expect(settleConfiguration(plan, { model: "l", steps: 3 })).toEqual({ cost: 15, price: 5, model: "l", steps: 3 });
    expect(settleConfiguration(plan, { model: "l", steps: 4 })).toMatchObject({ review: "short", cost: 20 });
  });

  test("is validated to be what it computes to", () => {
    expect(validateConfiguration(plan, { model: "l", steps: 3, price: 5, cost: 16 })).toEqual({
      ok: false,
      issues: [{ path: "cost", expected: "expected 15, computed from steps, price", received: "16" }],
    });
    expect(validateConfiguration(plan, { model: "l", steps: 3, price: 5 })).toMatchObject({
      issues: [{ path: "cost", received: "nothing" }],
    });
    const shy = space([composite("x", { compute: { sum: ["y"] } }), text("y")]);
    expect(validateConfiguration(shy, { y: "", x: 1 })).toMatchObject({
      issues: [{ path: "x", expected: "expected to be absent, since there is nothing to compute it from" }],
    });
  });

  test("is said to be computed in the schema, and is not required", () => {
    expect(spaceJsonSchema(plan)).toMatchObject({
      required: ["model", "steps"],
      properties: { cost: { description: "In cents. Computed from steps, price." } },
    });
  });

  test("from itself, in a circle or from nobody is refused by name", () => {
    const of = (name: string, path: string) => composite(name, { compute: { sum: [path, 1] } });
    expect(() => space([of("a", "b"), of("b", "c"), of("c", "a")])).toThrow(
      new UsageError("space: what is computed and asked goes in a circle: a → b → c → a"),
    );
    expect(() => space([of("a", "b"), steps, choice("b", [1])], { when: { b: { a: 2 } } })).toThrow("a → b → a");
    expect(() => space([of("a", "stpes"), steps])).toThrow(
      new UsageError("variable a: expected paths of the space (a, steps), got stpes"),
    );
  });

  test.each<[compute: unknown, message: string]>([
    [undefined, "variable x.compute: expected an expression in JSON, but value is nothing"],
    [
      null,
      "variable x.compute: expected a path, a number or an object with one of value, sum, product, min, max, count, template, map, got null",
    ],
    [{ average: [1] }, "got an object with average"],
    [{ sum: [1], max: [1] }, "got an object with sum, max"],
    [{ sum: ["a", { oops: 1 }] }, "variable x.compute.sum[1]: expected a path"],
    [{ count: ["a"] }, "got an object with count"],
    [
      { map: { path: "a", cases: ["b"] } },
      "variable x.compute.map: expected { path, cases: [[is, to], …], otherwise? }",
    ],
  ])("by %j is refused", (compute, message) => {
    const definition = { kind: "composite", name: "x", compute };
    expect(() => parseVariable(definition)).toThrow(UsageError);
    expect(() => parseVariable(definition)).toThrow(message);
  });
});
