import { expect, test } from "vitest";
import { nextTurn, seededRng } from "#foundation";
import type { Json } from "#foundation";
import { optimize, readEvents, readRecord, resumeRun, runReport, startRun } from "#optimize";
import type { Race } from "#optimize";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { listedSearch } from "./listed-search.ts";
import type { Heard, Listed } from "./listed-search.ts";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";
import { numberIn, parity, parityExamples, parityMetric, parityModel } from "./parity.ts";

const validation = parityExamples(100, 40);
/** Right on three of four. */
const fair = { "predict.temperature": 0 };
/** The same under another name. */
const equal = { "predict.temperature": 0.1 };

/** Wrong on all when it is asked at a temperature of 0.2. */
function partial(model: LanguageModel): LanguageModel {
  return {
    id: "partial",
    generate: async (request, call) => {
      const reply = await model.generate(request, call);
      const wrong = numberIn(request) % 2 === 0 ? "odd" : "even";
      return request.temperature === 0.2 ? { ...reply, text: `[[ ## parity ## ]]\n${wrong}` } : reply;
    },
  };
}
const bad = { "predict.temperature": 0.2 };

const shuffled = Array.from({ length: 40 }, (_, index) => (index * 17) % 40);

async function raced(waves: readonly (readonly Listed[])[], changes: Partial<Options> = {}) {
  const store = memoryStore();
  const heard: Heard = { results: {} };
  const teleprompter = listedSearch(waves, { examples: 40, heard });
  const model = parityModel();
  const base = { validation, test: [], store, teleprompter, model: partial(model) };
  const { run, report } = await optimize(parity, options({ ...base, ...changes }));
  return { store, run, report, heard, calls: model.calls.length, events: await readEvents(store, run) };
}

function against(configuration: Listed["configuration"], race: Partial<Race> = {}): Partial<Listed> {
  return { examples: shuffled, race: { against: configuration, ...race } };
}

test("a candidate that loses is stopped at the first look: the rest of its examples is never run", async () => {
  const { calls, heard, events, report, store, run } = await raced([
    [{ configuration: fair }],
    [{ configuration: bad, ...against(fair, { minimum: 12 }) }],
  ]);
  expect(calls).toBe(40 + 12);
  const told = heard.results["1-0"]?.map(({ index }) => index);
  expect(told).toEqual(shuffled.slice(0, 12).toSorted((a, b) => a - b));
  expect(events.filter(({ type }) => type === "looked")).toMatchObject([
    { work: "1-0", examples: 12, verdict: "stop" },
  ]);
  expect(report.candidates).toMatchObject([{ examples: 40 }, { examples: 12 }]);
  const { candidates } = runReport(await readRecord(store, run), events);
  expect(candidates.map(({ givenUpAfter }) => givenUpAfter)).toEqual([undefined, 12]);
});

test("a candidate that holds level runs all its examples, with a look before each block", async () => {
  const { calls, heard, events } = await raced([
    [{ configuration: fair }],
    [{ configuration: equal, ...against(fair, { minimum: 10, block: 20 }) }],
  ]);
  expect(calls).toBe(80);
  expect(heard.results["1-0"]).toHaveLength(40);
  const looks = events.flatMap((event) => (event.type === "looked" ? [[event.examples, event.verdict]] : []));
  expect(looks).toEqual([
    [10, "go_on"],
    [30, "go_on"],
  ]);
});

test("nobody is stopped on examples that the opponent was not measured on", async () => {
  const { heard } = await raced([
    [{ configuration: fair, examples: shuffled.slice(20) }],
    [{ configuration: bad, ...against(fair, { minimum: 10, block: 10 }) }],
  ]);
  // The first 20 are no comparison; of the next ten there are ten pairs.
  expect(heard.results["1-0"]).toHaveLength(30);
});

test("what was measured before the race counts in it, and costs nothing", async () => {
  const { calls, heard } = await raced([
    [{ configuration: fair }],
    [{ configuration: bad, examples: shuffled.slice(0, 12) }],
    [{ configuration: bad, ...against(fair, { minimum: 12 }) }],
  ]);
  expect(calls).toBe(40 + 12);
  expect(heard.results["2-0"]?.filter(({ reused }) => reused === true)).toHaveLength(12);
});

test("the level decides: a stricter one lets a little bad luck pass", async () => {
  const run = (level: number): ReturnType<typeof raced> => {
    const one = against(fair, { minimum: 4, block: 36, level });
    return raced([[{ configuration: fair }], [{ configuration: bad, ...one }]]);
  };
  expect((await run(0.3)).heard.results["1-0"]).toHaveLength(4);
  expect((await run(0.001)).heard.results["1-0"]).toHaveLength(40);
});

function scrambled(label: string): LanguageModel {
  const rng = seededRng(label);
  const inner = partial(parityModel());
  return {
    id: "scrambled",
    generate: async (...call) => {
      for (let turns = rng.next() * 8; turns > 0; turns--) await nextTurn();
      return inner.generate(...call);
    },
  };
}

/** The opponent is out at the same time, and one candidate is measured by two items. */
const race = { minimum: 8, block: 8 };
const waves = [
  [
    { configuration: fair },
    { configuration: bad, ...against(fair, race) },
    { configuration: equal, ...against(fair, race) },
  ],
  [
    { configuration: bad, ...against(equal, race), rollout: 1 },
    { configuration: bad, ...against(fair, { minimum: 20 }) },
  ],
];

test("a deterministic run with races ends the same in any order of completion, wherever it is cut", async () => {
  const search = (): Options["teleprompter"] => listedSearch(waves, { examples: 40 });
  const store = memoryStore();
  const base = { deterministic: true, concurrency: 5, test: [], validation };
  const first = await startRun(options({ store, model: scrambled("first"), teleprompter: search(), ...base }));
  const whole = await first.finished;
  expect(whole.spend.calls).toBe(40 + 8 + 40 + 8 + 12);
  for (const label of ["a", "b", "c"]) {
    const { report } = await optimize(parity, options({ model: scrambled(label), teleprompter: search(), ...base }));
    expect({ ...report, spend: { ...report.spend, ms: 0 } }).toEqual({ ...whole, spend: { ...whole.spend, ms: 0 } });
  }
  const events = await readEvents(store, first.id);
  const { report: _, ...record } = await readRecord(store, first.id);
  for (let length = 1; length < events.length; length += 3) {
    const cut = memoryStore();
    for (const id of Object.values(record.data))
      await cut.documents.put("examples", id, (await store.documents.get("examples", id))?.body as Json);
    await cut.documents.put("run", first.id, record as unknown as Json);
    await cut.logs.append(`run/${first.id}`, events.slice(0, length) as unknown as Json[]);
    const code = { store: cut, metric: parityMetric, model: scrambled(`cut ${length}`) };
    const resumed = await resumeRun(first.id, { ...code, teleprompters: { listed: search as never } });
    expect({ ...(await resumed.finished), spend: 0 }).toEqual({ ...whole, spend: 0 });
    const paid = (await readEvents(cut, first.id)).filter(({ type }) => type === "example");
    expect(paid).toHaveLength(108);
  }
});

test("a deterministic race waits for an opponent that is still out", async () => {
  const late = partial(parityModel());
  let calls = 0;
  const model: LanguageModel = {
    id: "late",
    generate: async (...call) => {
      for (let turn = calls++ === 3 ? 400 : 0; turn > 0; turn--) await nextTurn();
      return late.generate(...call);
    },
  };
  const { heard } = await raced(waves.slice(0, 1), { model, deterministic: true, concurrency: 4 });
  expect(heard.results["0-1"]).toHaveLength(8);
});

test.each<[string, Partial<Listed>, RegExp]>([
  ["a rollout below 0", { rollout: -1 }, /work 0-0: expected a rollout that is a whole number of at least 0, got -1/],
  ["half a rollout", { rollout: 0.5 }, /work 0-0: expected a rollout/],
  ["no block", { race: { against: fair, block: 0 } }, /work 0-0, race.block: expected a whole number of at least 1/],
  ["no minimum", { race: { against: fair, minimum: 0 } }, /race.minimum: expected a whole number of at least 1/],
  ["a level of 1", { race: { against: fair, level: 1 } }, /race.level: expected a share between 0 and 1, got 1/],
  ["a stranger", { race: { against: { "predict.temperature": 7 } } }, /race.against: outside the space/],
])("a teleprompter that asks for %s is named", async (_, changes, message) => {
  await expect(raced([[{ configuration: bad, ...changes }]])).rejects.toThrow(message);
});
