import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choice, composite, demos, float, integer, module, parseVariable, permutation, subset, text } from "#variables";
import { UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

describe("a variable's name", () => {
  test.each(["temperature", "predict.demos", "coder/temperature", "_x", "a-b.c/d_2"])("may be %s", (name) => {
    expect(float(name, { min: 0, max: 1 }).name).toBe(name);
  });

  test.each(["", "2fast", ".x", "/x", "a b", "a:b", "ä", "__proto__", "constructor", "toString"])(
    "is not %j",
    (name) => {
      expect(() => float(name, { min: 0, max: 1 })).toThrow(UsageError);
      expect(() => choice(name, [1])).toThrow("variable name: expected");
    },
  );
});

describe("a variable's group", () => {
  const group = "topology";

  test.each([
    float("x", { min: 0, max: 1, group }),
    integer("x", { min: 0, max: 1, group }),
    choice("x", [1], { group }),
    module("x", ["a"], { group }),
    subset("x", [1], { group }),
    permutation("x", [1], { group }),
    text("x", { group }),
    demos("x", { group }),
    composite("x", { compute: { sum: ["a", 1] }, group }),
  ])("of the kind $kind survives JSON", (variable) => {
    expect(variable.group).toBe(group);
    expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
  });

  test.each<[group: unknown, received: string]>([
    ["", '""'],
    [5, "5"],
    [null, "null"],
  ])("is not %j", (wrong, received) => {
    expect(() => parseVariable({ kind: "text", name: "x", group: wrong })).toThrow(
      new UsageError(`variable x.group: expected a text that is not empty, got ${received}`),
    );
  });
});

describe("a variable from foreign JSON", () => {
  test.each<[definition: unknown, message: string]>([
    [undefined, "variable: expected an object, got nothing"],
    [[1, 2], "variable: expected an object, got a list of 2"],
    [
      {},
      "variable.kind: expected one of float, integer, choice, module, subset, permutation, text, demos, composite, got nothing",
    ],
    [
      { kind: "toString" },
      'variable.kind: expected one of float, integer, choice, module, subset, permutation, text, demos, composite, got "toString"',
    ],
    [{ kind: "float", min: 0, max: 1 }, "variable name: expected a letter or underscore"],
    [{ kind: "text", name: null }, "variable name: expected a letter or underscore"],
    [{ kind: "float", name: "x", min: "0", max: 1 }, 'variable x.min: expected a finite number, got "0"'],
    [{ kind: "choice", name: "x" }, "variable x.options: expected at least one value, got nothing"],
    [{ kind: "text", name: "x", description: 5 }, "variable.description: expected a text, got 5"],
  ])("%j is refused", (definition, message) => {
    expect(() => parseVariable(definition)).toThrow(UsageError);
    expect(() => parseVariable(definition)).toThrow(message);
  });

  test("says where it stood", () => {
    expect(() => parseVariable(5, "space.variables[3]")).toThrow("space.variables[3]: expected an object, got 5");
  });

  test("whatever comes, it is a variable or a usage error", () => {
    const kind = fc.constantFrom(
      "float",
      "integer",
      "choice",
      "module",
      "subset",
      "permutation",
      "text",
      "demos",
      "composite",
    );
    const foreign = fc.record({ kind, name: fc.constantFrom("x", 5, null) }, { requiredKeys: ["kind"] });
    const rest = fc.dictionary(
      fc.constantFrom(
        "min",
        "max",
        "step",
        "log",
        "default",
        "options",
        "weights",
        "items",
        "pool",
        "candidates",
        "maxTokens",
        "precision",
        "compute",
        "group",
      ),
      fc.oneof(fc.jsonValue(), fc.integer(), fc.constant(["a", "b", "c"])),
    );
    fc.assert(
      fc.property(foreign, rest, (head, tail) => {
        try {
          const variable = parseVariable({ ...head, ...tail });
          expect(parseVariable(JSON.parse(JSON.stringify(variable)))).toEqual(variable);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
