import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Store } from "#foundation";
import { auto, readRecord, resumeRun, searchTeleprompter, startRun } from "#optimize";
import { memoryStore } from "#storage/memory";
import { demos, float, space } from "#variables";
import { parity, test as heldOut, train } from "./parity.ts";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";

/** The temperature matters with one demonstration alone. */
const shown = { inputs: { n: 1 }, outputs: { parity: "odd" } };
const conditional = space([demos("predict.demos"), float("predict.temperature", { min: 0, max: 1 })], {
  when: { "predict.temperature": { "predict.demos": { is: [shown] } } },
});

test.each<[string, Partial<Options>, RegExp]>([
  ["an empty training set", { train: [] }, /train: expected at least one example, got none/],
  ["an empty validation set", { validation: [] }, /validation: expected at least one example, got none/],
  ["a budget of 0", { budget: { calls: 0 } }, /budget.calls: expected a whole number above 0, got 0/],
  ["an unknown teleprompter", { teleprompter: "grid" }, /unknown teleprompter "grid"; known are/],
  ["a concurrency of 0", { concurrency: 0 }, /concurrency: expected a whole number of at least 1, got 0/],
  [
    "examples that do not fit",
    { train: [{ inputs: { m: 1 }, expected: {} } as never] },
    /train\[0\]\.n: expected int, got nothing/,
  ],
  [
    "held-out examples that were learned from",
    { test: [...heldOut, ...train.slice(0, 2)] },
    /test: 2 of 42 examples also stand in train or validation.*\{"n":0\}/,
  ],
  [
    "a variable that nobody reads",
    { space: space([float("predct.temperature", { min: 0, max: 1 })]) },
    /no stage predct/,
  ],
  ["no space", { space: undefined as never }, /missing: space\n {2}- space: standardSpace\(program\)/],
  ["a sampler", { teleprompter: auto() as never }, /teleprompter: expected one, as .*searchTeleprompter\(auto\(\)\)/],
  [
    "a configuration outside the space",
    { program: { ...parity, configuration: { "predict.temperature": 7 } } },
    /predict.temperature: expected a number from 0 to 1, got 7/,
  ],
  [
    "a value of a variable that is inactive",
    { space: conditional, program: { ...parity, configuration: { "predict.demos": [], "predict.temperature": 0.5 } } },
    /predict.temperature: expected to be absent, since predict.demos is a list of 0, got 0.5/,
  ],
])("%s is refused before anything is stored", async (_, changes, message) => {
  const store: Store = memoryStore();
  const refusal = expect(startRun(options({ store, ...changes }))).rejects;
  await refusal.toThrow(message);
  await expect(startRun(options({ store, ...changes }))).rejects.toBeInstanceOf(UsageError);
  expect(await store.position()).toBe(0);
});

test("an unknown run is refused", async () => {
  const { store, metric, model } = options();
  await expect(resumeRun("run_none", { store, metric, model })).rejects.toMatchObject({ code: "unknown_run" });
  await expect(readRecord(store, "run_none")).rejects.toThrow("there is no run run_none in this store");
});

test("what makes a sampler is no sampler", () => {
  expect(() => searchTeleprompter(auto as never)).toThrow("expected a sampler, as auto() gives one");
});
