import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  defaultConfiguration,
  demos,
  float,
  integer,
  parseSpace,
  sampleConfiguration,
  space,
  spaceJsonSchema,
  text,
  validateConfiguration,
} from "#variables";
import type { Space, Variable } from "#variables";
import { seededRng, UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

const anyDemo = fc.record({
  inputs: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<null>, { maxKeys: 2 }),
  outputs: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<null>, { maxKeys: 2 }),
});

/** Any variable of this name. Demos carry what JSON carries: no negative zero, no odd prototypes. */
function variableNamed(name: string): fc.Arbitrary<Variable> {
  const whole = fc.integer({ min: -50, max: 50 });
  return fc.oneof<fc.Arbitrary<Variable>[]>(
    fc
      .tuple(whole, fc.nat(40), fc.option(fc.integer({ min: 1, max: 60 })))
      .map(([min, width, step]) => integer(name, { min, max: min + width, ...(step === null ? {} : { step }) })),
    fc
      .tuple(whole, fc.double({ min: 0, max: 9, noNaN: true }), fc.constantFrom(0, 0.1, 0.25))
      .map(([min, width, step]) => float(name, { min, max: min + width, ...(step === 0 ? {} : { step }) })),
    fc.integer({ min: 1, max: 99 }).map((min) => float(name, { min, max: min * 100, log: true })),
    fc
      .uniqueArray(fc.jsonValue({ maxDepth: 1 }), {
        minLength: 1,
        maxLength: 4,
        selector: (value) => JSON.stringify(value),
      })
      .filter((options) => options.every((option) => typeof option !== "object"))
      .map((options) => choice(name, JSON.parse(JSON.stringify(options)) as string[])),
    fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((candidates) => text(name, { candidates })),
    fc
      .tuple(fc.array(anyDemo, { maxLength: 3 }), fc.nat(3))
      .map(([pool, min]) => demos(name, { pool: JSON.parse(JSON.stringify(pool)), min: Math.min(min, pool.length) })),
  );
}

const anySpace: fc.Arbitrary<Space> = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,5}([./][a-z]{1,4})?$/), { maxLength: 5 })
  .chain((names) => fc.tuple(...names.map(variableNamed)))
  .map((variables) => space(variables));

describe("any space", () => {
  test("accepts its samples and its default", () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (any, seed) => {
        const sample = sampleConfiguration(any, seededRng(seed));
        expect(validateConfiguration(any, sample)).toEqual({ ok: true, configuration: sample });
        expect(validateConfiguration(any, defaultConfiguration(any)).ok).toBe(true);
      }),
    );
  });

  test("survives JSON, and so do its configurations", () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (any, seed) => {
        const read = parseSpace(JSON.parse(JSON.stringify(any)));
        expect(read).toEqual(any);
        const sample = sampleConfiguration(any, seededRng(seed));
        expect(sampleConfiguration(read, seededRng(seed))).toEqual(sample);
        expect(validateConfiguration(read, JSON.parse(JSON.stringify(sample))).ok).toBe(true);
      }),
    );
  });

  test("with one variable more, in whatever place, samples the others as before", () => {
    fc.assert(
      fc.property(anySpace, variableNamed("Another"), fc.nat(), fc.nat(), (any, extra, place, seed) => {
        const at = place % (any.variables.length + 1);
        const larger = space(any.variables.toSpliced(at, 0, extra));
        const { Another: _, ...others } = sampleConfiguration(larger, seededRng(seed));
        expect(others).toEqual(sampleConfiguration(any, seededRng(seed)));
      }),
    );
  });

  test("describes its configurations in JSON Schema, with a default for each", () => {
    fc.assert(
      fc.property(anySpace, (any) => {
        const schema = spaceJsonSchema(any) as { properties: Record<string, { default: unknown }>; required: string[] };
        expect(schema.required).toEqual(any.variables.map(({ name }) => name));
        const defaults = Object.entries(schema.properties).map(([name, property]) => [name, property.default]);
        expect(Object.fromEntries(defaults)).toEqual(defaultConfiguration(any));
      }),
    );
  });
});

describe("a space", () => {
  const two = space([float("temperature", { min: 0, max: 2 }), choice("adapter", ["chat", "json"])]);

  test("refuses two variables of one name", () => {
    expect(() => space([text("a"), text("b"), text("a")])).toThrow(
      new UsageError("space: two variables have the name a"),
    );
  });

  test("reports every defect of a configuration at once: wrong, missing, unknown", () => {
    expect(validateConfiguration(two, { temperature: 3, temprature: 1 })).toEqual({
      ok: false,
      issues: [
        { path: "temperature", expected: "expected a number from 0 to 2", received: "3" },
        { path: "adapter", expected: 'expected one of "chat", "json"', received: "nothing" },
        { path: "temprature", expected: "expected one of temperature, adapter", received: "an unknown path" },
      ],
    });
  });

  test.each([undefined, null, [], "x", new Map()])("%o is no configuration", (value) => {
    const validation = validateConfiguration(two, value);
    expect(validation.ok ? [] : validation.issues).toEqual([
      { path: "", expected: "expected an object", received: expect.any(String) },
    ]);
  });

  test.each<[value: unknown, message: string]>([
    [null, "space: expected { variables: […] }, got null"],
    [{ variables: "x" }, "space: expected { variables: […] }, got an object with variables"],
    [{ variables: [{ kind: "text", name: "a" }, 7] }, "space.variables[1]: expected an object, got 7"],
    [
      {
        variables: [
          { kind: "text", name: "a" },
          { kind: "text", name: "a" },
        ],
      },
      "space: two variables have the name a",
    ],
  ])("%j is no space", (value, message) => {
    expect(() => parseSpace(value)).toThrow(new UsageError(message));
  });
});
