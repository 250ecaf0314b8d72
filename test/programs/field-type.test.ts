import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat, execute, json, program, recordJsonSchema, signature, typeText } from "#programs";
import type { FieldType, Signature } from "#programs";
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
    ["date", " 2026-11-20 ", "2026-11-20"],
    ["date", "2026/11/20", "2026-11-20"],
    ["date", "2026-1-5", "2026-01-05"],
    ["date", "20 November 2026", "2026-11-20"],
    ["date", "Nov 20th, 2026", "2026-11-20"],
    ["date", "11/12/2026", "11/12/2026"],
    ["date", "2026-11-20 08:30", "2026-11-20T08:30"],
    ["date", "next Foo 5, 2026", "next Foo 5, 2026"],
    ["image", "https://example.com/a.png", { url: "https://example.com/a.png" }],
    ["file", "data:application/pdf;base64,AAAA", { data: "AAAA", mediaType: "application/pdf" }],
    ["image", '{"url": "https://example.com/a"}', { url: "https://example.com/a" }],
    ["history", '[{"question": "a"}]', [{ question: "a" }]],
    ["list[Optional[int]]", "1\nNone\n3", [1, null, 3]],
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
    ["float(0..1)", 1.5, "x: expected float (0 to 1), got 1.5"],
    ["int(1..)", 0, "x: expected int (at least 1), got 0"],
    ["string(..3)", "four", 'x: expected string (at most 3 characters), got "four"'],
    ["string(4..4)", "a", 'x: expected string (exactly 4 characters), got "a"'],
    ["string(/^[A-Z]+$/)", "a", 'x: expected string (matching /^[A-Z]+$/), got "a"'],
    ["int[](1..2)", [], "x: expected list (1 to 2 items) of int, got a list of 0"],
    ["list[int(0..)](1..2)", [-1], "x[0]: expected int (at least 0), got -1"],
    ["list[Optional[int]]", ["1"], 'x[0]: expected int or null, got "1"'],
    ["date", "2026-02-29", 'x: expected date (YYYY-MM-DD), got "2026-02-29"'],
    ["date", "2026-11-20T25:00Z", 'x: expected date (YYYY-MM-DD), got "2026-11-20T25:00Z"'],
    ["date", "2026-13-01", 'x: expected date (YYYY-MM-DD), got "2026-13-01"'],
    ["history", "earlier", 'x: expected a list of earlier turns, as records, got "earlier"'],
    ["history", ["a"], 'x: expected a list of earlier turns, as records, got "a" among them'],
    ["history", [{ given: 5 }], "x[0].given: expected string, got 5"],
    ["history", [{ gven: "a" }], "x[0].gven: not an input; inputs are given, y"],
  ])("%s: %j", async (type, value, issue) => {
    const typed = program({ name: "p", signature: signature(`x: ${type}, given -> y`) });
    const run = execute(typed, { x: value, given: "" }, { model: scriptedModel([]) });
    await expect(run).rejects.toThrow(new UsageError("p: the inputs do not fit", [issue]));
  });
});

describe("values of further kinds are taken as they are", () => {
  test.each<[type: string, value: unknown]>([
    ["date", "2024-02-29"],
    ["date", "2026-11-20T08:30:15.5+01:00"],
    ["image", "https://example.com/a.png"],
    ["file", { data: "AAAA", mediaType: "application/pdf", filename: "a.pdf" }],
    ["history", [{ given: "a", y: "b" }, { given: "c" }]],
    ["list[Optional[int]]", [1, null]],
    ["string(/^[A-Z]+$/)", "ABC"],
    ["int(1..)[](..2)", [1]],
  ])("%s: %j", async (type, value) => {
    const typed = program({ name: "p", signature: signature(`x: ${type}, given -> y`) });
    const { outputs } = await execute(typed, { x: value, given: "" }, { model: scriptedModel(["[[ ## y ## ]]\nok"]) });
    expect(outputs).toEqual({ y: "ok" });
  });
});

describe("a pattern", () => {
  const answers = (pattern: string, text: string): Promise<unknown> => {
    const type = { kind: "string", pattern } as const;
    const stored = {
      instructions: "Do.",
      inputs: [{ name: "x", type }],
      outputs: [{ name: "y", type: { kind: "string" } }],
    };
    const run = program({ name: "p", signature: stored as Signature });
    return execute(run, { x: text }, { model: scriptedModel(["[[ ## y ## ]]\nok"]) });
  };

  test("that could take exponential time is not run, not even out of a store", async () => {
    const evil = `${"a".repeat(40)}!`;
    for (const pattern of ["^(a+)+$", "^(a|aa)+$", "^((a*)b?)*$", "^(?:a|a)*$", "(a)\\1", "^(a{1,9}){1,99}$"]) {
      expect(() => signature<string>(`x: string(/${pattern}/) -> y`)).toThrow("not a usable pattern");
      await expect(answers(pattern, evil)).rejects.toThrow("the inputs do not fit");
    }
  });

  test("of a usual kind is run", async () => {
    for (const [pattern, text] of [
      ["^[A-Z]{2}-\\d{4}$", "AB-1234"],
      ["^(?:red|green) (apple|pear)s?$", "red apples"],
      ["^\\p{L}+$", "Zoë"],
      ["^[(+*)]+$", "(*)"],
      ["\\((a|b)\\)+", "(a)"],
    ] as const) {
      await answers(pattern, text);
      await expect(answers(pattern, "123")).rejects.toThrow(`matching /${pattern}/`);
    }
  });

  test.each<[pattern: string, longest: number]>([
    ["a", 1000],
    ["^[a-z]+-?[a-z]*$", 1000],
    ["^a*a*a*$", 300],
    ["a+a+", 300],
    ["^a*a*a*a*$", 100],
    ["^a*a*a*a*a*$", 30],
    ["^(a|a)(a|a)?a*a*$", 1000],
  ])("is tried on texts of bounded length, the shorter the more it repeats: %s", async (pattern, longest) => {
    await answers(pattern, "a".repeat(longest));
    await expect(answers(pattern, "a".repeat(longest + 1))).rejects.toThrow("the inputs do not fit");
  });

  test("that repeats too much for any text is refused", () => {
    for (const pattern of ["^a*a*a*a*a*a*$", "^(a?){30}$", `^${"a?".repeat(30)}$`, `^${"(a|a)".repeat(30)}$`])
      expect(() => signature<string>(`x: string(/${pattern}/) -> y`)).toThrow("not a usable pattern");
  });
});

test("a type is told in words, its limits in brackets", () => {
  const { outputs } = signature(
    'x -> a: float(0..1), b: string(..80)(/^A/), c: list[int(1..)](1..5), d: "p" | "q" | None, e: date, f: dict[str, str | None], g: string(2..)[]',
  );
  expect(outputs.map((field) => typeText(field.type))).toEqual([
    "float (0 to 1)",
    "string (at most 80 characters, matching /^A/)",
    "list (1 to 5 items) of int (at least 1)",
    'one of "p", "q"',
    "date (YYYY-MM-DD)",
    "map of string or null",
    "list of string (at least 2 characters)",
  ]);
  expect(recordJsonSchema(outputs)["properties"]).toEqual({
    a: { type: "number", minimum: 0, maximum: 1 },
    b: { type: "string", maxLength: 80, pattern: "^A" },
    c: { type: "array", items: { type: "integer", minimum: 1 }, minItems: 1, maxItems: 5 },
    d: { enum: ["p", "q"] },
    e: { type: "string", format: "date" },
    f: { type: "object", additionalProperties: { anyOf: [{ type: "string" }, { type: "null" }] } },
    g: { type: "array", items: { type: "string", minLength: 2 } },
  });
});

test("a type that may be null is told from one whose items may be", () => {
  const words: FieldType = { kind: "list", item: { kind: "string" } };
  expect(typeText({ ...words, nullable: true })).toBe("list of string, or null");
  expect(typeText({ kind: "list", item: { kind: "string", nullable: true } })).toBe("list of string or null");
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
