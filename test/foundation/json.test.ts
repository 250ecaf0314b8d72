import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, describe as inWords, isPlainObject, jsonDefect } from "#foundation";
import type { Json } from "#foundation";

fc.configureGlobal({ seed: 20 });

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

function reversedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, item === undefined ? null : reversedKeys(item)]));
}

describe("canonical JSON", () => {
  test("is equal for values that differ only in the order of keys", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversedKeys(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test("reads back as the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("tells different values apart", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const equal = isDeepStrictEqual(normal(one), normal(other));
        expect(canonicalJson(one) === canonicalJson(other)).toBe(equal);
      }),
    );
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("an absent key and an undefined one are the same", () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(canonicalJson(undefined)).toBe("null");
  });
});

describe("a JSON defect", () => {
  test("no JSON value has one, and what has none survives JSON", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3, withBigInt: true, withDate: true, withMap: true }), (value) => {
        if (jsonDefect(value) === undefined) expect(JSON.parse(JSON.stringify(value))).toEqual(normal(value));
      }),
    );
    fc.assert(
      fc.property(json, (value) => {
        expect(jsonDefect(value)).toBeUndefined();
      }),
    );
  });

  test.each<[value: unknown, defect: string]>([
    [undefined, "value is nothing"],
    [Number.NaN, "value is NaN"],
    [{ a: { b: [1, Infinity] } }, "a.b[1] is Infinity"],
    [[{ when: new Date(0) }], "[0].when is a Date"],
    [{ f: function later() {} }, "f is a function later"],
    [{ n: 1n }, "n is 1"],
    [[undefined], "[0] is nothing"],
    [Array(1), "[0] is nothing"],
    [{ s: Symbol("x") }, "s is Symbol(x)"],
  ])("%o: %s", (value, defect) => {
    expect(jsonDefect(value)).toBe(defect);
  });

  test("nesting is accepted to the bound and not beyond, and a ring ends", () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(jsonDefect(nested(64))).toBeUndefined();
    expect(jsonDefect(nested(65))).toBe(`${"[0]".repeat(64)} is nested too deeply`);
    expect(jsonDefect([], "", 0)).toBe("value is nested too deeply");
    const ring: Record<string, unknown> = {};
    ring["self"] = ring;
    expect(jsonDefect(ring)).toContain("is nested too deeply");
  });
});

describe("a value in words", () => {
  test.each<[value: unknown, words: string]>([
    [undefined, "nothing"],
    [null, "null"],
    ["text", '"text"'],
    [[1, 2], "a list of 2"],
    [{}, "an empty object"],
    [{ a: 1, b: 2 }, "an object with a, b"],
    [new Map(), "a Map"],
    [Object.create(null), "an empty object"],
    [{ constructor: { name: { toString: 1 } } }, "an object with constructor"],
    [true, "true"],
  ])("case %#", (value, words) => {
    expect(inWords(value)).toBe(words);
  });

  test("is short for whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof inWords(value)).toBe("string");
      }),
    );
    expect(inWords("x".repeat(1000)).length).toBeLessThanOrEqual(60);
  });
});

test("a plain object is neither null nor a list nor of a class", () => {
  expect([{}, Object.create(null), JSON.parse("{}")].every(isPlainObject)).toBe(true);
  expect([null, [], new Date(), new Map(), () => {}, "text", 1].some(isPlainObject)).toBe(false);
});

/** The value as JSON writes it: no undefined keys, no negative zero, no symbols, ordinary prototypes. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === "number") return value + 0;
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, normal(item)]));
}
