import { describe, expect, test } from "vitest";
import {
  choice,
  defaultConfiguration,
  parseVariable,
  sampleConfiguration,
  space,
  validateConfiguration,
} from "#variables";
import type { ChoiceVariable } from "#variables";
import { seededRng, UsageError } from "#foundation";

const accepts = (variable: ChoiceVariable, value: unknown): boolean =>
  validateConfiguration(space([variable]), { x: value }).ok;
const defaultOf = (variable: ChoiceVariable): unknown => defaultConfiguration(space([variable]))["x"];

describe("a choice", () => {
  test("accepts its options and nothing else", () => {
    const variable = choice("x", ["a", 1, true, null]);
    expect(["a", 1, true, null].every((value) => accepts(variable, value))).toBe(true);
    expect(["b", "1", 2, false, undefined, {}].some((value) => accepts(variable, value))).toBe(false);
  });

  test("compares lists and objects by their values", () => {
    const variable = choice("x", [{ a: 1, b: [2] }, ["x", "y"]]);
    expect(accepts(variable, { b: [2], a: 1 })).toBe(true);
    expect(accepts(variable, ["x", "y"])).toBe(true);
    expect(accepts(variable, ["y", "x"])).toBe(false);
    expect(accepts(variable, { a: 1, b: [new Date()] })).toBe(false);
  });

  test("has its first option as default unless told, null too", () => {
    expect(defaultOf(choice("x", ["a", "b"]))).toBe("a");
    expect(defaultOf(choice("x", ["a", "b"], { default: "b" }))).toBe("b");
    expect(defaultOf(choice("x", ["a", null], { default: null }))).toBeNull();
  });

  test("is sampled by its weights", () => {
    const variable = choice("x", ["rare", "often"], { weights: [1, 3] });
    const drawn = Array.from(
      { length: 2000 },
      (_, seed) => sampleConfiguration(space([variable]), seededRng(seed))["x"],
    );
    expect(drawn.filter((value) => value === "often").length / 2000).toBeCloseTo(0.75, 1);
    expect(new Set(drawn).size).toBe(2);
  });

  test("survives JSON", () => {
    const variable = choice("x", [{ a: [1, null] }, "b"], { weights: [1, 2], default: "b", description: "which one" });
    expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
  });
});

describe("a definition that makes no sense is refused", () => {
  test.each<[make: () => unknown, message: string]>([
    [() => choice("x", []), "variable x.options: expected at least one value, got a list of 0"],
    [() => choice("x", ["a", "a"]), "variable x.options: expected different values, got one of them twice"],
    [
      () =>
        choice("x", [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ]),
      "expected different values",
    ],
    [() => choice("x", [Number.NaN]), "variable x.options: expected JSON values, but [0] is NaN"],
    [() => choice("x", ["a", "b"], { weights: [1] }), "variable x.weights: expected 2 positive numbers, got [1]"],
    [() => choice("x", ["a", "b"], { weights: [1, 0] }), "variable x.weights: expected 2 positive numbers, got [1,0]"],
    [() => choice("x", ["a", "b"], { default: "c" }), 'variable x.default: expected one of "a", "b", got "c"'],
  ])("%#", (make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});
