import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson } from "#programs";

fc.configureGlobal({ seed: 20 });

describe("the JSON in a reply", () => {
  // The cases of spec/ecosystem.md §2.3.
  test.each<[what: string, reply: string, value: unknown]>([
    ["the whole text", '{"a": 1}', { a: 1 }],
    ["white space around it", '\n {"a": 1}\n', { a: 1 }],
    ["cut off", '{"label": "billing", "tags": ["a"', { label: "billing", tags: ["a"] }],
    ["cut off in a text", '{"label": "bill', { label: "bill" }],
    ["cut off in a key", '{"label": "billing", "conf', { label: "billing", conf: null }],
    ["single quotes", "{'a': 'b'}", { a: "b" }],
    ["Python's words", '{"a": True, "b": None}', { a: true, b: null }],
    ["comments", '{"a": 1, // one\n "b": 2}', { a: 1, b: 2 }],
    ["keys without quotes", "{a: 1}", { a: 1 }],
    ["a raw line end in a text", '{"a": "one\ntwo"}', { a: "one\ntwo" }],
    ["quotes within a text", '{"a": "the "best" one"}', { a: 'the "best" one' }],
    ["a comma too many", '{"a": 1,}', { a: 1 }],
    ["a fence", '```json\n{"a": 1}\n```', { a: 1 }],
    ["a fence without a language", 'Here:\n```\n{"a": 1}\n```\nDone.', { a: 1 }],
    ["the last of several fences", '```json\n{"a": 1}\n```\nor rather\n```json\n{"a": 2}\n```', { a: 2 }],
    ["a fence before one of another language", '{"a": 1}\n```sh\nls\n```', { a: 1 }],
    ["prose around it", 'The answer is {"a": 1}, I think.', { a: 1 }],
    ["a list within prose", "The tags are [1, 2].", [1, 2]],
    ["thoughts before it", '<think>{"a": 1}? No.</think>{"a": 2}', { a: 2 }],
    ["thoughts in capitals", '<THINKING>{"a": 1}</THINKING>\n{"a": 2}', { a: 2 }],
    ["thoughts twice", '<think>x</think><reasoning>{"b": 1}</reasoning>{"a": 2}', { a: 2 }],
    ["thoughts whose opening was lost", 'first {"a": 1}, no</think>{"a": 2}', { a: 2 }],
    ["a plain text", "Paris", undefined],
    ["nothing", "", undefined],
    ["a quoted text", '"Paris"', "Paris"],
    ["null", "null", null],
    ["brackets that hold no JSON", "} ]", undefined],
  ])("%s", (_, reply, value) => {
    expect(readJson(reply)).toEqual(value);
  });

  test("what is no number in JSON is none here", () => {
    expect(readJson('{"a": NaN, "b": Infinity}')).toEqual({ a: "NaN", b: "Infinity" });
    expect(readJson('{"a": 1e999}')).toBeUndefined();
  });

  test("survives whatever stands around it", () => {
    const value = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    const prose = fc.stringMatching(/^[a-zA-Z .,]{0,20}$/);
    fc.assert(
      fc.property(value, prose, prose, fc.boolean(), (any, before, after, fenced) => {
        const written = JSON.stringify(any);
        fc.pre(!written.includes("```") && !/<\/?(think|thinking|reasoning)>/i.test(written));
        const reply = fenced ? `${before}\n\`\`\`json\n${written}\n\`\`\`\n${after}` : `${before}${written}${after}`;
        expect(readJson(reply)).toEqual(JSON.parse(written));
      }),
    );
  });

  test("never throws, and gives nothing but JSON", () => {
    const token = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "'",
      ":",
      ",",
      "```",
      "```json\n",
      "<think>",
      "</think>",
      "\\",
      "\\u",
      "//",
      "/*",
      "NaN",
      "1e999",
      "__proto__",
      "a",
      " ",
      "\n",
      "\u0000",
      "\ud800",
    );
    const noise = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(token, { maxLength: 20 }).map((tokens) => tokens.join("")),
    );
    fc.assert(
      fc.property(noise, (reply) => {
        const value = readJson(reply);
        if (value !== undefined) expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 1500 },
    );
  });

  test("is bounded in depth and in size", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(readJson(deep)).toBeUndefined();
    expect(readJson(`{"a": ${deep}}`)).toBeUndefined();
    expect(readJson(`[${"1,".repeat(600_000)}1]`)).toBeUndefined();
  });

  test("of a model that repeats itself to the limit is read in linear time", () => {
    const words = [
      "<think>",
      "<think></thinking>",
      "</think>",
      "```json\n",
      "<reasoning><think>",
      '"',
      "</a>",
      "[[ #",
      "\\",
    ];
    for (const word of words)
      for (const head of ["", "[", "{", '{"a": "']) readJson(head + word.repeat(Math.floor(900_000 / word.length)));
  });

  test("that is long and broken gives what is whole of it", () => {
    const items = Array.from({ length: 5_000 }, (_, index) => `{'n': ${index}, ok: True}`);
    const value = readJson(`Here it is: [${items.join(",\n")}, {'n': 50`);
    expect(value).toEqual([...items.map((_, n) => ({ n, ok: true })), {}]);
  });
});
