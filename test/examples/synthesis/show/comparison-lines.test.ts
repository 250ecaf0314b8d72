import { expect, test } from "vitest";
import { allSix } from "../../../../examples/synthesis/baselines.ts";
import type { Row } from "../../../../examples/synthesis/comparison.ts";
import { comparisonLines } from "../../../../examples/synthesis/show/comparison-lines.ts";

const row = (name: string, scores: readonly number[]): Row => {
  const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  return { name, score, interval: [score - 0.1, score + 0.1], solved: 0.5, cost: 12_345, scores };
};
const six = row(allSix.name, [0, 0, 1, 0, 0, 0, 1, 0]);

test("a gain whose interval lies above 0 is said, with its size", () => {
  const lines = comparisonLines([six, row("tuned", [1, 1, 1, 1, 1, 1, 1, 0])], { tasks: 8 });
  expect(lines.at(-1)).toBe("The optimised team beats all six in parallel by +0.625 (paired, same tasks).");
  expect(lines.find((line) => line.startsWith("tuned"))).toContain("+0.625");
});

test("a gain that may be chance is none", () => {
  const lines = comparisonLines([six, row("tuned", [0, 1, 1, 0, 0, 0, 1, 0])], { tasks: 8 });
  expect(lines.at(-1)).toBe("The optimised team does not beat all six in parallel significantly (paired, same tasks).");
});

test("on a narrow terminal the table leaves columns out instead of wrapping", () => {
  const wide = comparisonLines([six, row("tuned", [1, 1, 1, 1, 1, 1, 1, 0])], { tasks: 8 });
  const narrow = comparisonLines([six, row("tuned", [1, 1, 1, 1, 1, 1, 1, 0])], { tasks: 8, width: 60 });
  const table = narrow.slice(0, narrow.indexOf(""));
  expect(Math.max(...wide.map((line) => line.length))).toBeGreaterThan(60);
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(table[0]).toMatch(/metric.*− all six/);
});
