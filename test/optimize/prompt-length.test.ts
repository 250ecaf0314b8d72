import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { optimize, randomSearch, readEvents, readRecord, runReport, startRun } from "#optimize";
import type { EvaluateWork, Teleprompter, Work } from "#optimize";
import { demoOf } from "#programs";
import { memoryStore } from "#storage/memory";
import { demos, space, text } from "#variables";
import { parity, parityModel, train } from "./parity.ts";
import { options } from "./parity-run.ts";

const prompted = space([demos("predict.demos", { max: 20 }), text("predict.instructions", { maxTokens: 500 })]);

/** One that looks at no limit: the baseline, then twenty demonstrations and a long text. */
function careless(demonstrations: number, words: number): Teleprompter<readonly Work[]> {
  const inner = randomSearch();
  const configurations = [
    {},
    { "predict.demos": train.slice(0, demonstrations).map(demoOf), "predict.instructions": "word ".repeat(words) },
  ];
  return {
    name: "careless",
    options: inner.options,
    start: () => [],
    ask: (state) =>
      state.length > 0
        ? []
        : configurations.map((configuration, at): EvaluateWork => ({
            kind: "evaluate",
            id: `try ${at}`,
            purpose: "to see",
            configuration: configuration as unknown as EvaluateWork["configuration"],
            split: "validation",
            examples: [0, 1, 2],
          })),
    tell: (state, told) => (told.type === "issued" ? told.work : state),
    finished: () => undefined,
    incumbent: () => undefined,
  };
}

test("what is longer than the run allows fails on every example without a call, and the report says why", async () => {
  const store = memoryStore();
  const model = parityModel();
  const started = await startRun(
    options({ store, model, space: prompted, teleprompter: careless(8, 100), maxPromptTokens: 200, test: [] }),
  );
  const { candidates, failures, spend } = await started.finished;
  expect(model.calls).toHaveLength(3);
  expect(spend.calls).toBe(3);
  expect(candidates.map(({ score, usage }) => [score, usage.calls])).toEqual([
    [expect.any(Number), 3],
    [0, 0],
  ]);
  expect(failures?.[0]?.message).toMatch(/tokens, more than the 200 of maxPromptTokens: nothing was run/);
  const report = runReport(await readRecord(store, started.id), await readEvents(store, started.id));
  expect(report.run.maxPromptTokens).toBe(200);
});

test("what fits is run", async () => {
  const model = parityModel();
  const run = options({ model, space: prompted, teleprompter: careless(2, 10), maxPromptTokens: 200, test: [] });
  await optimize(parity, run);
  expect(model.calls).toHaveLength(6);
});

test("a baseline that is longer itself, and a limit that is none, are refused before anything is stored", async () => {
  const long = { ...parity, configuration: { "predict.instructions": "word ".repeat(300) } };
  const start = (maxPromptTokens: number): Promise<unknown> =>
    optimize(long, { ...options({ space: prompted }), maxPromptTokens });
  await expect(start(300)).rejects.toThrow(/expected at least the 375 .* got 300/);
  await expect(start(0)).rejects.toThrow(UsageError);
});
