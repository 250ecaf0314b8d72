import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat, execute, json, program, signature, typeText } from "#programs";
import type { FieldType } from "#programs";
import { UsageError } from "#foundation";
import { scriptedModel } from "#testing";

fc.configureGlobal({ seed: 20 });

/** What is read for an output of the type from a text under its marker, or from a JSON reply. */
function readText(type: string, text: string): unknown {
  const { outputs } = signature(`x -> y: ${type}`);
  const read = chat.read(`[[ ## y ## ]]\n${text}\n[[ ## completed ## ]]`, outputs);
  return read.ok ? read.values["y"] : read.issues;
}

function readValue(type: string, value: unknown): unknown {
  const { outputs } = signature(`x -> y: ${type}`);
  const read = json.read(JSON.stringify({ y: value }), outputs);
  return read.ok ? read.values["y"] : read.issues;
}

describe("a text is read as its type wants it", () => {
  test.each<[type: string, text: string, value: unknown]>([
    ["string", " Paris ", "Paris"],
    ["string", "42", "42"],
    ["int", "42", 42],
    ["int", "-1,234,567", -1234567],
    ["int", "about 5", "about 5"],
    ["float", "0.25", 0.25],
    ["float", ".5", 0.5],
    ["float", "1e-3", 0.001],
    ["float", "", ""],
    ["bool", "True", true],
    ["bool", "no", false],
    ["bool", "maybe", "maybe"],
    ['"billing" | "tech"', "Billing.", "billing"],
    ['"billing" | "tech"', "**tech**", "tech"],
    ['"billing" | "tech"', "'billing'", "billing"],
    ['"billing" | "tech"', "sales", "sales"],
    ['"Yes" | "yes"', "yes", "yes"],
    ["list[str]", '["a", "b"]', ["a", "b"]],
    ["list[str]", "- a\n- b\n\n3. c", ["a", "b", "c"]],
    ["list[int]", "1\n2", [1, 2]],
    ["list[str]", "alone", ["alone"]],
    ["list[str]", "", []],
    ["dict[str, int]", '{"a": "1"}', { a: 1 }],
    ["dict[str, int]", "```json\n{'a': 1}\n```", { a: 1 }],
    ["json", '{"a": [1]}', { a: [1] }],
    ["json", "plain", "plain"],
    ["json", '"42"', "42"],
    ["Optional[int]", "None", undefined],
    ["Optional[string]", "n/a", undefined],
    ["string", "None", "None"],
  ])("%s: %j", (type, text, value) => {
    expect(readText(type, text)).toEqual(value);
  });

  test("a text that repeats itself without end is read in linear time", () => {
    expect(readText('"a" | "b"', `${"'".repeat(400_000)}x`)).toHaveLength(400_001);
    expect(readText("int", `${"1,".repeat(200_000)}x`)).toEqual(expect.any(String));
    expect(readText("list[str]", `${" ".repeat(200_000)}x`)).toEqual(["x"]);
  });
});

describe("a JSON value is read as its type wants it", () => {
  test.each<[type: string, raw: unknown, value: unknown]>([
    ["string", "a", "a"],
    ["string", 42, "42"],
    ["string", ["a"], '["a"]'],
    ["string", null, null],
    ["Optional[string]", null, undefined],
    ["int", "42", 42],
    ["bool", "yes", true],
    ["list[int]", ["1", 2], [1, 2]],
    ["list[int]", null, null],
    ["dict[str, bool]", { a: "true" }, { a: true }],
    ["json", { deep: [null] }, { deep: [null] }],
  ])("%s: %j", (type, raw, value) => {
    expect(readValue(type, raw)).toEqual(value);
  });
});

describe("a value that is not of its type is refused, with its path", () => {
  test.each<[type: string, value: unknown, issue: string]>([
    ["string", 5, "x: expected string, got 5"],
    ["string", undefined, "x: expected string, got nothing"],
    ["int", 1.5, "x: expected int, got 1.5"],
    ["int", 2 ** 53, "x: expected int, got 9007199254740992"],
    ["float", Number.NaN, "x: expected float, got NaN"],
    ["bool", "true", 'x: expected bool, got "true"'],
    ['"a" | "b"', "c", 'x: expected one of "a", "b", got "c"'],
    ["list[int]", "1", 'x: expected list of int, got "1"'],
    ["list[int]", [1, "2"], 'x[1]: expected int, got "2"'],
    ["list[list[str]]", [["a"], [5]], "x[1][0]: expected string, got 5"],
    ["dict[str, int]", { a: { b: 1 } }, "x.a: expected int, got an object with b"],
    ["json", { a: [new Date(0)] }, "x: expected JSON, got x.a[0] is a Date"],
    ["json", undefined, "x: expected JSON, got x is nothing"],
    ["Optional[int]", null, "x: expected int, got null"],
  ])("%s: %j", async (type, value, issue) => {
    const typed = program({ name: "p", signature: signature(`x: ${type}, given -> y`) });
    const run = execute(typed, { x: value, given: "" }, { model: scriptedModel([]) });
    await expect(run).rejects.toThrow(new UsageError("p: the inputs do not fit", [issue]));
  });
});

test("a type is told in words", () => {
  const type: FieldType = {
    kind: "object",
    fields: [
      { name: "tags", type: { kind: "list", item: { kind: "literal", values: ["a", "b"] } } },
      { name: "size", type: { kind: "map", value: { kind: "int" } }, optional: true },
    ],
  };
  expect(typeText(type)).toBe('object {tags: list of one of "a", "b", size?: map of int}');
});

test("reading never throws, whatever the reply", () => {
  const { outputs } = signature('x -> a: int, b?: list[float], c: dict[str, bool], d: "p" | "q", e: json, f: string');
  const token = fc.constantFrom(
    "[[ ## a ## ]]",
    "[[ ## b ## ]]",
    "[[ ## __proto__ ## ]]",
    "\n",
    "1",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    "a",
    "<think>",
    "</think>",
  );
  const reply = fc.oneof(
    fc.string(),
    fc.array(token, { maxLength: 20 }).map((tokens) => tokens.join("")),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(reply, (text) => {
      for (const adapter of [chat, json]) {
        const read = adapter.read(text, outputs);
        expect(read.ok ? Object.getPrototypeOf(read.values) : Object.prototype).toBe(Object.prototype);
      }
    }),
    { numRuns: 1000 },
  );
});
