import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { checkBudget, optimize, randomSearch } from "#optimize";
import type { Budget, Report, Resource, RunEvent } from "#optimize";
import { program } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest, Module } from "#programs";
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
  const { report } = await optimize(parity, {
    ...small,
    model,
    budget: { tokens: 12_000 },
    concurrency: 8,
  });
  expect(report).toMatchObject({
    reason: "2 candidates were tried",
    spend: { calls: 60, tokens: 60 * 42 },
  });
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
  const { run, report } = await optimize(parity, {
    ...small,
    model,
    budget: { calls: 70 },
    concurrency: 4,
  });
  expect(report.heldOut?.examples).toBe(12);
  expect(report.spend.calls).toBeLessThanOrEqual(70);
  const events = (await small.store.logs.read(`run/${run}`)) as unknown as RunEvent[];
  expect(events.filter(({ type }) => type === "refused")).toEqual([]);
});

test("a comparison that the budget cannot cover is not begun", async () => {
  const model = parityModel();
  const { report } = await optimize(parity, { ...small, model, budget: { calls: 10 } });
  expect(model.calls).toHaveLength(0);
  expect(report).toMatchObject({
    reason: "the budget's calls do not cover a further candidate",
    heldOut: undefined,
  });
});

test("stages that ask no model do not count as calls once an example was run", async () => {
  const idle = { name: "idle", run: () => ({ outputs: {} }) };
  const long = program({
    ...parity,
    pipeline: ["idle", { module: "idle", id: "idle_2" }, "predict"],
  });
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
  const { report } = await optimize(parity, {
    ...small,
    model,
    budget: { tokens: 9000 },
    concurrency: 1,
  });
  expect(report).toMatchObject({ status: "completed", significant: false, heldOut: undefined });
});

/** A run of small calls whose stage makes the given use of its model. */
async function runThatUses(
  use: (model: LanguageModel) => Promise<unknown>,
  budget: Budget,
): Promise<{ readonly asked: readonly string[]; readonly report: Report }> {
  const asked: string[] = [];
  const usage = { calls: 1, inputTokens: 30, outputTokens: 12, usd: 0 };
  const reply: ModelReply = { text: "even", finishReason: "stop", usage };
  const model: LanguageModel = {
    id: "versatile",
    supports: { images: true },
    async generate() {
      asked.push("generate");
      return reply;
    },
    async *stream() {
      asked.push("stream");
      yield { type: "text", text: "even" };
      yield { type: "reply", reply };
    },
    async embed(texts) {
      asked.push("embed");
      return { vectors: texts.map(() => [1]), usage };
    },
  };
  const predict: Module = {
    name: "predict",
    settings: ["temperature", "demos", "adapter"],
    async run(_, call) {
      expect(call.model()).toMatchObject({ id: "versatile", supports: { images: true } });
      await use(call.model());
      return { outputs: { parity: "even" } };
    },
  };
  const { report } = await optimize(parity, {
    ...small,
    store: memoryStore(),
    model,
    modules: [predict],
    budget,
  });
  return { asked, report };
}

const question: ModelRequest = { messages: [{ role: "user", content: "even?" }], maxTokens: 20 };

async function streamed(model: LanguageModel): Promise<void> {
  for await (const _ of model.stream?.(question) ?? []);
}

test("streams and vectors are paid for like answers", async () => {
  const use = async (model: LanguageModel): Promise<void> => {
    await model.generate(question);
    await streamed(model);
    await model.embed?.(["a"]);
  };
  const { asked, report } = await runThatUses(use, { calls: 1000, tokens: 1_000_000 });
  expect(new Set(asked)).toEqual(new Set(["generate", "stream", "embed"]));
  expect(report.spend).toMatchObject({ calls: asked.length, tokens: asked.length * 42 });
});

test.each<[verb: string, use: (model: LanguageModel) => Promise<unknown>]>([
  ["streams", streamed],
  ["vectors", async (model) => model.embed?.(["a"])],
])("a budget of calls holds for %s, and one left early counts as a call", async (_, use) => {
  const { asked, report } = await runThatUses(use, { calls: 50 });
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(50);
  expect(report.spend.calls).toBe(asked.length);
  const left = await runThatUses(
    async (model) => {
      for await (const _chunk of model.stream?.(question) ?? []) break;
    },
    { calls: 50 },
  );
  expect(left.report.spend).toMatchObject({ calls: left.asked.length, tokens: 0 });
});

test.each<[what: string, more: Partial<ModelRequest>]>([
  [
    "an image",
    {
      messages: [
        {
          role: "user",
          content: "",
          attachments: [{ kind: "image", mediaType: "image/png", url: "x" }],
        },
      ],
    },
  ],
  [
    "a file",
    {
      messages: [
        {
          role: "user",
          content: "",
          attachments: [{ kind: "file", mediaType: "text/plain", data: "A".repeat(9000) }],
        },
      ],
    },
  ],
  ["tools", { tools: [{ name: "x", inputSchema: { description: "A".repeat(9000) } }] }],
  ["a schema", { responseFormat: { type: "json", name: "x", schema: { description: "A".repeat(9000) } } }],
  [
    "calls of tools",
    {
      messages: [
        {
          role: "assistant",
          content: "",
          toolCalls: [{ id: "1", name: "x", input: "A".repeat(9000) }],
        },
      ],
    },
  ],
])("%s may cost more than the budget has left, and then the call is not made", async (_, more) => {
  const use = async (model: LanguageModel): Promise<unknown> => model.generate({ ...question, ...more });
  expect((await runThatUses(use, { tokens: 8000 })).asked).toEqual([]);
  expect((await runThatUses(async (model) => model.generate(question), { tokens: 8000 })).asked).not.toEqual([]);
});
