import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { estimateOf, massOf, pushSum } from "#orchestration";
import type { PushSumState } from "#orchestration";
import { patience, plans, play, quiet, runs } from "./support/network.ts";
import type { Plan, Run } from "./support/network.ts";

const members = ["a", "b", "c", "d"];
const values = { a: 10, b: -4, c: 100, d: 7.5 };
const mean = 113.5 / 4;
const machine = pushSum({ values, roundMs: 20, rounds: 60 });

function statesOf(run: Run): PushSumState[] {
  return [...run.states.values()] as PushSumState[];
}

/** What there is stays: with the members and on its way between them. */
function conserved(run: Run): void {
  const { sum, weight } = massOf(statesOf(run));
  if (Math.abs(sum - 113.5) > 1e-9 || Math.abs(weight - 4) > 1e-9) throw new Error(`the mass is ${sum} and ${weight}`);
  for (const state of statesOf(run)) {
    const estimate = estimateOf(state);
    if (estimate === null || estimate < -4 - 1e-9 || estimate > 100 + 1e-9)
      throw new Error(`an estimate of ${estimate}`);
  }
}

describe("under faults of the network and crashes from disk", () => {
  test(
    "the mass is conserved after every step, estimates stay between the values and come to the mean",
    () => {
      fc.assert(
        fc.property(plans(4, { healAt: 200 }), (plan) => {
          const run = play({ members, machine, plan: { ...plan, requests: [] }, until: 2_000, check: conserved });
          for (const state of statesOf(run)) {
            expect(state.massLost).toBe(false);
            expect(Math.abs((estimateOf(state) ?? Number.NaN) - mean)).toBeLessThan(1e-3);
            expect(Object.values(state.owed).flat()).toEqual([]);
          }
        }),
        { numRuns: runs(500), seed: 3 },
      );
    },
    patience,
  );

  test("and with a member that has forgotten everything all of them know that the mean is lost", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 3 }), (seed, member) => {
        const plan: Plan = { ...quiet, seed, crashes: [{ member, at: 150, forMs: 60 }] };
        const run = play({ members, machine, plan, until: 6_000, forgetful: true });
        expect(statesOf(run).map(({ massLost }) => massLost)).toEqual(members.map(() => true));
        const results = run.outcomes.filter(({ at }) => at > 300).map(({ outcome }) => outcome.massLost);
        expect(results.every((lost) => lost === true)).toBe(true);
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});

test.each([
  [4, 60],
  [16, 60],
  [64, 60],
])("%i members come within a millionth of the mean in the rounds that are the default", (count) => {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const each = Object.fromEntries(names.map((name, index) => [name, index]));
  const run = play({ members: names, machine: pushSum({ values: each, roundMs: 100 }), plan: quiet, until: 10_000 });
  const results = run.outcomes.map(({ outcome }) => outcome);
  expect(results).toHaveLength(count);
  for (const { round, estimate, massLost } of results) {
    expect(massLost).toBe(false);
    expect(round).toBeLessThanOrEqual(2 * (Math.ceil(Math.log2(count)) + 20));
    expect(Math.abs(estimate - (count - 1) / 2)).toBeLessThan(1e-6 * count);
  }
});

test("one liar can move the mean anywhere: for members that may crash only", () => {
  const others = { a: pushSum({ values: { ...values, a: 1e9 }, roundMs: 20 }) };
  const run = play({ members, machine, plan: quiet, others, until: 6_000 });
  expect(estimateOf(run.states.get("b") as PushSumState)).toBeGreaterThan(1e8);
});

test.each([{ values: { a: Number.NaN } }, { values, roundMs: 0 }, { values, rounds: 0 }])(
  "%j is refused",
  (options) => {
    expect(() => pushSum(options)).toThrow(UsageError);
  },
);

test("a member without a value is refused", () => {
  expect(() => machine.start("z", ["z"])).toThrow(UsageError);
});
