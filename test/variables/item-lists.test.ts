import { describe, expect, test } from "vitest";
import {
  defaultConfiguration,
  parseVariable,
  permutation,
  sampleConfiguration,
  space,
  spaceJsonSchema,
  subset,
  validateConfiguration,
} from "#variables";
import type { ItemListOptions, Variable } from "#variables";
import { seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";

const items = ["a", "b", "c"];
const samples = (variable: Variable, count: number): string[] =>
  Array.from({ length: count }, (_, seed) =>
    JSON.stringify(sampleConfiguration(space([variable]), seededRng(seed))["x"]),
  );
const defaultOf = (variable: Variable): unknown => defaultConfiguration(space([variable]))["x"];
const issuesOf = (variable: Variable, value: unknown): readonly string[] => {
  const validation = validateConfiguration(space([variable]), { x: value });
  return validation.ok ? [] : validation.issues.map(({ expected }) => expected);
};

describe("a subset", () => {
  test("is one to all items in the order of the definition, all of them unless told", () => {
    expect(defaultOf(subset("x", items))).toEqual(items);
    expect(defaultOf(subset("x", items, { max: 2 }))).toEqual(["a", "b"]);
    expect(defaultOf(subset("x", items, { default: ["c"] }))).toEqual(["c"]);
    expect(new Set(samples(subset("x", items), 300)).size).toBe(7);
    expect(new Set(samples(subset("x", items, { min: 0, max: 1 }), 100))).toEqual(
      new Set(["[]", '["a"]', '["b"]', '["c"]']),
    );
  });

  test("is sampled as often in each size", () => {
    const drawn = samples(subset("x", [1, 2, 3, 4, 5, 6], { min: 1, max: 6 }), 1200);
    for (const size of [1, 2, 3, 4, 5, 6]) {
      const share = drawn.filter((value) => (JSON.parse(value) as Json[]).length === size).length / 1200;
      expect(share).toBeCloseTo(1 / 6, 1);
    }
  });

  test.each<[value: unknown]>([[[]], [["b", "a"]], [["a", "a"]], [["a", "z"]], ["a"], [undefined], [[undefined]]])(
    "is not %j",
    (value) => {
      expect(issuesOf(subset("x", items), value)).toEqual([
        'expected 1 to 3 different ones of "a", "b", "c", in this order',
      ]);
    },
  );

  test("compares items by what they hold", () => {
    const variable = subset("x", [{ a: 1, b: 2 }, ["y"]]);
    expect(issuesOf(variable, [{ b: 2, a: 1 }])).toEqual([]);
    expect(issuesOf(variable, [["y"]])).toEqual([]);
    expect(issuesOf(variable, [["z"]])).toHaveLength(1);
  });
});

describe("a permutation", () => {
  test("is all items in any order, theirs unless told", () => {
    const variable = permutation("x", items);
    expect(defaultOf(variable)).toEqual(items);
    expect(new Set(samples(variable, 200)).size).toBe(6);
    expect(issuesOf(variable, ["c", "a", "b"])).toEqual([]);
    expect(issuesOf(variable, ["c", "a"])).toEqual(['expected 3 different ones of "a", "b", "c", in any order']);
    expect(issuesOf(variable, ["c", "a", "a"])).toHaveLength(1);
  });

  test("is an ordered selection where it may be shorter", () => {
    expect(new Set(samples(permutation("x", items, { min: 1, max: 2 }), 300)).size).toBe(3 + 6);
    expect(defaultOf(permutation("x", items, { max: 2 }))).toEqual(["a", "b"]);
    expect(issuesOf(permutation("x", items, { max: 2 }), ["b"])).toHaveLength(1);
    expect(issuesOf(permutation("x", items, { min: 1 }), ["b"])).toEqual([]);
  });
});

test.each<[variable: Variable, minItems: number, maxItems: number]>([
  [subset("x", items, { max: 2 }), 1, 2],
  [permutation("x", items), 3, 3],
])("the JSON Schema of the $kind asks for different items", (variable, minItems, maxItems) => {
  expect(spaceJsonSchema(space([variable]))).toMatchObject({
    properties: { x: { type: "array", uniqueItems: true, items: { enum: items }, minItems, maxItems } },
  });
});

test.each([
  subset("x", ["a", { b: null }], { min: 0, max: 1, default: [], description: "who", group: "agent_selection" }),
  permutation("x", ["a", { b: null }], { min: 1, default: [{ b: null }] }),
])("a $kind survives JSON", (variable) => {
  expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
});

describe.each([
  ["subset", subset, "in this order"],
  ["permutation", permutation, "in any order"],
] as const)("a %s that makes no sense is refused", (_, make, order) => {
  test.each<[given: readonly Json[], options: ItemListOptions, message: string]>([
    [[], {}, "variable x.items: expected at least one value, got a list of 0"],
    ["ab" as never, {}, 'variable x.items: expected at least one value, got "ab"'],
    [["a", "a"], {}, "variable x.items: expected different values, got one of them twice"],
    [items, { max: 4 }, "variable x: expected whole numbers 0 ≤ min ≤ max ≤ 3, got min "],
    [items, { min: 2, max: 1 }, "variable x: expected whole numbers 0 ≤ min ≤ max ≤ 3, got min 2, max 1"],
    [items, { min: "1" as never }, 'variable x: expected whole numbers 0 ≤ min ≤ max ≤ 3, got min "1", max 3'],
    [
      items,
      { min: 1, default: ["z"] },
      `variable x.default: expected 1 to 3 different ones of "a", "b", "c", ${order}, got a list of 1`,
    ],
  ])("%j %j", (given, options, message) => {
    const refused = (): unknown => make("x", given, options);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(message);
  });
});
