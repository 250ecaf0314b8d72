import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Values } from "#programs";
import { PipelinePool } from "#programs/pipelines";
import type { PipelineStage } from "#programs/pipelines";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Job {
  readonly stages: readonly PipelineStage[];
  readonly end: PromiseWithResolvers<Values>;
}

function jobs(count: number, log: number[]): Job[] {
  return Array.from({ length: count }, (_, n) => {
    const end = Promise.withResolvers<Values>();
    return { end, stages: [{ type: "function", run: () => (log.push(n), end.promise) }] };
  });
}

test("A7: of six pipelines in a pool of two at most two run at once, and the queue drains in order", async () => {
  const started: number[] = [];
  const pool = new PipelinePool({ poolSize: 2 });
  const six = jobs(6, started);
  const runs = six.map(({ stages }, n) =>
    n % 2 === 0 ? pool.executePipeline(stages, {}) : pool.executePipeline({ id: `p${n}`, stages }, {}),
  );
  const seen: [running: number, waiting: number, started: number][] = [];
  for (const { end } of six) {
    await settled();
    seen.push([pool.running, pool.waiting, started.length]);
    end.resolve({ done: true });
  }
  const results = await Promise.all(runs);
  expect(seen).toEqual([
    [2, 4, 2],
    [2, 3, 3],
    [2, 2, 4],
    [2, 1, 5],
    [2, 0, 6],
    [1, 0, 6],
  ]);
  expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  expect(results.map(({ outputs }) => outputs)).toEqual(Array(6).fill({ done: true }));
  expect([pool.running, pool.waiting]).toEqual([0, 0]);
});

test("a pipeline that fails, is given up or was called wrongly leaves its place to the next", async () => {
  const started: number[] = [];
  const pool = new PipelinePool({ poolSize: 1 });
  const [failing, misused, aborted, waiting, last] = jobs(5, started) as [Job, Job, Job, Job, Job];
  const [inFlight, inQueue] = [new AbortController(), new AbortController()];
  const first = pool.executePipeline(failing.stages, {});
  const second = pool.executePipeline(misused.stages, {});
  const third = pool.executePipeline(aborted.stages, {}, { signal: inFlight.signal });
  const fourth = pool.executePipeline(waiting.stages, {}, { signal: inQueue.signal });
  const fifth = pool.executePipeline(last.stages, {});
  inQueue.abort(new Error("no longer wanted"));
  await expect(fourth).rejects.toThrow("no longer wanted");
  failing.end.reject(new Error("no"));
  expect(await first).toMatchObject({ ok: false });
  misused.end.reject(new UsageError("called wrongly"));
  await expect(second).rejects.toThrow("called wrongly");
  await settled();
  inFlight.abort(new Error("enough"));
  await expect(third).rejects.toThrow("enough");
  last.end.resolve({});
  expect(await fifth).toMatchObject({ ok: true });
  expect(started).toEqual([0, 1, 2, 4]);
  expect([pool.running, pool.waiting]).toEqual([0, 0]);
});

test("misuse does not wait for its turn", async () => {
  const pool = new PipelinePool({ poolSize: 1 });
  const [job] = jobs(1, []) as [Job];
  const run = pool.executePipeline(job.stages, {});
  await expect(pool.executePipeline([], {})).rejects.toThrow(UsageError);
  job.end.resolve({});
  await run;
  expect(() => new PipelinePool({ poolSize: 0 })).toThrow("poolSize: expected a whole number of at least 1, got 0");
});

test("to dispose of it gives up what runs and what waits, aborts their stages and takes nothing more", async () => {
  let aborted = false;
  const hanging: PipelineStage = {
    type: "function",
    run: (_, { signal }) => {
      signal.addEventListener("abort", () => (aborted = true));
      return new Promise(() => {});
    },
  };
  const pool = new PipelinePool({ poolSize: 1 });
  const runs = [pool.executePipeline([hanging], {}), pool.executePipeline([hanging], {})];
  const outcomes = Promise.allSettled(runs);
  await settled();
  await pool[Symbol.asyncDispose]();
  expect([pool.running, pool.waiting, aborted]).toEqual([0, 0, true]);
  expect(await outcomes).toMatchObject(Array(2).fill({ status: "rejected", reason: { name: "AbortError" } }));
  await expect(pool.executePipeline([hanging], {})).rejects.toThrow(UsageError);
  await pool[Symbol.asyncDispose]();
});
