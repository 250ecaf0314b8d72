import { expect, test } from "vitest";
import { nextTurn, seededRng } from "#foundation";
import type { Json } from "#foundation";
import { optimize, readEvents, readRecord, resumeRun, runReport, startRun } from "#optimize";
import type { RunEvent } from "#optimize";
import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { listedSearch } from "./listed-search.ts";
import type { Heard, Listed } from "./listed-search.ts";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";
import { parity, parityMetric, parityModel } from "./parity.ts";

const cold = { "predict.temperature": 0 };
const hot = { "predict.temperature": 1 };

/** A run of listed measurements with all that it left behind. */
async function measure(waves: readonly (readonly Listed[])[], changes: Partial<Options> = {}) {
  const store = memoryStore();
  const model = parityModel({ usage: { inputTokens: 10, outputTokens: 2, usd: 0 } });
  const heard: Heard = { results: {} };
  const teleprompter = listedSearch(waves, { heard });
  const { run, report } = await optimize(parity, options({ store, model, teleprompter, test: [], ...changes }));
  return { store, run, report, model, heard, events: await readEvents(store, run) };
}

test("what was measured before is answered from the log: no call, no evaluation, the same scores", async () => {
  const { report, model, heard } = await measure([[{ configuration: cold }], [{ configuration: { ...cold } }]]);
  expect(model.calls).toHaveLength(8);
  expect(report.spend).toMatchObject({ calls: 8, tokens: 96, evaluations: 1 });
  const [first = [], again = []] = [heard.results["0-0"], heard.results["1-0"]];
  expect(again).toEqual(first.map((result) => ({ ...result, reused: true })));
  expect(report.candidates).toMatchObject([{ examples: 8, usage: { calls: 8 } }]);
});

test("only the examples that are missing are run", async () => {
  const { report, model, events } = await measure([
    [{ configuration: cold, examples: [5, 1, 3] }],
    [{ configuration: cold, examples: [0, 1, 2, 3, 4, 5] }],
  ]);
  expect(model.calls).toHaveLength(6);
  expect(report.spend).toMatchObject({ calls: 6, evaluations: 2 });
  expect(report.candidates).toMatchObject([{ examples: 6, usage: { calls: 6 } }]);
  const reused = events.filter(({ type }) => type === "reused");
  expect(reused).toMatchObject([{ work: "1-0", examples: [1, 3, 5] }]);
});

test("another rollout, another split and another configuration are other measurements", async () => {
  const { model, report } = await measure([
    [{ configuration: cold }],
    [{ configuration: cold, rollout: 1 }],
    [{ configuration: cold, split: "train" }],
    [{ configuration: hot }],
  ]);
  expect(model.calls).toHaveLength(32);
  expect(report.spend.evaluations).toBe(4);
  // So that no cache on the way to the model takes it for the first.
  expect(model.calls.map(({ rollout = 0 }) => rollout)).toEqual(
    Array.from({ length: 32 }, (_, at) => Number(at >= 8 && at < 16)),
  );
});

test("a deterministic run gives each rollout chance of its own", async () => {
  const { model } = await measure([[{ configuration: cold }, { configuration: cold, rollout: 1 }]], {
    deterministic: true,
  });
  expect(new Set(model.calls.map(({ seed }) => seed)).size).toBe(16);
});

test("two items that measure the same at once pay once", async () => {
  const { report, model, heard } = await measure([[{ configuration: cold }, { configuration: cold }]]);
  expect(model.calls).toHaveLength(8);
  expect(report.spend).toMatchObject({ calls: 8, evaluations: 1 });
  expect(heard.results["0-1"]?.every(({ reused }) => reused === true)).toBe(true);
});

test("a trace that was not kept is run for, one that was is used again, and left out where nobody wants it", async () => {
  const { model, heard } = await measure([
    [{ configuration: cold }],
    [{ configuration: cold, trace: true }],
    [{ configuration: cold, trace: true }],
    [{ configuration: cold }],
  ]);
  expect(model.calls).toHaveLength(16);
  const traced = (id: string): boolean[] => (heard.results[id] ?? []).map((result) => "trace" in result);
  expect(["0-0", "1-0", "2-0", "3-0"].map((id) => traced(id)[0])).toEqual([false, true, true, false]);
});

test("what the program failed at is not run again, what the world failed at is", async () => {
  const inner = parityModel();
  const asked = new Map<number, number>();
  const numberOf = (text: string): number => Number(/\d+/.exec(text)?.[0]);
  const model: LanguageModel = {
    id: "partly down",
    generate: async (request, call) => {
      const n = numberOf(request.messages.at(-1)?.content ?? "");
      asked.set(n, (asked.get(n) ?? 0) + 1);
      if (n === 101 && asked.get(n) === 1) throw new ModelError("unavailable", "not now");
      if (n === 102) throw new ModelError("invalid_request", "no such prompt");
      return inner.generate(request, call);
    },
  };
  const heard: Heard = { results: {} };
  const waves = [[{ configuration: cold }], [{ configuration: cold }]];
  const { report } = await optimize(parity, options({ model, teleprompter: listedSearch(waves, { heard }), test: [] }));
  expect([asked.get(100), asked.get(101), asked.get(102)]).toEqual([1, 2, 1]);
  const kinds = (id: string): unknown[] => (heard.results[id] ?? []).slice(1, 3).map((each) => each.ok || each.failure);
  expect(kinds("0-0")).toEqual(["infrastructure", "candidate"]);
  expect(kinds("1-0")).toEqual([true, "candidate"]);
  expect(report.failures).toMatchObject([{ count: 1 }]);
});

test("a score that was used again is in no mean twice, in the report and in what the log tells", async () => {
  let turn = 0;
  const metric: typeof parityMetric = (outputs, example) =>
    example.inputs.n === 100 ? ([0, 1][turn++ % 2] ?? 0) : parityMetric(outputs, example);
  const { store, run, report } = await measure(
    [
      [{ configuration: cold, examples: [0, 1] }],
      [{ configuration: cold, examples: [0, 1] }],
      [{ configuration: cold, examples: [0, 1], rollout: 1 }],
    ],
    { metric },
  );
  expect(report.candidates).toMatchObject([{ score: 0.75, examples: 2, usage: { calls: 4 } }]);
  const told = runReport(await readRecord(store, run), await readEvents(store, run));
  expect(told.candidates).toMatchObject([{ score: 0.75, examples: 2, usage: { calls: 4 } }]);
  expect(told.curve.map(({ spend: { calls, evaluations } }) => [calls, evaluations])).toEqual([
    [2, 1],
    [2, 1],
    [4, 2],
  ]);
});

test("work that needs no run is issued and told when the budget's evaluations are used up", async () => {
  const waves = [[{ configuration: cold }], [{ configuration: cold }], [{ configuration: hot }]];
  const { report, heard } = await measure(waves, { budget: { evaluations: 1 } });
  expect(Object.keys(heard.results)).toEqual(["0-0", "1-0"]);
  expect(report.spend).toMatchObject({ evaluations: 1, calls: 8 });
});

test("a search that asks for nothing but what is known ends", async () => {
  const endless = listedSearch([Array.from({ length: 1000 }, () => ({ configuration: cold }))]);
  const { report } = await optimize(parity, options({ teleprompter: endless, test: [] }));
  expect(report).toMatchObject({
    reason: "the last 100 candidates had all been measured before",
    spend: { evaluations: 1 },
  });
});

/** A model whose answers come in any order. */
function scrambled(label: string): LanguageModel {
  const rng = seededRng(label);
  const inner = parityModel();
  return {
    id: "scrambled",
    generate: async (...call) => {
      for (let turns = rng.next() * 8; turns > 0; turns--) await nextTurn();
      return inner.generate(...call);
    },
  };
}

const overlapping: readonly (readonly Listed[])[] = [
  [{ configuration: cold, examples: [0, 1, 2] }, { configuration: cold, examples: [1, 2, 3] }, { configuration: hot }],
  [{ configuration: hot, examples: [7, 2] }, { configuration: cold }, { configuration: hot, rollout: 1 }],
];

test("a run with measurements in common ends the same wherever it is cut, and pays for no example twice", async () => {
  const search = (): Options["teleprompter"] => listedSearch(overlapping);
  const store = memoryStore();
  const base = { deterministic: true, concurrency: 3, test: [] };
  const first = await startRun(options({ store, model: scrambled("first"), teleprompter: search(), ...base }));
  const whole = await first.finished;
  const events = await readEvents(store, first.id);
  const { report: _, ...record } = await readRecord(store, first.id);
  const again = await startRun(options({ model: scrambled("again"), teleprompter: search(), ...base }));
  expect({ ...(await again.finished), spend: 0 }).toEqual({ ...whole, spend: 0 });
  for (let length = 1; length < events.length; length++) {
    const cut = memoryStore();
    for (const id of Object.values(record.data))
      await cut.documents.put("examples", id, (await store.documents.get("examples", id))?.body as Json);
    await cut.documents.put("run", first.id, record as unknown as Json);
    await cut.logs.append(`run/${first.id}`, events.slice(0, length) as unknown as Json[]);
    const code = { store: cut, metric: parityMetric, model: scrambled(`cut ${length}`) };
    const resumed = await resumeRun(first.id, { ...code, teleprompters: { listed: () => listedSearch(overlapping) } });
    expect({ ...(await resumed.finished), spend: 0 }).toEqual({ ...whole, spend: 0 });
    const paid = (await readEvents(cut, first.id)).flatMap((event: RunEvent) =>
      event.type === "example" ? [`${event.work}/${event.result.index}`] : [],
    );
    expect(paid.length).toBe(4 + 8 + 4 + 8);
    expect(new Set(paid).size).toBe(paid.length);
  }
});
