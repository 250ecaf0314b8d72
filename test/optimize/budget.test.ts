import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { checkBudget, optimize, randomSearch } from "#optimize";
import type { Resource, RunEvent } from "#optimize";
import { program } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest } from "#programs";
import { memoryStore } from "#storage/memory";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";

/** Two candidates beside the baseline, on twelve examples, and twelve for the final comparison: 60 calls in all. */
const small = {
  store: memoryStore(),
  space: paritySpace,
  teleprompter: randomSearch({ candidates: 2 }),
  model: parityModel(),
  metric: parityMetric,
  train,
  validation: validation.slice(0, 12),
  test: heldOut.slice(0, 12),
  seed: 1,
};

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

test("what calls under way have only reserved does not end the run", async () => {
  const model = parityModel({ usage: { inputTokens: 30, outputTokens: 12 } });
  const { report } = await optimize(parity, { ...small, model, budget: { tokens: 12_000 }, concurrency: 8 });
  expect(report).toMatchObject({ reason: "2 candidates were tried", spend: { calls: 60, tokens: 60 * 42 } });
});

test("candidates that turn out dearer than they were issued for do not use up the final comparison", async () => {
  let calls = 0;
  const inner = parityModel();
  const model: LanguageModel = {
    id: "careless",
    generate: async (request) => {
      const isFirst = request.messages.at(-1)?.content.startsWith("Your answer") !== true;
      const reply = await inner.generate(isFirst ? request : { ...request, messages: request.messages.slice(0, -2) });
      return isFirst && calls++ % 3 === 0 ? { ...reply, text: "[[ ## parity ## ]]\nmaybe" } : reply;
    },
  };
  const { run, report } = await optimize(parity, { ...small, model, budget: { calls: 70 }, concurrency: 4 });
  expect(report.heldOut?.examples).toBe(12);
  expect(report.spend.calls).toBeLessThanOrEqual(70);
  const events = (await small.store.logs.read(`run/${run}`)) as unknown as RunEvent[];
  expect(events.filter(({ type }) => type === "refused")).toEqual([]);
});

test("a comparison that the budget cannot cover is not begun", async () => {
  const model = parityModel();
  const { report } = await optimize(parity, { ...small, model, budget: { calls: 10 } });
  expect(model.calls).toHaveLength(0);
  expect(report).toMatchObject({ reason: "the budget's calls do not cover a further candidate", heldOut: undefined });
});

test("stages that ask no model do not count as calls once an example was run", async () => {
  const idle = { name: "idle", run: () => ({ outputs: {} }) };
  const long = program({ ...parity, pipeline: ["idle", { module: "idle", id: "idle_2" }, "predict"] });
  const { report } = await optimize(long, { ...small, modules: [idle], budget: { calls: 110 } });
  expect(report.reason).toBe("2 candidates were tried");
});

test("a model that tells no usage, or none that is a number, is still counted", async () => {
  for (const usage of [undefined, { calls: 1, inputTokens: Number.NaN, outputTokens: 5, usd: 0 }]) {
    const inner = parityModel();
    const generate = async (request: ModelRequest): Promise<ModelReply> =>
      ({ ...(await inner.generate(request)), usage }) as unknown as ModelReply;
    const { report } = await optimize(parity, {
      ...small,
      model: { id: "mute", generate },
      budget: { tokens: 50_000 },
    });
    expect(report.spend).toMatchObject({ calls: 60, tokens: usage === undefined ? 0 : 300 });
  }
});

test("a winner that the budget's end left unmeasured is not reported to be as good as the baseline", async () => {
  const inner = parityModel();
  // Dear only for the last twelve of the 60 calls: the winner on the held-out examples.
  const generate = async (request: ModelRequest): Promise<ModelReply> => {
    const reply = await inner.generate(request);
    const outputTokens = inner.calls.length > 48 ? 4000 : 10;
    return { ...reply, usage: { calls: 1, inputTokens: 10, outputTokens, usd: 0 } };
  };
  const model = { id: "dear at the end", generate };
  const { report } = await optimize(parity, { ...small, model, budget: { tokens: 9000 }, concurrency: 1 });
  expect(report).toMatchObject({ status: "completed", significant: false, heldOut: undefined });
});
