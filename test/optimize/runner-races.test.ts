import { expect, test } from "vitest";
import { nextTurn, seededRng } from "#foundation";
import type { Json, Store } from "#foundation";
import { bootstrapFewShot, listRuns, optimize, randomSearch, readRecord, resumeRun, startRun } from "#optimize";
import type { EvaluateWork, Report, RunEvent, StartOptions, Teleprompter } from "#optimize";
import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

type Options = StartOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

function options(changes: Partial<Options> = {}): Options {
  return {
    store: memoryStore(),
    program: parity,
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 4 }),
    model: parityModel(),
    metric: parityMetric,
    train,
    validation: validation.slice(0, 12),
    test: heldOut.slice(0, 12),
    seed: 7,
    concurrency: 4,
    ...changes,
  };
}

function modelWith(answer: (model: LanguageModel, call: number) => LanguageModel["generate"]): LanguageModel {
  const inner = parityModel();
  let calls = 0;
  return { id: "altered", generate: async (...call) => answer(inner, calls++)(...call) };
}

/** A model whose answers come in any order, one in twenty very late, and are unusable for some seeds. */
function unrulyModel(label: string): LanguageModel {
  const rng = seededRng(label);
  return modelWith((inner) => async (request) => {
    for (let turns = rng.next() < 0.05 ? 60 : rng.next() * 4; turns > 0; turns--) await nextTurn();
    const isFirst = request.messages.at(-1)?.content.startsWith("Your answer") !== true;
    const reply = await inner.generate(isFirst ? request : { ...request, messages: request.messages.slice(0, -2) });
    return isFirst && (request.seed ?? 0) % 17 === 0 ? { ...reply, text: "[[ ## parity ## ]]\nmaybe" } : reply;
  });
}

function timeless(report: Report): unknown {
  return { ...report, spend: { ...report.spend, ms: 0 } };
}

async function eventsOf(store: Store, id: string): Promise<RunEvent[]> {
  return (await store.logs.read(`run/${id}`)) as unknown as RunEvent[];
}

test.each<[string, Partial<Options>]>([
  ["random search", {}],
  ["bootstrap", { teleprompter: bootstrapFewShot({ batch: 4, candidates: 3, maxBootstrapped: 2, maxDemos: 4 }) }],
])("a deterministic run (%s) that is cut anywhere ends the same and runs no example twice", async (_, changes) => {
  const store = memoryStore();
  const first = await startRun(options({ store, model: unrulyModel("first"), deterministic: true, ...changes }));
  const whole = await first.finished;
  const events = await eventsOf(store, first.id);
  const { report: _report, ...record } = await readRecord(store, first.id);
  for (let length = 1; length <= events.length; length += 4) {
    const cut = memoryStore();
    for (const id of Object.values(record.data))
      await cut.documents.put("examples", id, (await store.documents.get("examples", id))?.body as Json);
    await cut.documents.put("run", first.id, record as unknown as Json);
    await cut.logs.append(`run/${first.id}`, events.slice(0, length) as unknown as Json[]);
    const code = { store: cut, metric: parityMetric, model: unrulyModel(`cut ${length}`) };
    const resumed = await resumeRun(first.id, code);
    const report = await resumed.finished;
    expect({ ...report, spend: 0 }).toEqual({ ...whole, spend: 0 });
    // A log that ends without a word is that of a process that died: four calls may have been under way.
    expect(report.spend.calls).toBeGreaterThanOrEqual(whole.spend.calls);
    expect(report.spend.calls).toBeLessThanOrEqual(whole.spend.calls + 4 * 2);
    const paid = (await eventsOf(cut, first.id)).flatMap((event) =>
      event.type === "example" ? [`${event.work}/${event.result.index}`] : [],
    );
    expect(new Set(paid).size).toBe(paid.length);
  }
});

test("one late answer does not turn a deterministic run another way", async () => {
  const run = async (late: number): Promise<unknown> => {
    const model = modelWith((inner, call) => async (request) => {
      for (let turn = call === late ? 300 : 0; turn > 0; turn--) await nextTurn();
      return inner.generate(request);
    });
    const { report } = await optimize(parity, options({ model, deterministic: true, concurrency: 8 }));
    return timeless(report);
  };
  expect(await run(3)).toEqual(await run(-1));
});

test("a pause does not count as time", async () => {
  const clock = fakeClock();
  const model = modelWith(() => () => new Promise(() => {}));
  const runner = await startRun(options({ clock, store: memoryStore({ clock }), model, budget: { ms: 100_000 } }));
  await clock.advance(10);
  await runner.pause();
  await clock.advance(5000);
  await runner.resume();
  await clock.advance(20);
  await runner.pause();
  expect(runner.status().spend.ms).toBe(30);
  await runner.suspend({ graceMs: 0 });
});

test("a pause that comes together with a stop does not undo it", async () => {
  const model = modelWith((inner) => async (request) => {
    await nextTurn();
    return inner.generate(request);
  });
  const runner = await startRun(options({ model }));
  await nextTurn();
  await Promise.all([runner.stop(), runner.pause()]);
  expect((await runner.finished).status).toBe("stopped");
});

test("a pause that comes together with the end changes neither the end nor the report", async () => {
  const inner = memoryStore();
  let pause: () => Promise<void> = async () => {};
  const append: Store["logs"]["append"] = (log, entries, ...rest) => {
    if ((entries as unknown as RunEvent[]).some(({ type }) => type === "ended")) void pause();
    return inner.logs.append(log, entries, ...rest);
  };
  const store: Store = { ...inner, logs: { ...inner.logs, append } };
  const runner = await startRun(options({ store }));
  pause = () => runner.pause();
  expect((await runner.finished).status).toBe("completed");
  await nextTurn();
  const record = await readRecord(store, runner.id);
  expect(record).toMatchObject({ progress: { status: "completed" }, report: { status: "completed" } });
});

test("a failed run that was resumed and put down can be resumed again", async () => {
  const store = memoryStore();
  const failing = modelWith((inner, call) => (request) => {
    if (call > 30) throw new ModelError("unavailable", "no connection");
    return inner.generate(request);
  });
  const { id, finished } = await startRun(options({ store, model: failing, concurrency: 1 }));
  await expect(finished).rejects.toMatchObject({ code: "infrastructure" });
  const second = await resumeRun(id, { store, metric: parityMetric, model: parityModel() });
  await new Promise<void>((resolve) => {
    second.events.subscribe(({ type }) => {
      if (type === "told") resolve();
    });
  });
  await second[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  expect((await readRecord(store, id)).report).toBeUndefined();
  const third = await resumeRun(id, { store, metric: parityMetric, model: parityModel() });
  expect((await third.finished).status).toBe("completed");
});

test("an abort while the run is being started puts it down", async () => {
  const ending = new AbortController();
  const run = optimize(parity, { ...options(), signal: ending.signal });
  ending.abort(new Error("put down"));
  await expect(run).rejects.toThrow("put down");
});

test.each<[string, (work: EvaluateWork) => EvaluateWork, RegExp]>([
  ["an example twice", (work) => ({ ...work, examples: [0, 0] }), /baseline: an example stands there twice/],
  ["an example that does not exist", (work) => ({ ...work, examples: [12] }), /from 0 to 11 in validation, got 12/],
  ["test examples", (work) => ({ ...work, split: "test" }), /examples of train or validation, got test/],
  ["one id twice", (work) => ({ ...work, id: "same" }), /work same: expected an id of its own/],
])("a teleprompter that asks for %s is named, and the run does not hang", async (_, alter, message) => {
  const search = randomSearch({ candidates: 4 }) as Teleprompter;
  const faulty: Teleprompter = {
    ...search,
    ask: (...args) => search.ask(...args).map((work) => (work.kind === "evaluate" ? alter(work) : work)),
  };
  await expect(optimize(parity, options({ teleprompter: faulty }))).rejects.toThrow(message);
});

test("calls that failed and were tried again are spent like every other", async () => {
  let made = 0;
  const model = modelWith((inner, call) => (request) => {
    made++;
    if (call % 5 === 0) throw new ModelError("rate_limited", "slower", { retryable: true });
    return inner.generate(request);
  });
  const impatient = { now: () => 0, sleep: nextTurn };
  const { report } = await optimize(parity, options({ model, clock: impatient }));
  expect(report.spend.calls).toBe(made);
});

test("what no JSON can hold costs the example, not the run", async () => {
  const metric = (() => ({ score: 1, objectives: { size: 10n } })) as unknown as Options["metric"];
  const { report } = await optimize(parity, options({ metric }));
  expect(report).toMatchObject({ status: "completed", candidates: [{ score: 0 }, {}, {}, {}, {}] });
});

test("an expected output that no JSON can hold is refused before anything is stored", async () => {
  const strange = [{ inputs: { n: 1 }, expected: { parity: /odd/ } }] as unknown as Options["train"];
  const store = memoryStore();
  await expect(startRun(options({ store, train: strange }))).rejects.toThrow(
    /train\[0\]: expected plain JSON, but expected.parity is a RegExp/,
  );
  expect(await store.position()).toBe(0);
});

test("more runs than one page of the store holds are all listed", async () => {
  const store = memoryStore();
  await optimize(parity, options({ store }));
  const [record] = await listRuns(store);
  for (let copy = 0; copy < 1001; copy++)
    await store.documents.put("run", `run_${copy}`, { ...record, id: `run_${copy}` } as unknown as Json);
  expect(await listRuns(store)).toHaveLength(1002);
});
