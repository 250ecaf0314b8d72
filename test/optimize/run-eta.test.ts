import { expect, test } from "vitest";
import { randomSearch, startRun } from "#optimize";
import type { RunEvent, Runner, RunProgress, StartOptions } from "#optimize";
import { scriptedModel, fakeClock } from "#testing";
import type { FakeClock } from "#testing";
import { memoryStore } from "#storage/memory";
import { parity, parityMetric, paritySpace, train, validation } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

type Options = StartOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

/** A run in which every call takes 100 ms, one after the other. */
async function steadyRun(clock: FakeClock, changes: Partial<Options>): Promise<Runner> {
  const model = scriptedModel(async () => {
    await clock.sleep(100);
    return "[[ ## parity ## ]]\neven\n[[ ## completed ## ]]";
  });
  return startRun({
    store: memoryStore({ clock }),
    clock,
    program: parity,
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 4 }),
    model,
    metric: parityMetric,
    train,
    validation: validation.slice(0, 10),
    seed: 7,
    concurrency: 1,
    ...changes,
  });
}

/** The progress after so many examples, while the run goes on. */
async function after(clock: FakeClock, runner: Runner, examples: number): Promise<RunProgress> {
  const reached = Promise.withResolvers<void>();
  let count = 0;
  const onEvent = ({ type }: RunEvent): void => {
    if (type === "example" && ++count === examples) reached.resolve();
  };
  runner.events.subscribe(onEvent);
  for (let call = 0; call < examples; call++) await clock.advance(100);
  await reached.promise;
  return runner.status();
}

test("nobody knows the end before anything was measured, or without a limit and an estimate", async () => {
  const clock = fakeClock();
  const limited = await steadyRun(clock, { budget: { calls: 20 } });
  expect(limited.status().eta).toBeUndefined();
  const free = await steadyRun(clock, {});
  expect((await after(clock, free, 5)).eta).toBeUndefined();
  for (const runner of [limited, free]) await runner.suspend({ graceMs: 0 });
});

test.each([
  ["calls", { budget: { calls: 20 } }, 1500],
  ["ms", { budget: { ms: 900, calls: 20 } }, 400],
  ["search", { expectedRuns: 12, budget: { calls: 20 } }, 700],
] as const)("the first end counts, at the pace so far: %s", async (of, changes, ms) => {
  const clock = fakeClock();
  const runner = await steadyRun(clock, changes);
  expect((await after(clock, runner, 5)).eta).toEqual({ ms, of });
  await runner.suspend({ graceMs: 0 });
});

test("the time until the next event passes; a pause does not", async () => {
  const clock = fakeClock();
  const runner = await steadyRun(clock, { budget: { calls: 20 } });
  await after(clock, runner, 5);
  await clock.advance(60);
  expect(runner.status().eta).toEqual({ ms: 1440, of: "calls" });
  await runner.pause();
  await clock.advance(40);
  const { eta, spend } = runner.status();
  await clock.advance(60_000);
  expect(runner.status()).toMatchObject({ status: "paused", eta, spend });
  await runner.resume();
  await clock.advance(100);
  expect(runner.status().eta?.ms).toBeLessThan(1400);
  await runner.suspend({ graceMs: 0 });
});

test("an end that was estimated wrong is no end, and a run that has ended has none", async () => {
  const clock = fakeClock();
  const runner = await steadyRun(clock, { expectedRuns: 4 });
  expect((await after(clock, runner, 5)).eta).toBeUndefined();
  for (let call = 0; call < 60; call++) await clock.advance(100);
  expect((await runner.finished).status).toBe("completed");
  expect(runner.status().eta).toBeUndefined();
});
