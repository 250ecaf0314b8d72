import { expect, test } from "vitest";
import { bootstrapFewShot, optimize, simba, startRun } from "#optimize";
import type { Optimized } from "#optimize";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";
import { numberIn, parity, parityMetric, parityModel, test as heldOut, train, validation } from "./parity.ts";

type Metric = Options["metric"];

function run(changes: Partial<Options>): Promise<Optimized> {
  return optimize(parity, options({ test: [], ...changes }));
}

/** The run's end, while the clock goes on in steps of a second. */
async function ended<T>(clock: FakeClock, running: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = (): void => {
    state.isOver = true;
  };
  running.then(over, over);
  while (!state.isOver) await clock.advance(1000);
  return running;
}

test.each<[string, Metric, string]>([
  ["throws", () => { throw new Error("no such column"); }, "no such column"], // prettier-ignore
  ["rejects", () => Promise.reject(new Error("the judge is out")), "the judge is out"],
  ["returns NaN", () => Number.NaN, "expected a finite number or { score, feedback, objectives }, got NaN"],
  ["returns Infinity", () => Number.POSITIVE_INFINITY, "got Infinity"],
  ["returns a text", () => "good" as unknown as number, "got"],
])("a metric that %s ends in a report that says so, with a score of 0 for all", async (_, metric, said) => {
  const { report } = await run({ metric });
  expect(report).toMatchObject({ status: "completed", significant: false, configuration: {} });
  expect(report.candidates.every(({ score, examples }) => score === 0 && examples === 24)).toBe(true);
  expect(report.failures?.[0]?.message).toMatch(/^the metric failed on example \d+: /);
  expect(report.failures?.[0]?.message).toContain(said);
  expect(report.failures?.[0]?.count).toBe(report.candidates.length * 24);
});

test("a metric that fails on some examples costs these", async () => {
  const metric: Metric = (outputs, example) => (example.inputs.n === 101 ? Number.NaN : parityMetric(outputs, example));
  const { report } = await run({ metric });
  expect(report.status).toBe("completed");
  expect(report.failures).toMatchObject([{ count: report.candidates.length }]);
  expect(report.candidates[0]).toMatchObject({ score: 23 / 24, examples: 24 });
});

test("negative scores are scores: the best of them wins", async () => {
  const { report } = await run({ metric: (outputs, example) => Number(parityMetric(outputs, example)) - 1 });
  const scores = report.candidates.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => Number(b) - Number(a)));
  expect(scores[0]).toBe(0);
  expect(report.validation?.baseline.score).toBe(-0.25);
});

test("a metric that never settles fails on its example after two minutes, or as long as it is given", async () => {
  const clock = fakeClock();
  const metric: Metric = (outputs, example) =>
    example.inputs.n === 100 ? new Promise(() => {}) : parityMetric(outputs, example);
  const timed = (changes: Partial<Options>): Promise<Optimized> =>
    ended(clock, run({ clock, store: memoryStore({ clock }), metric, ...changes }));
  const patient = await timed({});
  expect(patient.report.status).toBe("completed");
  expect(patient.report.failures).toMatchObject([{ count: patient.report.candidates.length }]);
  expect(patient.report.failures?.[0]?.message).toContain("it gave no score within 120000 ms");
  const hasty = await timed({ metricTimeoutMs: 500 });
  expect(hasty.report.failures?.[0]?.message).toContain("within 500 ms");
  expect(hasty.report.spend.ms).toBeLessThan(patient.report.spend.ms / 10);
});

test("a metric that never settles outlives neither the budget's time nor a suspension", async () => {
  const clock = fakeClock();
  const changes = { clock, store: memoryStore({ clock }), test: [], metric: (() => new Promise(() => {})) as Metric };
  const { report } = await ended(clock, run({ ...changes, budget: { ms: 5000 } }));
  expect(report).toMatchObject({ status: "completed", reason: "the budget's ms are used up" });
  const runner = await startRun(options(changes));
  await clock.advance(1000);
  await runner.suspend({ graceMs: 0 });
  await expect(runner.finished).rejects.toMatchObject({ code: "suspended" });
});

test("a time for the metric that is none is refused", async () => {
  await expect(run({ metricTimeoutMs: 0 })).rejects.toThrow(/metricTimeoutMs: expected a whole number of at least 1/);
});

test.each([
  ["random search", {}],
  ["bootstrap", { teleprompter: bootstrapFewShot() }],
  ["simba", { teleprompter: simba({ candidates: 6, perStep: 2 }) }],
])("a model that answers nonsense from the middle on ends in a report (%s)", async (_, changes) => {
  const inner = parityModel();
  const model: LanguageModel = {
    id: "losing it",
    generate: async (request, call) => {
      const isLost = inner.calls.length > 60 || Number.isNaN(numberIn(request));
      const reply = await inner.generate({ ...request, messages: request.messages.slice(0, 2) }, call);
      return isLost ? { ...reply, text: "colourless green ideas" } : reply;
    },
  };
  const { report } = await run({ model, deterministic: true, concurrency: 1, ...changes });
  expect(report.status).toBe("completed");
  expect(report.failures?.length).toBeGreaterThan(0);
  expect(report.candidates[0]?.score).toBeGreaterThan(0);
});

test("one example of each kind is enough for a run, and for no verdict", async () => {
  const one = { train: train.slice(0, 1), validation: validation.slice(0, 1), test: heldOut.slice(0, 1) };
  const { report } = await optimize(parity, options(one));
  expect(report).toMatchObject({
    status: "completed",
    significant: false,
    heldOut: { examples: 1 },
    configuration: {},
  });
});
