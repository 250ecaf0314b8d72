import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choice, float, integer, permutation, space, subset, validateConfiguration } from "#variables";
import { latinHypercube, sobolConfigurations } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { anyWholeSpace } from "../any-space.ts";

fc.configureGlobal({ seed: 20 });

const unit = (dimensions: number): Space =>
  space(Array.from({ length: dimensions }, (_, index) => float(`x${index}`, { min: 0, max: 1 })));
const column = (rows: readonly Configuration[], name: string): number[] => rows.map((row) => row[name] as number);
/** The equal part of [0, 1) that each value lies in, in order. */
const parts = (values: readonly number[]): number[] =>
  values.map((value) => Math.floor(value * values.length)).sort((a, b) => a - b);
const each = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

type Design = (any: Space, count: number, rng: Rng) => Configuration[];

describe.each<[name: string, design: Design]>([
  ["sobolConfigurations", sobolConfigurations],
  ["latinHypercube", latinHypercube],
])("%s", (name, design) => {
  test("gives valid configurations of any space, as many as asked for, the same for the same chance", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), fc.nat(9), (any, seed, count) => {
        const rows = design(any, count, seededRng(seed));
        expect(rows).toHaveLength(count);
        for (const row of rows) expect(validateConfiguration(any, row)).toEqual({ ok: true, configuration: row });
        expect(design(any, count, seededRng(seed))).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  test("differs by chance", () => {
    expect(design(unit(3), 8, seededRng(1))).not.toEqual(design(unit(3), 8, seededRng(2)));
  });

  test("has each of 2^k points in a part of its own, in every one of 130 dimensions", () => {
    for (const count of [1, 2, 64, 256]) {
      const rows = design(unit(130), count, seededRng(count));
      for (const index of each(130)) expect(parts(column(rows, `x${index}`))).toEqual(each(count));
    }
  });

  test("takes choices by their weights and lists of each size as often", () => {
    const mixed = space([
      choice("model", ["small", "large"], { weights: [3, 1] }),
      subset("agents", ["a", "b", "c", "d"], { min: 1, max: 2 }),
      permutation("steps", ["p", "q", "r"]),
      integer("n", { min: 1, max: 4 }),
    ]);
    const rows = design(mixed, 64, seededRng(4));
    const count = (holds: (row: Configuration) => boolean): number => rows.filter(holds).length;
    expect(count((row) => row["model"] === "small")).toBe(48);
    expect(count((row) => (row["agents"] as string[]).length === 1)).toBe(32);
    expect(each(4).map((n) => count((row) => row["n"] === n + 1))).toEqual([16, 16, 16, 16]);
    expect(new Set(rows.map((row) => canonicalJson(row["steps"]))).size).toBe(6);
    expect(new Set(rows.map((row) => canonicalJson(row["agents"]))).size).toBe(10);
  });

  test("names the constraint that nothing holds", () => {
    const never = space([integer("n", { min: 1, max: 4 })], {
      constraints: [{ name: "none", expect: { less: ["n", 1] } }],
    });
    expect(() => design(never, 2, seededRng(1))).toThrow(UsageError);
    expect(() => design(never, 2, seededRng(1))).toThrow("none: n is less than 1");
  });

  test("refuses a count that is none", () => {
    expect(() => design(unit(1), 1.5, seededRng(1))).toThrow(
      new UsageError(`${name}: expected a whole number of configurations from 0, got 1.5`),
    );
  });
});

describe("a Sobol sequence", () => {
  test("goes on where a shorter one ends", () => {
    expect(sobolConfigurations(unit(5), 40, seededRng(3)).slice(0, 10)).toEqual(
      sobolConfigurations(unit(5), 10, seededRng(3)),
    );
  });

  test("has every block of 2^k points in parts of their own, not the first alone", () => {
    const rows = sobolConfigurations(unit(20), 96, seededRng(5));
    for (const index of each(20))
      for (const from of [32, 64]) expect(parts(column(rows, `x${index}`).slice(from, from + 32))).toEqual(each(32));
  });

  test("has four points of sixteen in each quarter square of the first two dimensions: the numbers are Joe and Kuo's", () => {
    // Dimensions 1 and 2 are a (0, 2)-sequence: of 2^k points one lies in each box of that volume, whatever its shape.
    const rows = sobolConfigurations(unit(2), 16, seededRng(6));
    for (const across of [1, 2, 4, 8, 16]) {
      const boxes = rows.map(
        ({ x0, x1 }) => Math.floor((x0 as number) * across) * 16 + Math.floor((x1 as number) * (16 / across)),
      );
      expect(new Set(boxes).size).toBe(16);
    }
  });

  test("is uniform over scrambles: a point has the mean and the spread of a uniform number", () => {
    const first = each(800).map((seed) => sobolConfigurations(unit(1), 1, seededRng(seed))[0]?.["x0"] as number);
    const mean = first.reduce((sum, value) => sum + value, 0) / 800;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 800).toBeCloseTo(1 / 12, 2);
  });

  test("integrates a smooth function far better than chance does", () => {
    const error = (rows: readonly Configuration[]): number => {
      const values = rows.map((row) =>
        Object.values(row).reduce((product: number, x) => product * (0.5 + (x as number)), 1),
      );
      return Math.abs(values.reduce((sum, value) => sum + value, 0) / rows.length - 1);
    };
    const mean = (numbers: readonly number[]): number =>
      numbers.reduce((sum, each_) => sum + each_, 0) / numbers.length;
    const sobol = mean(each(10).map((seed) => error(sobolConfigurations(unit(6), 256, seededRng(seed)))));
    const chance = mean(each(10).map((seed) => error(each(256).map((row) => pointOf(seededRng(`${seed} ${row}`))))));
    expect(sobol * 4).toBeLessThan(chance);
  });

  const pointOf = (rng: Rng): Configuration => Object.fromEntries(each(6).map((index) => [`x${index}`, rng.next()]));
});
