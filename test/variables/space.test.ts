import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  defaultConfiguration,
  float,
  parseSpace,
  sampleConfiguration,
  space,
  spaceJsonSchema,
  text,
  validateConfiguration,
} from "#variables";
import { anySpace, variableNamed } from "./any-space.ts";
import { seededRng, UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

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
