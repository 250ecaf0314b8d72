import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defaultConfiguration,
  float,
  integer,
  parseVariable,
  sampleConfiguration,
  settleConfiguration,
  space,
  spaceJsonSchema,
  validateConfiguration,
} from "#variables";
import { mutateConfiguration } from "#variables/search";
import type { FloatOptions, NumberOptions, Variable } from "#variables";
import { seededRng, UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

const samples = (variable: Variable, count: number): number[] =>
  Array.from({ length: count }, (_, seed) => sampleConfiguration(space([variable]), seededRng(seed))["x"] as number);
const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
const defaultOf = (variable: Variable): unknown => defaultConfiguration(space([variable]))["x"];
const accepts = (variable: Variable, value: unknown): boolean =>
  validateConfiguration(space([variable]), { x: value }).ok;

describe("a float", () => {
  test.each<[options: NumberOptions, middle: number]>([
    [{ min: 0, max: 2 }, 1],
    [{ min: -3, max: -1 }, -2],
    [{ min: 0.01, max: 1, log: true }, 0.1],
    [{ min: 0, max: 1, step: 0.1 }, 0.5],
    [{ min: 0.5, max: 0.5 }, 0.5],
    [{ min: 0, max: 2, default: 0.7 }, 0.7],
  ])("%o has the default %d", (options, middle) => {
    expect(defaultOf(float("x", options))).toBeCloseTo(middle, 12);
  });

  test("accepts finite numbers of its range, the ends included", () => {
    const variable = float("x", { min: 0, max: 2 });
    expect([0, 2, 1.5].every((value) => accepts(variable, value))).toBe(true);
    expect([-0.001, 2.001, Number.NaN, Infinity, "1", null, undefined].some((value) => accepts(variable, value))).toBe(
      false,
    );
  });

  test("with a step accepts the grid alone, and samples it without binary dust", () => {
    const variable = float("x", { min: 0, max: 1, step: 0.1 });
    expect([0, 0.1, 0.3, 0.1 + 0.2, 1].every((value) => accepts(variable, value))).toBe(true);
    expect([0.05, 0.33].some((value) => accepts(variable, value))).toBe(false);
    expect(distinct(samples(variable, 300))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  test("in the logarithm is sampled as often in each decade", () => {
    const drawn = samples(float("x", { min: 0.001, max: 1, log: true }), 3000);
    const decades = [0.001, 0.01, 0.1].map((low) => drawn.filter((value) => value >= low && value < low * 10).length);
    for (const count of decades) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("is sampled evenly over its range", () => {
    const drawn = samples(float("x", { min: -1, max: 3 }), 2000);
    expect(drawn.reduce((sum, value) => sum + value, 0) / 2000).toBeCloseTo(1, 1);
    expect(Math.min(...drawn)).toBeLessThan(-0.95);
    expect(Math.max(...drawn)).toBeGreaterThan(2.95);
  });

  test("over the whole range of numbers still gives finite samples", () => {
    const variable = float("x", { min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
    expect(defaultOf(variable)).toBe(0);
    expect(samples(variable, 20).every((value) => accepts(variable, value))).toBe(true);
  });
});

describe("a float with a precision", () => {
  const heat = float("x", { min: 0, max: 2, precision: 2 });
  const hasDigits = (value: number): boolean => Number(value.toFixed(2)) === value;

  test("accepts, samples and mutates to numbers of that many digits alone", () => {
    expect([0, 0.1, 1.99, 2].every((value) => accepts(heat, value))).toBe(true);
    expect([0.001, 0.1 + 0.2, 1.999].some((value) => accepts(heat, value))).toBe(false);
    const drawn = samples(heat, 2000);
    expect(drawn.every(hasDigits)).toBe(true);
    expect(distinct(drawn).length).toBeGreaterThan(195);
    const moved = drawn.map((x, seed) => mutateConfiguration(space([heat]), { x }, seededRng(seed))["x"] as number);
    expect(moved.every((value, index) => hasDigits(value) && value !== drawn[index])).toBe(true);
  });

  test("is settled to the nearest such number, where only the digits are wrong", () => {
    const settled = (x: number): unknown => settleConfiguration(space([heat]), { x })["x"];
    expect([0.1 + 0.2, 1.234, 1.999, 3].map(settled)).toEqual([0.3, 1.23, 2, 1]);
  });

  test("stays within ends that have more digits, in the logarithm too", () => {
    const odd = float("x", { min: 0.05, max: 0.31, precision: 1 });
    expect(distinct(samples(odd, 100))).toEqual([0.1, 0.2, 0.3]);
    expect(defaultOf(odd)).toBe(0.2);
    const small = float("x", { min: 0.01, max: 1, precision: 2, log: true });
    const drawn = samples(small, 1000);
    expect(drawn.every(hasDigits)).toBe(true);
    expect(drawn.filter((value) => value <= 0.1).length).toBeGreaterThan(450);
    const beside = drawn.map((x, seed) => mutateConfiguration(space([small]), { x }, seededRng(seed))["x"]);
    expect(beside.every((value, index) => accepts(small, value) && value !== drawn[index])).toBe(true);
  });

  test("says so in its schema and its errors", () => {
    expect(spaceJsonSchema(space([heat]))).toMatchObject({ properties: { x: { multipleOf: 0.01 } } });
    expect(validateConfiguration(space([heat]), { x: 0.123 })).toMatchObject({
      issues: [{ expected: "expected a number from 0 to 2 with at most 2 decimal digits" }],
    });
    expect(parseVariable(JSON.parse(JSON.stringify(heat)))).toEqual(heat);
  });

  test.each<[options: FloatOptions, message: string]>([
    [
      { min: 0, max: 1, precision: 1.5 },
      "variable x.precision: expected a whole number of digits from 0 to 15, got 1.5",
    ],
    [{ min: 0, max: 1, precision: 16 }, "variable x.precision: expected a whole number of digits from 0 to 15, got 16"],
    [
      { min: 0, max: 1, step: 0.1, precision: 1 },
      "variable x.precision: expected no step, which tells the values already, got 0.1",
    ],
    [
      { min: 0.11, max: 0.19, precision: 1 },
      "variable x.precision: expected a range with numbers of 1 digits, got 0.11 to 0.19",
    ],
    [
      { min: 0, max: 1e9, precision: 15 },
      "variable x.precision: expected a range with numbers of 15 digits, got 0 to 1000000000",
    ],
    [
      { min: 0, max: 1, precision: 1, default: 0.25 },
      "variable x.default: expected a finite number from 0 to 1 with at most 1 decimal digits, got 0.25",
    ],
  ])("%j is refused", (options, message) => {
    expect(() => float("x", options)).toThrow(new UsageError(message));
  });

  test("is not for whole numbers", () => {
    expect(() => integer("x", { min: 0, max: 1, precision: 1 } as NumberOptions)).toThrow(
      new UsageError("variable x.precision: expected none, since whole numbers have no decimal digits"),
    );
  });
});

test("a logarithmic range whose ratio is beyond all numbers is sampled over all its decades", () => {
  const drawn = samples(float("x", { min: 1e-300, max: 1e300, log: true }), 200);
  expect(drawn.filter((value) => value < 1).length).toBeGreaterThan(70);
  expect(drawn.filter((value) => value > 1).length).toBeGreaterThan(70);
});

describe("an integer", () => {
  test("samples every whole number of its range and nothing else", () => {
    expect(distinct(samples(integer("x", { min: -1, max: 3 }), 200))).toEqual([-1, 0, 1, 2, 3]);
    expect(distinct(samples(integer("x", { min: 1, max: 9, step: 3 }), 200))).toEqual([1, 4, 7]);
  });

  test("in the logarithm samples whole numbers, small ones more often", () => {
    const drawn = samples(integer("x", { min: 1, max: 1000, log: true }), 1000);
    expect(drawn.every(Number.isInteger)).toBe(true);
    expect(drawn.filter((value) => value <= 31).length).toBeGreaterThan(400);
  });

  test("refuses fractions", () => {
    const variable = integer("x", { min: 0, max: 3 });
    expect(accepts(variable, 2)).toBe(true);
    expect(accepts(variable, 2.5)).toBe(false);
  });

  test("keeps every digit of large numbers", () => {
    const variable = integer("x", { min: 1_234_567_890_123, max: 1_234_567_890_133, step: 2 });
    expect(defaultOf(variable)).toBe(1_234_567_890_129);
  });
});

describe("a definition that makes no sense is refused", () => {
  test.each<[make: () => unknown, message: string]>([
    [() => float("x", { min: 2, max: 1 }), "variable x: min 2 is greater than max 1"],
    [() => float("x", { min: Number.NaN, max: 1 }), "variable x.min: expected a finite number, got NaN"],
    [() => float("x", {} as NumberOptions), "variable x.min: expected a finite number, got nothing"],
    [() => float("x", { min: 0, max: 1, step: 0 }), "variable x.step: expected more than 0, got 0"],
    [
      () => float("x", { min: 0, max: 1, log: true }),
      "variable x.log: expected min > 0 and no step, got min 0, step none",
    ],
    [
      () => float("x", { min: 1, max: 2, step: 1, log: true }),
      "variable x.log: expected min > 0 and no step, got min 1, step 1",
    ],
    [
      () => float("x", { min: 1, max: 2, log: "yes" } as unknown as NumberOptions),
      'variable x.log: expected true or false, got "yes"',
    ],
    [
      () => float("x", { min: 0, max: 1, default: 2 }),
      "variable x.default: expected a finite number from 0 to 1, got 2",
    ],
    [
      () => integer("x", { min: 0, max: 9, step: 3, default: 4 }),
      "variable x.default: expected a whole number from 0 to 9 in steps of 3, got 4",
    ],
    [() => integer("x", { min: 0.5, max: 1 }), "variable x.min: expected a whole number, got 0.5"],
    [() => integer("x", { min: 0, max: 4, step: 0.5 }), "variable x.step: expected a whole number, got 0.5"],
  ])("%#", (make, message) => {
    expect(make).toThrow(new UsageError(message));
  });
});

test("every sample and the default of any range fit it", () => {
  const range = fc
    .record({
      min: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      width: fc.double({ min: 0, max: 1e6, noNaN: true }),
    })
    .map(({ min, width }) => ({ min, max: min + width }));
  const step = fc.option(fc.double({ min: 1e-2, max: 1e5, noNaN: true }), { nil: undefined });
  const options = fc.oneof(
    fc.tuple(range, step).map(([ends, grid]) => (grid === undefined ? ends : { ...ends, step: grid })),
    range.map(({ min, max }) => ({ min: Math.abs(min) + 1e-3, max: Math.abs(min) + 1e-3 + (max - min), log: true })),
  );
  fc.assert(
    fc.property(options, fc.nat(), (drawn, seed) => {
      const variable = float("x", drawn);
      expect(accepts(variable, defaultOf(variable))).toBe(true);
      expect(accepts(variable, samples(variable, 1 + (seed % 3))[0])).toBe(true);
    }),
  );
});

test("the JSON Schema tells the range, and the step where it is one of multiples", () => {
  const schemaOf = (variable: Variable): unknown =>
    (spaceJsonSchema(space([variable]))["properties"] as { x: unknown }).x;
  expect(schemaOf(float("x", { min: 0, max: 1 }))).toEqual({ type: "number", minimum: 0, maximum: 1, default: 0.5 });
  expect(schemaOf(integer("x", { min: 0, max: 8, step: 4 }))).toEqual({
    type: "integer",
    minimum: 0,
    maximum: 8,
    multipleOf: 4,
    default: 4,
  });
  expect(schemaOf(integer("x", { min: 1, max: 9, step: 4 }))).not.toHaveProperty("multipleOf");
});

test("a number survives JSON", () => {
  for (const variable of [float("x", { min: 0.1, max: 1, log: true }), integer("x", { min: 0, max: 8, default: 3 })])
    expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
});
