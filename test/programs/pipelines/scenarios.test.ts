import { describe, expect, test } from "vitest";
import { module, program, signature } from "#programs";
import type { Values } from "#programs";
import { executePipeline, PipelinePool } from "#programs/pipelines";
import type { OnError, PipelineResult, PipelineStage, StageRun } from "#programs/pipelines";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";

/** A stage that takes its time and gives its id, its start and its end. */
function timed(clock: FakeClock, id: string, ms: number, needs?: readonly string[]): PipelineStage {
  return {
    type: "function",
    id,
    run: async (_, { signal }) => {
      const from = clock.now();
      await clock.sleep(ms, { signal });
      return { [id]: [from, clock.now()] };
    },
    ...(needs === undefined ? {} : { needs }),
  };
}

async function within<T>(clock: FakeClock, ms: number, running: Promise<T>): Promise<T> {
  running.catch(() => {});
  await clock.advance(ms);
  expect(clock.pending()).toBe(0);
  return running;
}

describe("A5: stage 2 of 3 takes 10 ms and fails,", () => {
  const run = async (onError: OnError): Promise<{ result: PipelineResult; attempts: number; third: Values[] }> => {
    const clock = fakeClock();
    const third: Values[] = [];
    let attempts = 0;
    const failing = module("failing", async () => {
      attempts++;
      await clock.sleep(10);
      throw new Error("no");
    });
    const second = program({ name: "second", signature: signature("one: json -> two"), pipeline: ["failing"] });
    const stages: PipelineStage[] = [
      timed(clock, "one", 10),
      { type: "program", program: second },
      { type: "function", id: "three", run: (values) => (third.push(values), { three: true }) },
    ];
    const result = await within(clock, 100, executePipeline(stages, { goal: "g" }, { onError, modules: [failing] }));
    return { result, attempts, third };
  };

  test("fail_fast: an error with the result of stage 1 only", async () => {
    const { result, third } = await run("fail_fast");
    expect(result).toMatchObject({ ok: false, failure: { stage: "second" }, outputs: { one: [0, 10] } });
    expect([Object.keys(result.stageResults), third]).toEqual([["one"], []]);
  });

  test("continue_on_error: stage 3 runs on stage 1's output, and the error is listed", async () => {
    const { result, third } = await run("continue_on_error");
    expect(third).toEqual([{ goal: "g", one: [0, 10] }]);
    expect(result).toMatchObject({ ok: true, outputs: { one: [0, 10], three: true }, errors: [{ stage: "second" }] });
  });

  test("retry: attempts = 1 + maxRetries", async () => {
    const { result, attempts } = await run({ maxRetries: 3 });
    expect([attempts, result.errors[0]?.attempts, result.ok]).toEqual([4, 4, false]);
  });
});

test("A6: a → (b, c) → d of 50 ms each takes 150 ms, and d sees both outputs by stage id", async () => {
  const clock = fakeClock();
  let seen: StageRun["stages"] = {};
  const d: PipelineStage = {
    type: "function",
    id: "d",
    needs: ["b", "c"],
    run: async (_, { stages }) => {
      seen = stages;
      await clock.sleep(50);
      return { end: clock.now() };
    },
  };
  const stages = [timed(clock, "a", 50, []), timed(clock, "b", 50, ["a"]), timed(clock, "c", 50, ["a"]), d];
  const { outputs } = await within(clock, 1000, executePipeline(stages, {}));
  expect(outputs["end"]).toBe(150);
  expect(seen).toEqual({ a: { a: [0, 50] }, b: { b: [50, 100] }, c: { c: [50, 100] } });
});

test("one after another takes the sum of their times, all at once the longest", async () => {
  const clock = fakeClock();
  const times = [30, 10, 20];
  const inRow = times.map((ms, n) => timed(clock, `s${n}`, ms));
  const atOnce = times.map((ms, n) => timed(clock, `s${n}`, ms, []));
  expect((await within(clock, 60, executePipeline(inRow, {}))).outputs).toEqual({
    s0: [0, 30],
    s1: [30, 40],
    s2: [40, 60],
  });
  expect((await within(clock, 30, executePipeline(atOnce, {}))).outputs).toEqual({
    s0: [60, 90],
    s1: [60, 70],
    s2: [60, 80],
  });
});

describe("A7", () => {
  test("a list of stages, made at run time, and a pipeline give equal outputs", async () => {
    const clock = fakeClock();
    for (const names of [["plan", "code"], ["plan", "code", "test"], ["code"]]) {
      const stages = (): PipelineStage[] =>
        names.map((id) => ({ type: "function", id, run: (values) => ({ [id]: Object.keys(values) }) }));
      const list = await executePipeline(stages(), { goal: "g" });
      expect(await executePipeline({ id: "p", stages: stages() }, { goal: "g" })).toEqual(list);
      expect(Object.keys(list.outputs)).toEqual(names);
    }
    expect(clock.pending()).toBe(0);
  });

  test("six pipelines of 50 ms in a pool of two: two at once, drained in order, done after 150 ms", async () => {
    const clock = fakeClock();
    const pool = new PipelinePool({ poolSize: 2 });
    const runs = Array.from({ length: 6 }, () => pool.executePipeline([timed(clock, "s", 50)], {}));
    await clock.advance(49);
    expect([pool.running, pool.waiting]).toEqual([2, 4]);
    const results = await within(clock, 101, Promise.all(runs));
    expect(results.map(({ outputs }) => outputs["s"])).toEqual([
      [0, 50],
      [0, 50],
      [50, 100],
      [50, 100],
      [100, 150],
      [100, 150],
    ]);
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
  });

  test("one who sends many does not keep another waiting for all of them: every pipeline waits for those before it only", async () => {
    const clock = fakeClock();
    const pool = new PipelinePool({ poolSize: 1 });
    const many = Array.from({ length: 3 }, () => pool.executePipeline([timed(clock, "s", 10)], {}));
    const one = pool.executePipeline([timed(clock, "one", 10)], {});
    const later = pool.executePipeline([timed(clock, "later", 10)], {});
    await within(clock, 50, Promise.all([...many, one, later]));
    expect([(await one).outputs["one"], (await later).outputs["later"]]).toEqual([
      [30, 40],
      [40, 50],
    ]);
  });
});
