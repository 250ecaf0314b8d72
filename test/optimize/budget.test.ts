import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { checkBudget, optimize, randomSearch } from "#optimize";
import type { Resource } from "#optimize";
import { memoryStore } from "#storage/memory";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";

test.each([
  [{ calls: 0 }, "budget.calls: expected a whole number above 0, got 0"],
  [{ evaluations: 2.5 }, "budget.evaluations: expected a whole number above 0, got 2.5"],
  [{ usd: -1 }, "budget.usd: expected a number above 0, got -1"],
  [{ minutes: 3 }, "budget.minutes: not a limit; limits are evaluations, calls, tokens, usd, ms"],
  [12, "budget: expected an object of limits, got 12"],
])("%j is refused: %s", (budget, message) => {
  expect(() => checkBudget(budget)).toThrow(new UsageError(message));
});

test("whatever the limits, no run ever spends more than one of them", async () => {
  const limits = fc.record(
    {
      evaluations: fc.integer({ min: 1, max: 12 }),
      calls: fc.integer({ min: 1, max: 400 }),
      tokens: fc.integer({ min: 1, max: 100_000 }),
      usd: fc.double({ min: 0.001, max: 20, noNaN: true }),
    },
    { requiredKeys: [] },
  );
  const usage = { inputTokens: 30, outputTokens: 12, usd: 0.01 };
  await fc.assert(
    fc.asyncProperty(limits, fc.integer({ min: 1, max: 9 }), async (budget, concurrency) => {
      const model = { ...parityModel({ usage }), usdPerMillionTokens: { input: 100, output: 584 } };
      const { report } = await optimize(parity, {
        store: memoryStore(),
        space: paritySpace,
        teleprompter: randomSearch({ candidates: 6 }),
        model,
        metric: parityMetric,
        train,
        validation,
        test: heldOut,
        budget: budget,
        seed: 1,
        concurrency,
      });
      const made = model.calls.length;
      expect(report.spend).toMatchObject({ calls: made, tokens: made * 42 });
      for (const [limit, most] of Object.entries(budget) as [Resource, number][])
        expect(report.spend[limit]).toBeLessThanOrEqual(most * (1 + 1e-9));
    }),
    { numRuns: 40 },
  );
});

test("a model that does not tell its price is called once before the price is known", async () => {
  const gate = Promise.withResolvers<void>();
  let inFlight = 0;
  let most = 0;
  const inner = parityModel({ usage: { inputTokens: 30, outputTokens: 12, usd: 0.01 } });
  const run = optimize(parity, {
    store: memoryStore(),
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 1 }),
    model: {
      id: "secretive",
      async generate(request, options) {
        most = Math.max(most, ++inFlight);
        if (inner.calls.length === 0) await gate.promise;
        inFlight--;
        return inner.generate(request, options);
      },
    },
    metric: parityMetric,
    train,
    validation,
    budget: { usd: 0.001 },
    seed: 1,
    concurrency: 8,
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(most).toBe(1);
  gate.resolve();
  const { report } = await run;
  expect(report.spend.calls).toBe(1);
  expect(report.reason).toBe("the budget's usd are used up");
});
