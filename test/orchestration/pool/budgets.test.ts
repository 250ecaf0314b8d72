import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { allowance, batchBudget, finishItem, spend, takeTokens, tokenBucket } from "#orchestration";
import type { SpendResult } from "#orchestration";
import { frozen } from "./exact.ts";

fc.configureGlobal({ seed: 67 });

const many = { numRuns: 500 };

describe("a token bucket", () => {
  test("never gives more in any stretch of time than it holds and what was refilled in it", () => {
    const take = fc.record({ ms: fc.integer({ min: -20, max: 400 }), amount: fc.integer({ min: 0, max: 12 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 50 }),
        fc.array(take, { maxLength: 40 }),
        (capacity, refillPerSecond, takes) => {
          let bucket = tokenBucket({ capacity, refillPerSecond }, 0);
          let [at, latest] = [0, 0];
          const taken: { readonly at: number; readonly amount: number }[] = [];
          for (const { ms, amount } of takes) {
            at += ms;
            latest = Math.max(latest, at);
            const result = takeTokens(frozen(bucket), amount, at);
            ({ bucket } = result);
            expect(bucket.tokens).toBeGreaterThanOrEqual(0);
            expect(bucket.tokens).toBeLessThanOrEqual(capacity);
            if (result.ok) taken.push({ at: latest, amount });
            else if (result.retryAfterMs === Infinity) expect(amount > capacity || refillPerSecond === 0).toBe(true);
            else expect(takeTokens(bucket, amount, latest + result.retryAfterMs).ok).toBe(true);
          }
          for (const [first, { at: from }] of taken.entries()) {
            for (const [last, { at: to }] of taken.entries()) {
              if (last < first) continue;
              const between = taken.slice(first, last + 1).reduce((sum, { amount }) => sum + amount, 0);
              expect(between).toBeLessThanOrEqual(capacity + ((to - from) / 1000) * refillPerSecond + 1e-6);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([-1, Number.NaN, Infinity])("has no capacity and no rate of %d, and gives no such amount", (wrong) => {
    expect(() => tokenBucket({ capacity: wrong, refillPerSecond: 1 }, 0)).toThrow(UsageError);
    expect(() => tokenBucket({ capacity: 1, refillPerSecond: wrong }, 0)).toThrow(UsageError);
    expect(() => takeTokens(tokenBucket({ capacity: 1, refillPerSecond: 1 }, 0), wrong, 0)).toThrow(UsageError);
  });
});

const code = (result: SpendResult): string => (result.ok ? "ok" : result.error.code);

describe("a budget over a batch", () => {
  test("lets a hard item spend what the easy ones did not need", () => {
    let budget = batchBudget(["easy", "hard"], { total: 100, least: 30 });
    expect(code(spend(budget, "hard", 71))).toBe("budget_exhausted");
    const easy = spend(budget, "easy", 10);
    if (easy.ok) budget = finishItem(easy.budget, "easy");
    expect(allowance(budget, "hard")).toBe(90);
    expect(code(spend(budget, "hard", 90))).toBe("ok");
    expect(code(spend(budget, "easy", 1))).toBe("unknown_item");
    expect(finishItem(budget, "easy")).toBe(budget);
  });

  test("is not of amounts that are no whole numbers, of less than it keeps, nor of an item twice", () => {
    expect(() => batchBudget(["a"], { total: 1.5 })).toThrow(UsageError);
    expect(() => batchBudget(["a", "b"], { total: 5, least: 3 })).toThrow("at least 6");
    expect(() => batchBudget(["a", "a"], { total: 5 })).toThrow("twice");
    expect(() => spend(batchBudget(["a"], { total: 5 }), "a", -1)).toThrow(UsageError);
    expect(code(spend(batchBudget(["a"], { total: 5 }), "toString", 1))).toBe("unknown_item");
  });

  test("never spends more than its total, and can always give every open item its least", () => {
    const item = fc.constantFrom("a", "b", "c");
    const step = fc.record({ item, amount: fc.nat({ max: 60 }), finish: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 60, max: 100 }),
        fc.array(step, { maxLength: 25 }),
        (least, total, all) => {
          let budget = frozen(batchBudget(["a", "b", "c"], { total, least }));
          let spent = 0;
          for (const { item: who, amount, finish } of all) {
            const most = allowance(budget, who);
            const result = spend(budget, who, amount);
            expect(result.ok).toBe(Object.hasOwn(budget.open, who) && amount <= most);
            if (result.ok) [budget, spent] = [frozen(result.budget), spent + amount];
            if (finish) budget = frozen(finishItem(budget, who));
            expect([budget.spent, budget.spent <= total]).toEqual([spent, true]);
            for (const [open, used] of Object.entries(budget.open)) {
              expect(allowance(budget, open)).toBeGreaterThanOrEqual(Math.max(0, least - used));
            }
          }
        },
      ),
      many,
    );
  });
});
