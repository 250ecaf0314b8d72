import { describe, expect, test } from "vitest";
import {
  defaultConfiguration,
  demos,
  parseVariable,
  sampleConfiguration,
  space,
  validateConfiguration,
} from "#variables";
import type { Demo, DemosOptions, DemosVariable } from "#variables";
import { seededRng, UsageError } from "#foundation";

const pool: Demo[] = ["a", "b", "c", "d"].map((name) => ({ inputs: { name }, outputs: { size: 1 } }));
const sample = (variable: DemosVariable, seed: number): readonly Demo[] =>
  sampleConfiguration(space([variable]), seededRng(seed))["x"] as unknown as readonly Demo[];
const samples = (variable: DemosVariable): (readonly Demo[])[] =>
  Array.from({ length: 100 }, (_, seed) => sample(variable, seed));
const issues = (variable: DemosVariable, value: unknown): unknown => {
  const validation = validateConfiguration(space([variable]), { x: value });
  return validation.ok ? [] : validation.issues.map(({ expected }) => expected);
};

describe("demonstrations", () => {
  test("are none unless told, or the first of the pool where some are required", () => {
    expect(defaultConfiguration(space([demos("x")]))).toEqual({ x: [] });
    expect(defaultConfiguration(space([demos("x", { pool })]))).toEqual({ x: [] });
    expect(defaultConfiguration(space([demos("x", { pool, min: 2 })]))).toEqual({ x: pool.slice(0, 2) });
    expect(defaultConfiguration(space([demos("x", { default: pool })]))).toEqual({ x: pool });
  });

  test("are sampled from the pool, different ones, of every allowed number", () => {
    const drawn = samples(demos("x", { pool, min: 1, max: 3 }));
    expect(new Set(drawn.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
    for (const list of drawn) expect(new Set(list).size).toBe(list.length);
    expect(new Set(drawn.flat())).toEqual(new Set(pool));
  });

  test("are never more than the pool has", () => {
    expect(Math.max(...samples(demos("x", { pool, max: 9 })).map(({ length }) => length))).toBe(4);
    expect(samples(demos("x")).every(({ length }) => length === 0)).toBe(true);
  });

  test("from elsewhere are valid too, within the number", () => {
    const variable = demos("x", { pool, max: 2 });
    const other: Demo = { inputs: { name: "z" }, outputs: {} };
    expect(issues(variable, [other, other])).toEqual([]);
    expect(issues(variable, [other, other, other])).toEqual(["expected 0 to 2 demos"]);
    expect(issues(variable, "none")).toEqual(['expected 0 to 2 demos, but "none" came']);
    expect(issues(variable, [{ inputs: {} }])).toEqual([
      "expected 0 to 2 demos, but [0] is not { inputs, outputs } but an object with inputs",
    ]);
    expect(issues(variable, [{ inputs: { at: new Date(0) }, outputs: {} }])).toEqual([
      "expected 0 to 2 demos, but [0].inputs.at is a Date",
    ]);
  });

  test("survive JSON", () => {
    const variable = demos("x", { pool, min: 1, max: 3, default: pool.slice(0, 1) });
    expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
  });
});

test.each<[options: DemosOptions, message: string]>([
  [{ min: 3, max: 2 }, "variable x: expected whole numbers 0 ≤ min ≤ max, got min 3, max 2"],
  [{ min: -1 }, "variable x: expected whole numbers 0 ≤ min ≤ max, got min -1, max 16"],
  [{ min: 1.5 }, "variable x: expected whole numbers 0 ≤ min ≤ max, got min 1.5, max 16"],
  [{ pool, min: 5 }, "variable x.pool: expected at least 5 demos, got 4"],
  [{ min: 1 }, "variable x: expected a pool or a default with at least 1 demos, got neither"],
  [{ pool: [{}] } as unknown as DemosOptions, "variable x.pool: [0] is not { inputs, outputs } but an empty object"],
  [{ default: pool, max: 2 }, "variable x.default: expected 0 to 2 demos"],
])("the options %o are refused", (options, message) => {
  expect(() => demos("x", options)).toThrow(new UsageError(message));
});
