import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { optimize, randomSearch } from "#optimize";
import type { OptimizeOptions } from "#optimize";
import { memoryStore } from "#storage/memory";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

type Options = OptimizeOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

/** A run that was aborted in its middle, with what it was started with. */
async function abortedRun(): Promise<{ readonly run: string; readonly options: Options }> {
  const options: Options = {
    store: memoryStore(),
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 4 }),
    model: parityModel(),
    metric: parityMetric,
    train,
    test: heldOut,
    seed: 7,
    budget: { calls: 500 },
  };
  const gone = new AbortController();
  let run = "";
  const aborted = optimize(parity, {
    ...options,
    signal: gone.signal,
    onEvent: (event, { id }) => {
      run = id;
      if (event.type === "example") gone.abort(new Error("later"));
    },
  });
  await expect(aborted).rejects.toThrow("later");
  return { run, options };
}

test("a run goes on with the options that it was started with, given again as they were", async () => {
  const { run, options } = await abortedRun();
  const { report, run: same } = await optimize(parity, { ...options, resume: run });
  expect(same).toBe(run);
  expect(report.status).toBe("completed");
});

test("options that a resumed run would not heed are refused by name, and nothing is done", async () => {
  const { run, options } = await abortedRun();
  const refused = (changes: Partial<Options>): Promise<unknown> =>
    optimize(parity, { ...options, ...changes, resume: run }).catch((error: unknown) => error);
  for (const [names, changes] of [
    ["seed", { seed: 8 }],
    ["budget", { budget: { calls: 501 } }],
    ["teleprompter", { teleprompter: randomSearch({ candidates: 5 }) }],
    ["train, validation", { train: train.slice(1) }],
    ["test", { test: heldOut.slice(1) }],
    ["seed, deterministic", { seed: 8, deterministic: true }],
  ] as const) {
    const error = await refused(changes);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(`was started with other values of ${names} and goes on with its own`);
  }
  await expect(optimize(parity, { ...options, resume: "run_none" })).rejects.toMatchObject({ code: "unknown_run" });
});
