import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { halvingRungs, halvingSurvivors } from "#optimize";

test("rungs are a ninth, a third and all; other shares on request", () => {
  expect(halvingRungs(200)).toEqual([23, 67, 200]);
  expect(halvingRungs(90)).toEqual([10, 30, 90]);
  expect(halvingRungs(160, { eta: 2, rungs: 4 })).toEqual([20, 40, 80, 160]);
  expect(halvingRungs(100, { rungs: 1 })).toEqual([100]);
});

test("rungs that say too little are left out, all examples never", () => {
  expect(halvingRungs(30)).toEqual([10, 30]);
  expect(halvingRungs(20)).toEqual([20]);
  expect(halvingRungs(3)).toEqual([3]);
  expect(halvingRungs(5, { minimum: 1 })).toEqual([1, 2, 5]);
  expect(halvingRungs(2, { minimum: 1 })).toEqual([1, 2]);
});

test("the best third goes on, rounded up, in the order of issue", () => {
  expect(halvingSurvivors([0.1, 0.9, 0.5, 0.2, 0.3, 0.8, 0, 0, 0.7])).toEqual([1, 5, 8]);
  expect(halvingSurvivors([0.1, 0.9, 0.5, 0.2])).toEqual([1, 2]);
  expect(halvingSurvivors([0.4])).toEqual([0]);
  expect(halvingSurvivors([0.1, 0.9, 0.5, 0.2], { eta: 4 })).toEqual([1]);
});

test("of equal ones the first stay, and those without a score leave first", () => {
  expect(halvingSurvivors([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])).toEqual([0, 1]);
  expect(halvingSurvivors([undefined, 0, undefined])).toEqual([1]);
  expect(halvingSurvivors([undefined, undefined, undefined, undefined])).toEqual([0, 1]);
});

test("faulty options are refused", () => {
  expect(() => halvingRungs(10, { eta: 1 })).toThrow(UsageError);
  expect(() => halvingRungs(10, { rungs: 0 })).toThrow(UsageError);
  for (const examples of [-3, 1.5, Number.NaN])
    expect(() => halvingRungs(examples)).toThrow(/halving.examples: expected a whole number/);
  expect(() => halvingSurvivors([1, Number.NaN])).toThrow(/score 1: expected a number or none, got NaN/);
  expect(() => halvingSurvivors([1], { eta: 1.5 })).toThrow(/halving.eta: expected a whole number of at least 2/);
});
