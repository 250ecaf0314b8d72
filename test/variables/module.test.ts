import { describe, expect, test } from "vitest";
import {
  defaultConfiguration,
  module,
  parseVariable,
  sampleConfiguration,
  space,
  spaceJsonSchema,
  validateConfiguration,
} from "#variables";
import { mutateConfiguration } from "#variables/search";
import { seededRng, UsageError } from "#foundation";

const coder = module("coder", ["python", "javascript"], { weights: [3, 1], default: "javascript" });

describe("a module", () => {
  test("is one of the names of a registry, of which it keeps the names alone", () => {
    const registry = { cot: (): number => 1, react: class {} };
    expect(module("strategy", registry)).toEqual(module("strategy", ["cot", "react"]));
    expect(parseVariable(JSON.parse(JSON.stringify(coder)))).toEqual(coder);
  });

  test("outside the names is refused with the known ones", () => {
    expect(validateConfiguration(space([coder]), { coder: "rust" })).toEqual({
      ok: false,
      issues: [{ path: "coder", expected: 'expected one of the modules "python", "javascript"', received: '"rust"' }],
    });
    expect(() => module("coder", ["python"], { default: "rust" })).toThrow(
      new UsageError('variable coder.default: expected one of the modules "python", got "rust"'),
    );
  });

  test("is sampled by its weights, mutates to another name, has a default and a schema", () => {
    const drawn = Array.from(
      { length: 400 },
      (_, seed) => sampleConfiguration(space([coder]), seededRng(seed))["coder"],
    );
    expect(drawn.filter((name) => name === "python").length / 400).toBeCloseTo(0.75, 1);
    expect(mutateConfiguration(space([coder]), { coder: "python" }, seededRng(1))).toEqual({ coder: "javascript" });
    expect(defaultConfiguration(space([coder]))).toEqual({ coder: "javascript" });
    expect(defaultConfiguration(space([module("m", ["a", "b"])]))).toEqual({ m: "a" });
    expect(spaceJsonSchema(space([coder]))).toMatchObject({
      properties: { coder: { enum: ["python", "javascript"] } },
    });
  });

  test.each<[options: unknown, message: string]>([
    [[], "variable m.options: expected at least one value, got a list of 0"],
    [{}, "variable m.options: expected at least one value, got a list of 0"],
    [["a", "a"], "variable m.options: expected different values, got one of them twice"],
    [["a", 3], "variable m.options: expected names of modules, got 3"],
    [["a", ""], 'variable m.options: expected names of modules, got ""'],
  ])("of %j is refused", (options, message) => {
    expect(() => module("m", options as string[])).toThrow(new UsageError(message));
  });
});
