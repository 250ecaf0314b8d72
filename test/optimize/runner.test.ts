import { expect, test } from "vitest";
import { seededRng } from "#foundation";
import {
  bootstrapFewShot,
  listRuns,
  optimize,
  randomSearch,
  resumeRun,
  RunError,
  sendRunRequest,
  startRun,
} from "#optimize";
import type { RunEvent, Teleprompter } from "#optimize";
import { execute, ModelError, program, signature } from "#programs";
import { memoryStore } from "#storage/memory";
import { fakeClock, scriptedModel } from "#testing";
import { float, space } from "#variables";
import { numberIn, parity, parityExamples, parityMetric, parityModel } from "./parity.ts";
import type { ParityExample } from "./parity.ts";
import { options, timeless, until } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";

test("the gain is measured on held-out examples, and the winner comes back with its whole story", async () => {
  const { program: better, report, actions } = await optimize(parity, options());
  expect(report).toMatchObject({ status: "completed", significant: true, judgedOn: "test" });
  expect(report.heldOut?.examples).toBe(40);
  expect(report.heldOut?.baseline.score).toBe(0.75);
  expect(report.heldOut?.gain.interval[0]).toBeGreaterThan(0);
  expect(report.candidates).toHaveLength(7);
  expect(report.candidates.map(({ score }) => score)).toEqual(
    report.candidates.map(({ score }) => score).toSorted((a, b) => (b ?? 0) - (a ?? 0)),
  );
  expect(report.spend).toMatchObject({ evaluations: 9, calls: 7 * 24 + 2 * 40 });
  expect(actions).toEqual([]);
  const { outputs } = await execute(better, { n: 204 }, { model: parityModel() });
  expect(outputs).toEqual({ parity: "even" });
});

test("without a significant gain the baseline comes back", async () => {
  const constant = scriptedModel((request) => `[[ ## parity ## ]]\n${numberIn(request) % 3 === 0 ? "even" : "odd"}`);
  const cold = space([float("predict.temperature", { min: 0, max: 1 })]);
  const { configuration, report } = await optimize(parity, options({ model: constant, space: cold }));
  expect(report.significant).toBe(false);
  expect(report.configuration).toEqual({});
  expect(configuration).toEqual(parity.configuration);
});

test("a gain on a handful of examples is not called significant", async () => {
  // Multiples of four: the baseline is wrong on all of them, the winner right.
  const few = [204, 208, 212, 216, 220].map((n) => parityExamples(n, 1)[0] as ParityExample);
  const { report } = await optimize(parity, options({ test: few }));
  expect(report.heldOut?.gain).toEqual({ mean: 1, interval: [1, 1] });
  expect(report.significant).toBe(false);
});

test("without held-out examples significance is judged on validation, and the report says so", async () => {
  const { report } = await optimize(parity, options({ test: [] }));
  expect(report).toMatchObject({ judgedOn: "validation", significant: true });
  expect(report.heldOut).toBeUndefined();
});

test("without validation examples half of the training set serves, at random and disjoint", async () => {
  const { validation: _, ...rest } = options({ train: parityExamples(0, 21) });
  const store = memoryStore();
  await optimize(parity, { ...rest, store });
  const [record] = await listRuns(store);
  expect(record?.sizes).toMatchObject({ train: 10, validation: 11 });
});

test("nothing runs beyond the concurrency", async () => {
  let [inFlight, most] = [0, 0];
  const inner = parityModel();
  const model = {
    id: "counting",
    async generate(...call: Parameters<typeof inner.generate>) {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return inner.generate(...call);
    },
  };
  await optimize(parity, options({ model, concurrency: 5 }));
  expect(most).toBe(5);
});

test("every event is stored before its effect is seen", async () => {
  const store = memoryStore();
  const inner = parityModel();
  let id = "";
  const stored = async (type: string): Promise<boolean> => {
    const log = (await store.logs.read(`run/${id}`)) as unknown as RunEvent[];
    return log.some((event) => event.type === type);
  };
  const model = {
    id: "watching",
    async generate(...call: Parameters<typeof inner.generate>) {
      expect(await stored("issued")).toBe(true);
      return inner.generate(...call);
    },
  };
  const runner = await startRun(options({ store, model }));
  ({ id } = runner);
  await runner.finished;
  expect(await stored("ended")).toBe(true);
});

test("a deterministic run takes the same way whatever the order of completion", async () => {
  const jitter = (label: string): Options["model"] => {
    const rng = seededRng(label);
    const inner = parityModel();
    return {
      id: inner.id,
      async generate(...call) {
        for (let turn = rng.next() * 5; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
        return inner.generate(...call);
      },
    };
  };
  const run = async (label: string): Promise<unknown> => {
    const teleprompter = bootstrapFewShot({ batch: 4, candidates: 4, maxBootstrapped: 2, maxDemos: 4 });
    const { report } = await optimize(
      parity,
      options({ model: jitter(label), deterministic: true, concurrency: 6, teleprompter }),
    );
    return timeless(report);
  };
  expect(await run("one")).toEqual(await run("two"));
});

test("a deterministic run gives the models their seeds: even their chance is the same again", async () => {
  const run = async (concurrency: number): Promise<unknown> => {
    let calls = 0;
    const chancy: Options["model"] = {
      id: "chancy",
      generate: ({ seed = calls++, messages }) =>
        parityModel().generate({ messages, temperature: seededRng(seed).next() }),
    };
    const { report } = await optimize(parity, options({ model: chancy, deterministic: true, concurrency }));
    return timeless(report);
  };
  expect(await run(1)).toEqual(await run(8));
});

test.each([1, 9, 40, 100, 150, 200, 240])(
  "a run put down after %i examples and resumed pays for none of them again and ends the same",
  async (count) => {
    const uninterrupted = await optimize(parity, options({ deterministic: true }));
    const store = memoryStore();
    const model = parityModel();
    const runner = await startRun(options({ store, model, deterministic: true, concurrency: 1 }));
    let seen = 0;
    await until(runner, ({ type }) => type === "example" && ++seen === count);
    await runner[Symbol.asyncDispose]();
    await expect(runner.finished).rejects.toMatchObject({ code: "suspended" });
    const paid = ((await store.logs.read(`run/${runner.id}`)) as unknown as RunEvent[]).filter(
      ({ type }) => type === "example",
    ).length;

    const again = parityModel();
    const resumed = await resumeRun(runner.id, { store, metric: parityMetric, model: again });
    const report = await resumed.finished;
    expect(timeless(report)).toEqual(timeless(uninterrupted.report));
    expect(paid + again.calls.length).toBe(uninterrupted.report.spend.calls);
  },
);

test("a paused run starts nothing, lets what is under way arrive, and goes on when resumed", async () => {
  const gates: (() => void)[] = [];
  const inner = parityModel();
  const model = {
    id: "gated",
    async generate(...call: Parameters<typeof inner.generate>) {
      await new Promise<void>((resolve) => gates.push(resolve));
      return inner.generate(...call);
    },
  };
  const runner = await startRun(options({ model, concurrency: 3 }));
  while (gates.length < 3) await new Promise((resolve) => setImmediate(resolve));
  await runner.pause();
  expect(runner.status().status).toBe("paused");
  let arrived = 0;
  runner.events.subscribe(({ type }) => {
    if (type === "example") arrived++;
  });
  gates.splice(0).forEach((open) => open());
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(arrived).toBe(3);
  expect(gates).toHaveLength(0);

  await runner.resume();
  const pump = setInterval(() => gates.splice(0).forEach((open) => open()), 0);
  const { status } = await runner.finished;
  clearInterval(pump);
  expect(status).toBe("completed");
});

test("a run that is put down waits for what is under way, and pays for nothing twice", async () => {
  const store = memoryStore();
  const gate = Promise.withResolvers<void>();
  const inner = parityModel();
  const model: Options["model"] = {
    id: inner.id,
    async generate(...call) {
      if (inner.calls.length >= 30) await gate.promise;
      return inner.generate(...call);
    },
  };
  const runner = await startRun(options({ store, model, concurrency: 4 }));
  let seen = 0;
  await until(runner, ({ type }) => type === "example" && ++seen === 28);
  const suspended = runner.suspend();
  gate.resolve();
  await suspended;
  const again = parityModel();
  const resumed = await resumeRun(runner.id, { store, metric: parityMetric, model: again });
  const report = await resumed.finished;
  expect(inner.calls.length + again.calls.length).toBe(7 * 24 + 2 * 40);
  expect(report.spend.calls).toBe(7 * 24 + 2 * 40);
});

test("calls that were aborted when a run was put down at once are charged to its budget", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const inner = parityModel();
  const model: Options["model"] = {
    id: inner.id,
    generate: (...call) => (inner.calls.length < 20 ? inner.generate(...call) : new Promise(() => {})),
  };
  const runner = await startRun(options({ store, clock, model, concurrency: 4 }));
  let seen = 0;
  await until(runner, ({ type }) => type === "example" && ++seen === 20);
  for (let turn = 0; turn < 5; turn++) await clock.advance(1);
  await runner.suspend({ graceMs: 0 });
  expect(runner.status().spend.calls).toBe(24);
});

test("a budget in money is refused for a model that tells no price, after one call at the most", async () => {
  const model = parityModel({ usage: { inputTokens: 10, outputTokens: 1 } });
  const run = optimize(parity, options({ model, budget: { usd: 0.01 } }));
  await expect(run).rejects.toThrow(/budget\.usd cannot be kept: model scripted tells no price/);
  expect(model.calls).toHaveLength(1);
});

test("a stopped run reports the best so far and cannot go on", async () => {
  const store = memoryStore();
  const runner = await startRun(options({ store, teleprompter: randomSearch({ candidates: 30 }) }));
  let told = 0;
  runner.events.subscribe(({ type }) => {
    if (type === "told" && ++told === 4) void runner.stop();
  });
  const report = await runner.finished;
  expect(report.status).toBe("stopped");
  expect(report.candidates.length).toBeGreaterThanOrEqual(4);
  expect(report.candidates.length).toBeLessThan(31);
  const { metric, model } = options();
  await expect(resumeRun(runner.id, { store, metric, model })).rejects.toMatchObject({ code: "already_ended" });
});

test("another process pauses, resumes and stops a run through the store", async () => {
  const store = memoryStore();
  const runner = await startRun(options({ store, teleprompter: randomSearch({ candidates: 500 }) }));
  const reached = (type: RunEvent["type"]): Promise<void> => until(runner, (event) => event.type === type);
  for (const [request, event] of [
    ["pause", "paused"],
    ["resume", "resumed"],
    ["stop", "stopping"],
  ] as const) {
    const seen = reached(event);
    await sendRunRequest(store, runner.id, request);
    await seen;
  }
  expect((await runner.finished).status).toBe("stopped");
});

test("a run that a living process drives is not taken over", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const hanging = scriptedModel(() => new Promise<string>(() => {}));
  const runner = await startRun(options({ store, clock, model: hanging }));
  const { metric, model } = options();
  const second = resumeRun(runner.id, { store, clock, metric, model });
  const refused = expect(second).rejects.toMatchObject({ code: "held_elsewhere", retryable: true });
  for (let beat = 0; beat < 10; beat++) await clock.advance(1000);
  await refused;
  await runner.suspend({ graceMs: 0 });
});

test("a run whose process fell silent is taken over, and the old process can write nothing more", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const gate = Promise.withResolvers<string>();
  const slow = scriptedModel((_, { index }) => (index === 0 ? "even" : gate.promise));
  // The old process: its heart stands still, because its clock does.
  const runner = await startRun(options({ store, clock: fakeClock(), model: slow, concurrency: 1 }));
  await until(runner, ({ type }) => type === "example");
  const { metric, model } = options();
  const resuming = resumeRun(runner.id, { store, clock, metric, model });
  await clock.advance(6000);
  const second = await resuming;
  gate.resolve("odd");
  await expect(runner.finished).rejects.toMatchObject({ code: "taken_over" });
  expect((await second.finished).status).toBe("completed");
});

test("when the world is down the run fails, keeps what it has, and goes on from there later", async () => {
  const store = memoryStore();
  const inner = parityModel();
  let down = false;
  const model = scriptedModel(async (request, { index }) => {
    down = index >= 60;
    if (down) return new ModelError("unavailable", "no connection");
    return (await inner.generate(request)).text;
  });
  const runner = await startRun(options({ store, model, concurrency: 1, deterministic: true }));
  await expect(runner.finished).rejects.toThrow(/of 24 examples of random_search, trial-2 failed .*no connection/);
  await expect(runner.finished).rejects.toBeInstanceOf(RunError);

  const again = parityModel();
  const resumed = await resumeRun(runner.id, { store, metric: parityMetric, model: again });
  expect((await resumed.finished).status).toBe("completed");
  expect(60 + again.calls.length).toBe(7 * 24 + 2 * 40);
});

test("a metric that throws on one example costs that example, not the run", async () => {
  const metric: Options["metric"] = (outputs, example) => {
    if (example.inputs.n === 103) throw new Error("no opinion");
    return parityMetric(outputs, example);
  };
  const { report } = await optimize(parity, options({ metric }));
  expect(report.status).toBe("completed");
  expect(report.candidates[0]?.examples).toBe(24);
  expect(report.candidates[0]?.score).toBeCloseTo(23 / 24);
});

test("the budget's time is a hard limit: what is under way is aborted, and the run ends", async () => {
  const clock = fakeClock();
  const inner = parityModel();
  const model = {
    id: "slow",
    async generate(...call: Parameters<typeof inner.generate>) {
      await clock.sleep(100, call[1]);
      return inner.generate(...call);
    },
  };
  const runner = await startRun(
    options({ clock, store: memoryStore({ clock }), model, budget: { ms: 1050 }, concurrency: 4, test: [] }),
  );
  for (let tick = 0; tick < 40; tick++) await clock.advance(50);
  const report = await runner.finished;
  expect(report.reason).toBe("the budget's ms are used up");
  expect(report.spend.ms).toBe(1050);
  expect(inner.calls).toHaveLength(40);
});

test("the final comparison is kept in reserve when the budget ends the search", async () => {
  const { report } = await optimize(parity, options({ budget: { calls: 200 }, concurrency: 4 }));
  expect(report.reason).toBe("the budget's calls do not cover a further candidate");
  expect(report.heldOut?.examples).toBe(40);
  expect(report.spend.calls).toBeLessThanOrEqual(200);
});

test("a completion is performed with the prompt model and told", async () => {
  const heard: unknown[] = [];
  const proposer = program({ name: "propose", signature: signature("hint -> idea") });
  const asks: Teleprompter<number> = {
    ...(randomSearch() as unknown as Teleprompter<number>),
    start: () => 0,
    ask: (state) =>
      state === 0 ? [{ kind: "complete", id: "c", purpose: "an idea", program: proposer, inputs: { hint: "x" } }] : [],
    tell: (state, told) => {
      if (told.type === "completed") heard.push(told.result);
      return state + 1;
    },
    finished: (state) => (state === 2 ? "heard it" : undefined),
    incumbent: () => undefined,
  };
  const promptModel = scriptedModel(["[[ ## idea ## ]]\nthink"]);
  const { report } = await optimize(parity, options({ teleprompter: asks, promptModel, test: [] }));
  expect(report.reason).toBe("heard it");
  expect(heard).toMatchObject([{ ok: true, outputs: { idea: "think" } }]);
});

test("an error of the teleprompter's or the caller's ends the run with that error, and the run can be looked at", async () => {
  const store = memoryStore();
  const faulty: Teleprompter = {
    ...randomSearch(),
    ask: () => {
      throw new Error("a bug in ask");
    },
  };
  await expect(optimize(parity, options({ store, teleprompter: faulty }))).rejects.toThrow("a bug in ask");
  const [record] = await listRuns(store);
  expect(record).toMatchObject({ teleprompter: { name: "random_search" }, progress: { candidates: 0 } });
});
