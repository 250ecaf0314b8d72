import { expect, test } from "vitest";
import { estimateRun, likelyCost, mipro, miproCost, randomSearch, startRun, teleprompterNamed } from "#optimize";
import type { Spend, StartOptions } from "#optimize";
import { program } from "#programs";
import { iclModel } from "#models/icl";
import { memoryStore } from "#storage/memory";
import { scriptedModel } from "#testing";
import { demos, float, space, text } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";

type Options = Omit<StartOptions<{ message: string }, { desk: "alpha" | "beta" | "gamma" | "delta" }>, "store">;

const deskSpace = space([
  text("predict.instructions", { maxTokens: 400, default: "" }),
  demos("predict.demos", { max: 8 }),
  float("temperature", { min: 0, max: 1, default: 0 }),
]);

/** A model that must not be asked. */
const silent = scriptedModel(() => {
  throw new Error("a dry run asks nobody");
});

function options(changes: Partial<Options> = {}): Options {
  return {
    program: desk,
    space: deskSpace,
    teleprompter: randomSearch({ candidates: 6 }),
    metric: deskMetric,
    model: silent,
    train: deskExamples("train", 20),
    validation: deskExamples("validation", 20),
    test: deskExamples("test", 10),
    seed: 3,
    ...changes,
  };
}

async function spent(changes: Partial<Options>): Promise<Spend> {
  const runner = await startRun({ ...options({ ...changes, model: iclModel() }), store: memoryStore() });
  return (await runner.finished).spend;
}

test.each([
  ["bootstrap_few_shot", {}],
  ["mipro", { auto: "light" }],
  ["simba", { maxSteps: 2 }],
  ["random_search", { candidates: 6 }],
])("what %s is likely to call is what it calls, within a factor of two", async (name, own) => {
  const teleprompter = teleprompterNamed(name, own);
  const { likely, most, ends } = await estimateRun(options({ teleprompter }));
  const real = await spent({ teleprompter });
  expect(ends).toBe(true);
  expect(likely.calls).toBeGreaterThan(real.calls / 2);
  expect(likely.calls).toBeLessThan(real.calls * 2);
  expect(likely.evaluations).toBeGreaterThan(real.evaluations / 2);
  expect(likely.evaluations).toBeLessThan(real.evaluations * 2);
  expect(most.calls).toBeGreaterThanOrEqual(real.calls);
  expect(most.tokens).toBeGreaterThanOrEqual(real.tokens);
});

test("a search without chance in its length is counted exactly, and nobody is asked", async () => {
  // The baseline and six candidates on 20 examples; the baseline and a winner on 10 held-out ones.
  const { likely, most, perExample, assumptions } = await estimateRun(options());
  expect(likely).toMatchObject({ evaluations: 9, examples: 160, proposals: 0, calls: 160 });
  // As many attempts as a stage has unless told.
  expect(most.calls).toBe(320);
  expect(perExample.calls).toBe(1);
  expect(perExample.inputTokens).toBeGreaterThan(40);
  expect(assumptions.join("\n")).toContain("every stage needs all its attempts");
  expect(likely).not.toHaveProperty("usd");
  expect(await likelyCost(options())).toEqual(likely);
});

test("a budget bounds both, and ends what has no end by itself", async () => {
  const endless = options({ teleprompter: randomSearch({ candidates: 1_000_000 }) });
  expect(await likelyCost(endless)).toBeUndefined();
  const { likely, most, ends, reason } = await estimateRun({ ...endless, budget: { calls: 150 } });
  expect(ends).toBe(true);
  expect(reason).toContain("budget's calls");
  expect(likely.calls).toBeLessThanOrEqual(150);
  expect(likely.calls).toBeGreaterThan(100);
  expect(most.calls).toBe(150);
});

test("stages, prompts and prices count", async () => {
  const two = program({ ...desk, pipeline: ["chain_of_thought", "predict"] });
  const priced = { ...silent, usdPerMillionTokens: { input: 2, output: 10 } };
  const own = { space: space([float("temperature", { min: 0, max: 1, default: 0 })]) };
  const one = await estimateRun(options({ ...own, model: priced }));
  const both = await estimateRun(options({ ...own, program: two, model: priced }));
  expect(both.perExample.calls).toBe(2);
  expect(both.likely.calls).toBe(2 * one.likely.calls);
  expect(one.likely.usd).toBeGreaterThan(0);
  expect(both.likely.usd).toBeGreaterThan(2 * (one.likely.usd ?? 0));
  const long = program({
    ...desk,
    configuration: { "predict.instructions": "Choose the desk with care. ".repeat(100) },
  });
  const { perExample } = await estimateRun(options({ ...own, program: long }));
  expect(perExample.inputTokens - one.perExample.inputTokens).toBeCloseTo(27 * 25, -2);
});

test("mipro's own figures agree with the played run", async () => {
  const { likely } = await estimateRun(options({ teleprompter: mipro({ auto: "light" }), test: [] }));
  const { train, validation } = options();
  const task = { program: desk, space: deskSpace, baseline: {}, train, validation: validation ?? [] };
  const most = miproCost({ auto: "light" }, task);
  expect(likely.calls).toBeLessThanOrEqual(most.calls);
  expect(likely.calls).toBeGreaterThan(most.calls / 2);
});

test("the same mistakes are refused as at a start, and waiting for an answer can be given up", async () => {
  await expect(estimateRun(options({ train: [] }))).rejects.toThrow(/at least one example/);
  const gone = new AbortController();
  gone.abort(new Error("enough"));
  await expect(estimateRun(options({ signal: gone.signal }))).rejects.toThrow("enough");
});
