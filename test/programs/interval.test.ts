import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean, meanInterval, pairedInterval } from "#programs";
import { seededRng, UsageError } from "#foundation";

fc.configureGlobal({ seed: 20 });

const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 });
const few = { numRuns: 25 };
const slack = 1e-9;

describe("the interval of a mean", () => {
  test("lies within the values and is ordered", () => {
    fc.assert(
      fc.property(values, (list) => {
        const [low, high] = meanInterval(list);
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(Math.min(...list) - slack);
        expect(high).toBeLessThanOrEqual(Math.max(...list) + slack);
      }),
      few,
    );
  });

  test("moves with the values and stretches with them", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 }), (list, shift, factor) => {
        const [low, high] = meanInterval(list);
        const [movedLow, movedHigh] = meanInterval(list.map((value) => value * factor + shift));
        expect(movedLow).toBeCloseTo(low * factor + shift, 6);
        expect(movedHigh).toBeCloseTo(high * factor + shift, 6);
      }),
      few,
    );
  });

  test("is the same for the same values, and a point for equal ones", () => {
    expect(meanInterval([1, 2, 4])).toEqual(meanInterval([1, 2, 4]));
    expect(meanInterval([3, 3, 3])).toEqual([3, 3]);
    expect(meanInterval([7])).toEqual([7, 7]);
  });

  test("covers the true mean in about 95 of 100 samples", () => {
    const rng = seededRng("coverage");
    let covered = 0;
    for (let round = 0; round < 200; round++) {
      const [low, high] = meanInterval(Array.from({ length: 40 }, () => rng.next()));
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
    expect(covered).toBeLessThanOrEqual(199);
  });

  test("has the width that the normal distribution gives", () => {
    const [low, high] = meanInterval(Array.from({ length: 400 }, (_, index) => index % 2));
    expect(high - low).toBeCloseTo(2 * 1.96 * (0.5 / Math.sqrt(400)), 2);
  });

  test("of nothing is refused", () => {
    expect(() => meanInterval([])).toThrow(UsageError);
  });
});

describe("the interval of a paired difference", () => {
  test("is the interval of the differences: before and after exchanged, it is mirrored", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 20 }), (pairs) => {
        const [before, after] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        expect(pairedInterval(before, after)).toEqual(meanInterval(pairs.map(([a, b]) => b - a)));
      }),
      few,
    );
  });

  test("of equal measurements is nothing, whatever they are", () => {
    expect(pairedInterval([1, 5, 9], [1, 5, 9])).toEqual([0, 0]);
    expect(pairedInterval([0, 10], [1, 11])).toEqual([1, 1]);
  });

  test("of lists of different length is refused", () => {
    expect(() => pairedInterval([1], [1, 2])).toThrow(
      new UsageError("pairedInterval: expected lists of one length, got 1 and 2"),
    );
  });
});

test("the mean of nothing is no number", () => {
  expect(mean([])).toBeNaN();
  expect(mean([1, 2, 6])).toBe(3);
});
