import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { allocate, maxMinShares, wholeAmounts } from "#orchestration";
import { exact, exactSum, frozen, total } from "./exact.ts";

fc.configureGlobal({ seed: 78 });

type Share = Parameters<typeof allocate>[0][number];
type AllocateOptions = Parameters<typeof allocate>[2];

const many = { numRuns: 1_000 };
const tame = fc.oneof(fc.nat({ max: 200 }), fc.double({ min: 0, max: 200, noNaN: true }));
const wild = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const amount = fc.oneof({ weight: 4, arbitrary: tame }, { weight: 1, arbitrary: wild });

/** Equal but for the last digits of a double, which the smallest doubles have not. */
function near(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= 1e-12 * Math.max(Math.abs(value), Math.abs(expected)) + 1e-300;
}

describe("max–min fair amounts", () => {
  test.each([
    [[80, 80], 100, [50, 50]],
    [[20, 80, 80], 100, [20, 40, 40]],
    [[10, 20], 100, [10, 20]],
    [[80, 20], 0, [0, 0]],
    [[], 100, []],
  ])("of requests %j out of %d are %j", (requests, capacity, amounts) => {
    expect(maxMinShares(requests, capacity)).toEqual(amounts);
  });

  test("add up to the capacity or to all requests, never above, and nobody gets more than they ask", () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 12 }), amount, (requests, capacity) => {
        const amounts = maxMinShares(frozen(requests), capacity);
        expect(exactSum(amounts)).toBeLessThanOrEqual(exact(capacity));
        amounts.forEach((given, index) => {
          expect(given).toBeGreaterThanOrEqual(0);
          expect(given).toBeLessThanOrEqual(requests[index] ?? 0);
        });
        expect(near(total(amounts), Math.min(capacity, total(requests)))).toBe(true);
      }),
      many,
    );
  });

  test("let nobody gain without someone with no more losing", () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 12 }), amount, (requests, capacity) => {
        const amounts = maxMinShares(requests, capacity);
        const short = amounts.filter((given, index) => given < (requests[index] ?? 0));
        // Whoever got less than asked has as much as anybody, and everything is handed out.
        for (const given of short) expect(given).toBe(Math.max(...amounts));
        if (short.length > 0) expect(near(total(amounts), capacity)).toBe(true);
      }),
      many,
    );
  });

  test("need numbers that are finite and not negative", () => {
    for (const defect of [-1, Number.NaN, Infinity]) {
      expect(() => maxMinShares([1, defect], 1)).toThrow(UsageError);
      expect(() => maxMinShares([1, defect], 1)).toThrow("request 1");
      expect(() => maxMinShares([1], defect)).toThrow("capacity");
    }
  });
});

describe("whole amounts", () => {
  test.each([
    [[33.4, 33.3, 33.3], 100, [34, 33, 33]],
    [[0.6, 0.6, 0.8], 2, [1, 0, 1]],
    [[0.5, 0.5], 1, [1, 0]],
    [[2.5], 10, [2]],
    [[100 / 3, 100 / 3, 100 / 3], 100, [34, 33, 33]],
    [maxMinShares([80, 80, 80], 100), 100, [34, 33, 33]],
    [[], 3, []],
  ])("of %j out of %d are %j", (amounts, capacity, whole) => {
    expect(wholeAmounts(amounts, capacity)).toEqual(whole);
  });

  test("lie next to the amounts, the larger remainders rounded up, and have the same whole sum", () => {
    const thousandths = fc.array(fc.nat({ max: 20_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(thousandths, (list) => {
        const sum = total(list);
        const whole = wholeAmounts(frozen(list.map((value) => value / 1_000)), Math.ceil(sum / 1_000));
        expect(total(whole)).toBe(Math.floor(sum / 1_000));
        const rounded = list.map((value, index) => ({
          remainder: value % 1_000,
          up: (whole[index] ?? 0) - Math.floor(value / 1_000),
        }));
        for (const { up, remainder } of rounded) expect(remainder === 0 ? [0] : [0, 1]).toContain(up);
        const up = rounded.filter((each) => each.up === 1).map(({ remainder }) => remainder);
        const down = rounded.filter((each) => each.up === 0).map(({ remainder }) => remainder);
        expect(Math.min(...up)).toBeGreaterThanOrEqual(Math.max(...down, 0));
      }),
      many,
    );
  });

  test("never add up to more than the capacity", () => {
    fc.assert(
      fc.property(fc.array(tame, { maxLength: 12 }), tame, (requests, capacity) => {
        const whole = wholeAmounts(maxMinShares(requests, capacity), capacity);
        expect(total(whole)).toBeLessThanOrEqual(capacity);
        expect(whole.every((given) => Number.isInteger(given) && given >= 0)).toBe(true);
      }),
      many,
    );
  });

  test("need amounts that fit", () => {
    expect(() => wholeAmounts([2, 2], 3)).toThrow(UsageError);
    expect(() => wholeAmounts([2, 2], 3)).toThrow("at most 3 together, got 4");
    expect(() => wholeAmounts([-1], 3)).toThrow("amount 0");
  });
});

/** The amounts in the order of the shares, or the error's code. */
function allocated(shares: readonly Share[], capacity: number, options?: AllocateOptions): readonly number[] | string {
  const result = allocate(shares, capacity, options);
  return result.ok ? shares.map(({ agent }) => result.amounts[agent] ?? Number.NaN) : result.error.code;
}

const named = (...shares: readonly Omit<Share, "agent">[]): readonly Share[] =>
  shares.map((share, index) => ({ agent: `agent ${index}`, ...share }));

describe("an allocation by shares", () => {
  test.each<[string, readonly Share[], number, readonly number[] | string]>([
    ["divides in proportion", named({ share: 1 }, { share: 3 }), 100, [25, 75]],
    ["gives a min before the shares", named({ share: 0.9 }, { share: 0.1, min: 20 }), 100, [80, 20]],
    [
      "gives what a max frees to the others",
      named({ share: 1, max: 10 }, { share: 1 }, { share: 2 }),
      100,
      [10, 30, 60],
    ],
    [
      "does not hand out what all the maxima forbid",
      named({ share: 1, max: 10 }, { share: 1, max: 20 }),
      100,
      [10, 20],
    ],
    ["gives a share of 0 its min only", named({ share: 0, min: 5 }, { share: 0 }, { share: 1 }), 100, [5, 0, 95]],
    [
      "fits minima that fill the total in decimals",
      named({ share: 1, min: 0.1 }, { share: 1, min: 0.2 }),
      0.3,
      [0.1, 0.2],
    ],
    ["takes Infinity for no max", named({ share: 1, max: Infinity }), 7, [7]],
    ["has nothing to divide", named({ share: 1 }, { share: 1 }), 0, [0, 0]],
    ["has nobody to divide between", [], 100, []],
    ["refuses minima beyond the total", named({ share: 1, min: 60 }, { share: 1, min: 41 }), 100, "resource_exhausted"],
    ["refuses shares of 0 only", named({ share: 0 }, { share: 0 }), 100, "invalid_configuration"],
    ["refuses a negative share", named({ share: -1 }, { share: 2 }), 100, "invalid_configuration"],
    ["refuses a share that is no number", named({ share: Number.NaN }), 100, "invalid_configuration"],
    ["refuses a min above the max", named({ share: 1, min: 3, max: 2 }), 100, "invalid_configuration"],
    ["refuses a negative min", named({ share: 1, min: -1 }), 100, "invalid_configuration"],
    ["refuses a max that is no number", named({ share: 1, max: Number.NaN }), 100, "invalid_configuration"],
  ])("%s", (_, shares, capacity, expected) => {
    expect(allocated(frozen(shares), capacity)).toEqual(expected);
  });

  test.each<[string, readonly Share[], number, readonly number[] | string]>([
    ["by largest remainders", named({ share: 1 }, { share: 1 }, { share: 1 }), 100, [34, 33, 33]],
    ["of the whole part of the total", named({ share: 1 }, { share: 1 }), 3.9, [2, 1]],
    ["within bounds rounded inwards", named({ share: 1, max: 1.5 }, { share: 1, min: 8.2 }), 10, [1, 9]],
    ["that do not exist between the bounds", named({ share: 1, min: 1.2, max: 1.8 }), 10, "invalid_configuration"],
  ])("hands out whole amounts %s", (_, shares, capacity, expected) => {
    expect(allocated(frozen(shares), capacity, { whole: true })).toEqual(expected);
  });

  test("names the agent whose share is wrong, and one that has two", () => {
    expect(allocate(named({ share: 1 }, { share: -2 }), 1)).toMatchObject({
      error: { message: "allocate: agent agent 1: expected a share of at least 0, got -2" },
    });
    const twice = [named({ share: 1 }), named({ share: 1 })].flat();
    expect(allocate(twice, 1)).toMatchObject({
      error: { code: "invalid_configuration", message: expect.stringContaining("agent agent 0 has two shares") },
    });
  });

  test("takes any name for an agent", () => {
    const result = allocate([{ agent: "__proto__", share: 1 }], 3);
    expect(result.ok && Object.entries(result.amounts)).toEqual([["__proto__", 3]]);
  });

  test("needs a total that is finite and not negative", () => {
    for (const defect of [-1, Number.NaN, Infinity]) expect(() => allocate([], defect)).toThrow(UsageError);
  });
});

const share = fc
  .record({ share: amount, min: fc.option(tame), room: fc.option(tame) })
  .map(({ share: part, min, room }) => ({
    share: part,
    ...(min === null ? {} : { min }),
    ...(room === null ? {} : { max: (min ?? 0) + room }),
  }));
const shares = fc.array(share, { maxLength: 10 }).map((list) => named(...list));
const totals = fc.oneof(tame, fc.nat({ max: 3_000 }), wild);

describe("any allocation", () => {
  test("keeps minima and maxima and never adds up to more than the total", () => {
    fc.assert(
      fc.property(shares, totals, fc.boolean(), (list, capacity, whole) => {
        const amounts = allocated(frozen(list), capacity, { whole });
        if (typeof amounts === "string") return;
        expect(exactSum(amounts)).toBeLessThanOrEqual(exact(capacity));
        amounts.forEach((given, index) => {
          const { min = 0, max = Infinity } = list[index] ?? {};
          expect(given).toBeGreaterThanOrEqual(min);
          expect(given).toBeLessThanOrEqual(max);
          if (whole) expect(Number.isInteger(given)).toBe(true);
        });
      }),
      many,
    );
  });

  test("is refused exactly when the minima do not fit or the shares say nothing", () => {
    fc.assert(
      fc.property(shares, totals, (list, capacity) => {
        const nothing = list.length > 0 && list.every((each) => each.share === 0);
        const fits = exactSum(list.map(({ min = 0 }) => min)) <= exact(capacity);
        const code = nothing ? "invalid_configuration" : fits ? undefined : "resource_exhausted";
        const amounts = allocated(list, capacity);
        expect(typeof amounts === "string" ? amounts : undefined).toBe(code);
      }),
      many,
    );
  });

  test("hands out everything that someone may have, whole amounts to the last one", () => {
    fc.assert(
      fc.property(shares, fc.nat({ max: 3_000 }), fc.boolean(), (list, capacity, whole) => {
        const amounts = allocated(list, capacity, { whole });
        if (typeof amounts === "string") return;
        const wanted = list.map(({ share: part, min = 0, max = Infinity }) => {
          if (part === 0) return whole ? Math.ceil(min) : min;
          return whole ? Math.floor(max) : max;
        });
        const expected = Math.min(list.length === 0 ? 0 : capacity, total(wanted));
        if (whole) expect(total(amounts)).toBe(expected);
        else expect(near(total(amounts), expected)).toBe(true);
      }),
      many,
    );
  });

  test("has one level: nobody below their max has less for their share than anybody above their min", () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 2, maxLength: 8 }), fc.nat({ max: 3_000 }), (list, capacity) => {
        const amounts = allocated(named(...list), capacity);
        if (typeof amounts === "string") return;
        // A share so small that its part is lost in the last digit of others says nothing about the level.
        const largest = Math.max(...list.map((each) => each.share));
        const levels = list.flatMap(({ share: part, min = 0, max = Infinity }, index) => {
          const given = amounts[index] ?? 0;
          return part < largest * 1e-9 ? [] : [{ level: given / part, canGain: given < max, canLose: given > min }];
        });
        const lowest = Math.min(...levels.filter(({ canGain }) => canGain).map(({ level }) => level));
        const highest = Math.max(...levels.filter(({ canLose }) => canLose).map(({ level }) => level));
        expect(highest <= lowest || near(highest, lowest)).toBe(true);
      }),
      many,
    );
  });

  test("without bounds is the share of the total", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 9 }),
        tame,
        (parts, capacity) => {
          const amounts = allocated(named(...parts.map((part) => ({ share: part }))), capacity);
          const expected = parts.map((part) => (part / total(parts)) * capacity);
          expect(typeof amounts).not.toBe("string");
          expected.forEach((each, index) => expect(near(Number(amounts[index]), each)).toBe(true));
        },
      ),
      many,
    );
  });
});
