import { describe, expect, test } from "vitest";
import {
  defaultConfiguration,
  parseVariable,
  sampleConfiguration,
  space,
  text,
  validateConfiguration,
} from "#variables";
import type { TextOptions, TextVariable } from "#variables";
import { seededRng, UsageError } from "#foundation";

const sample = (variable: TextVariable, seed: number): unknown =>
  sampleConfiguration(space([variable]), seededRng(seed))["x"];

describe("a text", () => {
  test("is empty unless told, and samples are its default without candidates", () => {
    expect(defaultConfiguration(space([text("x")]))).toEqual({ x: "" });
    expect(sample(text("x", { default: "Route it." }), 1)).toBe("Route it.");
  });

  test("samples its candidates and accepts other texts too", () => {
    const variable = text("x", { candidates: ["one", "two"] });
    expect(new Set(Array.from({ length: 50 }, (_, seed) => sample(variable, seed)))).toEqual(new Set(["one", "two"]));
    expect(validateConfiguration(space([variable]), { x: "three" }).ok).toBe(true);
  });

  test("is bounded by its tokens, four characters each", () => {
    const variable = text("x", { maxTokens: 2 });
    expect(validateConfiguration(space([variable]), { x: "12345678" }).ok).toBe(true);
    expect(validateConfiguration(space([variable]), { x: "123456789" })).toEqual({
      ok: false,
      issues: [{ path: "x", expected: "expected a text of at most 2 tokens (8 characters)", received: '"123456789"' }],
    });
    expect(validateConfiguration(space([variable]), { x: 5 }).ok).toBe(false);
  });

  test("survives JSON", () => {
    const variable = text("x", { default: "a", candidates: ["a", "b"], maxTokens: 10, description: "what to do" });
    expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
  });
});

test.each<[options: TextOptions, message: string]>([
  [{ maxTokens: 0 }, "variable x.maxTokens: expected a whole number above 0, got 0"],
  [{ candidates: [] }, "variable x.candidates: expected at least one text, got a list of 0"],
  [{ candidates: "one" } as unknown as TextOptions, 'variable x.candidates: expected at least one text, got "one"'],
  [{ maxTokens: 1, default: "12345" }, 'variable x: expected a text of at most 1 tokens (4 characters), got "12345"'],
  [
    { candidates: [5] } as unknown as TextOptions,
    "variable x: expected a text of at most 2000 tokens (8000 characters), got 5",
  ],
])("the options %o are refused", (options, message) => {
  expect(() => text("x", options)).toThrow(new UsageError(message));
});
