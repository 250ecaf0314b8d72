import { expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { optimize, readEvents, resumeRun, startRun } from "#optimize";
import type { CompleteWork, Teleprompter, Work } from "#optimize";
import { ModelError, program, signature } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { listedSearch } from "./listed-search.ts";
import { options } from "./parity-run.ts";
import { numberIn, parity, parityMetric, parityModel } from "./parity.ts";

const cold = { "predict.temperature": 0 };

/** Refuses the numbers that are down. */
function failingOn(isDown: (n: number, call: number) => boolean): LanguageModel {
  const inner = parityModel();
  let calls = 0;
  return {
    id: "failing",
    generate: async (request, call) => {
      if (isDown(numberIn(request), calls++)) throw new ModelError("unavailable", "no connection");
      return inner.generate(request, call);
    },
  };
}

const smallBlocks = Array.from({ length: 6 }, (_, at) => [{ configuration: cold, examples: [2 * at, 2 * at + 1] }]);

test("one hiccup in a block of two does not end a run, and counts in no score", async () => {
  const model = failingOn((n) => n === 103);
  const { report } = await optimize(parity, options({ model, teleprompter: listedSearch(smallBlocks), test: [] }));
  expect(report).toMatchObject({ status: "completed", candidates: [{ examples: 11 }] });
});

test("a block of two that failed as a whole does not end a run, the next one does", async () => {
  const whole = failingOn((n) => n === 102 || n === 103);
  const { report } = await optimize(
    parity,
    options({ model: whole, teleprompter: listedSearch(smallBlocks), test: [] }),
  );
  expect(report).toMatchObject({ status: "completed", candidates: [{ examples: 10 }] });
  const store = memoryStore();
  const down = failingOn((n) => n >= 102);
  const runner = await startRun(options({ store, model: down, teleprompter: listedSearch(smallBlocks), test: [] }));
  await expect(runner.finished).rejects.toMatchObject({
    code: "infrastructure",
    message: expect.stringMatching(
      /2 of 2 examples of wave 2, item 0 failed for reasons outside the program: .*no connection/,
    ),
  });
  const resumed = await resumeRun(runner.id, {
    store,
    metric: parityMetric,
    model: parityModel(),
    teleprompters: { listed: () => listedSearch(smallBlocks) },
  });
  expect(await resumed.finished).toMatchObject({ status: "completed", candidates: [{ examples: 10 }] });
});

test("more than a fifth of a larger block ends it at once, a fifth does not", async () => {
  const once = [[{ configuration: cold, examples: Array.from({ length: 15 }, (_, index) => index) }]];
  const failing = (count: number): Promise<unknown> =>
    optimize(parity, options({ model: failingOn((n) => n < 100 + count), teleprompter: listedSearch(once), test: [] }));
  expect(await failing(3)).toMatchObject({ report: { status: "completed", candidates: [{ examples: 12 }] } });
  await expect(failing(4)).rejects.toThrow(/4 of 15 examples/);
});

test("once a run is to end nothing more is started, and what is under way counts", async () => {
  const inner = parityModel();
  let made = 0;
  const model: LanguageModel = {
    id: "partly down",
    generate: async (request, call) => {
      made++;
      if (request.temperature === 0) throw new ModelError("unavailable", "no connection");
      for (let turn = 0; turn < 30; turn++) await nextTurn();
      return inner.generate(request, call);
    },
  };
  const hot = { "predict.temperature": 1 };
  const all = Array.from({ length: 24 }, (_, index) => index);
  const store = memoryStore();
  const teleprompter = listedSearch([
    [
      { configuration: cold, examples: [0, 1, 2] },
      { configuration: hot, examples: all },
    ],
  ]);
  const runner = await startRun(options({ store, model, teleprompter, test: [], concurrency: 4 }));
  await expect(runner.finished).rejects.toMatchObject({ code: "infrastructure" });
  expect(made).toBeLessThan(3 + 2 * 4);
  expect(runner.status().spend.calls).toBe(made);
});

test("faults that pass are tried again, and nobody hears of them", async () => {
  const store = memoryStore();
  const inner = parityModel();
  let calls = 0;
  const model: LanguageModel = {
    id: "busy",
    generate: async (request, call) => {
      if (calls++ % 3 !== 2) throw new ModelError("rate_limited", "later", { retryable: true });
      return inner.generate(request, call);
    },
  };
  const clock = { now: () => 0, sleep: nextTurn };
  const { run, report } = await optimize(
    parity,
    options({ store, model, clock, concurrency: 1, teleprompter: listedSearch(smallBlocks), test: [] }),
  );
  expect(report).toMatchObject({ status: "completed", candidates: [{ examples: 12 }], spend: { calls: 36 } });
  expect(JSON.stringify(await readEvents(store, run))).not.toContain("later");
});

test("three calls for texts in a row that the world failed at end a run; what the run proposes next is tried again", async () => {
  const asked: CompleteWork[] = Array.from({ length: 5 }, (_, at) => ({
    kind: "complete",
    id: `text-${at}`,
    purpose: `text ${at}`,
    program: program({ name: "writer", signature: signature("topic -> text") }),
    inputs: { topic: `number ${at}` },
  }));
  const search = listedSearch([[{ configuration: cold }]]);
  type State = { readonly texts: number };
  const writing: Teleprompter = {
    ...search,
    start: (task) => ({ ...(search.start(task) as object), texts: 0 }),
    ask: (state, rng, capacity): readonly Work[] => {
      const listed = search.ask(state, rng, capacity);
      const { texts } = state as State;
      return listed.length > 0 ? listed : asked.slice(texts, texts + 1);
    },
    tell: (state, told) => {
      const { texts } = state as State;
      const heard = search.tell(state, told) as object;
      return {
        ...heard,
        texts: told.type === "issued" ? texts + told.work.filter(({ kind }) => kind === "complete").length : texts,
      };
    },
    finished: () => undefined,
  };
  const promptModel: LanguageModel = {
    id: "down",
    generate: () => Promise.reject(new ModelError("unavailable", "no connection")),
  };
  const store = memoryStore();
  const runner = await startRun(options({ store, promptModel, teleprompter: writing, test: [], concurrency: 1 }));
  await expect(runner.finished).rejects.toThrow(/text 2 failed for reasons outside the program: .*no connection/);
});
