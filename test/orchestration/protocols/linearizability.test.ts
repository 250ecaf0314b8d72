import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { isLinearizable, keyValueModel, registerModel } from "#testing";
import type { Operation, RegisterInput } from "#testing";

type Line = readonly [callMs: number, returnMs: number | null, input: RegisterInput, output?: Json];

const read: RegisterInput = { type: "read" };
const write = (value: Json): RegisterInput => ({ type: "write", value });
const set = (expected: Json, value: Json): RegisterInput => ({ type: "compare_and_set", expected, value });
const history = (...lines: readonly Line[]): readonly Operation<RegisterInput>[] =>
  lines.map(([callMs, returnMs, input, output = null]) => ({ callMs, returnMs, input, output }));

describe("a register's history", () => {
  test.each<[claim: string, isRight: boolean, ...Line[]]>([
    ["one after the other", true, [0, 1, write(1)], [2, 3, read, 1]],
    ["a stale read", false, [0, 1, write(1)], [2, 3, write(2)], [4, 5, read, 1]],
    ["a read during a write may see it or not", true, [0, 9, write(1)], [1, 2, read, null], [3, 4, read, 1]],
    ["but not forget it again", false, [0, 9, write(1)], [1, 2, read, 1], [3, 4, read, null]],
    ["a value that nobody wrote", false, [0, 1, write(1)], [2, 3, read, 7]],
    ["a write without an answer may have had its effect", true, [0, null, write(1)], [5, 6, read, 1]],
    ["or not", true, [0, null, write(1)], [5, 6, read, null]],
    ["or late", true, [0, null, write(1)], [5, 6, read, null], [7, 8, read, 1]],
    ["but not twice", false, [0, null, write(1)], [1, 2, read, 1], [3, 4, write(2)], [5, 6, read, 1]],
    ["two that both won", false, [0, 9, set(null, 1), true], [0, 9, set(null, 2), true]],
    ["one that won", true, [0, 9, set(null, 1), true], [0, 9, set(null, 2), false], [10, 11, read, 1]],
    ["nothing at all", true],
  ])("%s", (_, isRight, ...lines) => {
    expect(isLinearizable(history(...lines), registerModel())).toBe(isRight);
  });

  test("keys do not concern each other", () => {
    const [first, second] = history([0, 1, write(1)], [2, 3, read, 1]);
    const keyed = (operation: Operation<RegisterInput> | undefined, key: string) =>
      operation === undefined ? [] : [{ ...operation, input: { ...operation.input, key } }];
    expect(isLinearizable([...keyed(first, "x"), ...keyed(second, "x")], keyValueModel())).toBe(true);
    expect(isLinearizable([...keyed(first, "x"), ...keyed(second, "y")], keyValueModel())).toBe(false);
  });

  test("a return before the call is the caller's mistake", () => {
    expect(() => isLinearizable(history([5, 4, read]), registerModel())).toThrow(UsageError);
  });
});

test("whatever really happened at a moment within each call is linearizable", () => {
  const operation = fc.record({
    at: fc.integer({ min: 0, max: 500 }),
    before: fc.integer({ min: 0, max: 40 }),
    after: fc.integer({ min: 0, max: 40 }),
    value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (drawn) => {
      let value: Json = null;
      const lines = drawn
        .toSorted((a, b) => a.at - b.at)
        .map(({ at, before, after, value: written }): Line => {
          if (written !== null) value = written;
          return [at - before, at + after, written === null ? read : write(written), value];
        });
      expect(isLinearizable(history(...lines), registerModel())).toBe(true);
    }),
    { numRuns: 200 },
  );
});
