import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffConfigurations, mergeConfigurations } from "#variables";
import type { Configuration, ConfigurationChange } from "#variables";
import type { Json } from "#foundation";

fc.configureGlobal({ seed: 20 });

const path = fc.oneof(
  fc.constantFrom("a", "b", "predict.a", "predict.b", "toString", "constructor", "__proto__"),
  fc.string({ maxLength: 3 }),
);
// Through JSON, as configurations come: own keys and ordinary objects, whatever they are called.
const configuration = fc
  .array(fc.tuple(path, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 })
  .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))) as Configuration);

function applied(from: Configuration, changes: readonly ConfigurationChange[]): Configuration {
  const entries = new Map<string, Json>(Object.entries(from));
  for (const { path: changed, to } of changes) {
    if (to === undefined) entries.delete(changed);
    else entries.set(changed, to);
  }
  return Object.fromEntries(entries);
}

const sorted = (any: Configuration): [string, Json][] => Object.entries(any).sort(([a], [b]) => (a < b ? -1 : 1));

describe("the difference of two configurations", () => {
  test("applied to the first gives the second", () => {
    fc.assert(
      fc.property(configuration, configuration, (from, to) => {
        expect(sorted(applied(from, diffConfigurations(from, to)))).toEqual(sorted(to));
      }),
    );
  });

  test("of a configuration and itself is empty, whatever the order of keys", () => {
    fc.assert(
      fc.property(configuration, (any) => {
        const reversed = Object.fromEntries(Object.entries(any).reverse());
        expect(diffConfigurations(any, reversed)).toEqual([]);
      }),
    );
    expect(diffConfigurations({ x: { a: 1, b: 2 } }, { x: { b: 2, a: 1 } })).toEqual([]);
  });

  test("the other way round has the sides exchanged", () => {
    fc.assert(
      fc.property(configuration, configuration, (from, to) => {
        const exchanged = diffConfigurations(to, from).map((change) => ({
          ...change,
          from: change.to,
          to: change.from,
        }));
        expect(exchanged).toEqual(diffConfigurations(from, to));
      }),
    );
  });

  test("names changed, new and removed paths in their order", () => {
    expect(diffConfigurations({ c: 1, a: null, b: 2 }, { c: 3, b: 2, d: null })).toEqual([
      { path: "a", from: null, to: undefined },
      { path: "c", from: 1, to: 3 },
      { path: "d", from: undefined, to: null },
    ]);
  });
});

describe("merging configurations", () => {
  test("the last one that has a path wins", () => {
    expect(mergeConfigurations({ a: 1, b: 1 }, { b: 2, c: 2 }, { c: 3 })).toEqual({ a: 1, b: 2, c: 3 });
    expect(mergeConfigurations()).toEqual({});
  });

  test("has every path of both, and the value of the later one", () => {
    fc.assert(
      fc.property(configuration, configuration, (one, other) => {
        const merged = mergeConfigurations(one, other);
        const expected = new Map([...Object.entries(one), ...Object.entries(other)]);
        expect(sorted(merged)).toEqual(sorted(Object.fromEntries(expected)));
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      }),
    );
  });

  test("is associative, and an empty one changes nothing", () => {
    fc.assert(
      fc.property(configuration, configuration, configuration, (a, b, c) => {
        const left = mergeConfigurations(mergeConfigurations(a, b), c);
        expect(sorted(left)).toEqual(sorted(mergeConfigurations(a, mergeConfigurations(b, c))));
        expect(sorted(mergeConfigurations({}, a, {}))).toEqual(sorted(a));
      }),
    );
  });

  test("changes none of them", () => {
    const [one, other] = [Object.freeze({ a: 1 }), Object.freeze({ a: 2 })];
    mergeConfigurations(one, other);
    expect([one, other]).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
