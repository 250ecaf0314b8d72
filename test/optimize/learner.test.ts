import { expect, test } from "vitest";
import type { Json, Store } from "#foundation";
import {
  experienced,
  lessons,
  listRuns,
  optimize,
  randomSearch,
  readEvents,
  readRecord,
  recall,
  resumeRun,
  RunError,
  startRun,
  teleprompterNamed,
} from "#optimize";
import type { Experience, Lesson, Report, RunEvent, Task } from "#optimize";
import { memoryStore } from "#storage/memory";
import { teleprompterContract } from "#testing";
import { choice, demos, float, space, text } from "#variables";
import type { Configuration } from "#variables";
import { parity, parityExamples, paritySpace, train, validation } from "./parity.ts";
import { options, until } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";
import { playSearch } from "./scripted-search.ts";

/** A store in which one run has found what makes the model right on every number. */
async function experiencedStore(): Promise<Store> {
  const store = memoryStore();
  await startedAndEnded({ store, teleprompter: randomSearch({ candidates: 12 }) });
  return store;
}

async function startedAndEnded(changes: Partial<Options>): Promise<{ readonly run: string; readonly report: Report }> {
  await using runner = await startRun(options(changes));
  return { run: runner.id, report: await runner.finished };
}

/** The same task with other examples and another chance. */
const again: Partial<Options> = {
  train: parityExamples(300, 20),
  validation: parityExamples(400, 24),
  test: parityExamples(500, 40),
  seed: 8,
  teleprompter: randomSearch({ candidates: 12 }),
};

/** How many candidates were measured until one reached the score. */
async function candidatesUntil(store: Store, run: string, score: number): Promise<number> {
  const events = await readEvents(store, run);
  const scores = new Map<string, number[]>();
  for (const event of events)
    if (event.type === "example" && event.result.ok)
      scores.set(event.work, [...(scores.get(event.work) ?? []), event.result.score]);
  const told = events.flatMap((event) => (event.type === "told" ? [scores.get(event.work) ?? []] : []));
  const at = told.findIndex((own) => own.length === 24 && own.reduce((sum, one) => sum + one, 0) / 24 >= score);
  return at < 0 ? Infinity : at + 1;
}

test("a repeated task reaches the same score in fewer evaluations, and its record says what was learned", async () => {
  const fresh = memoryStore();
  const { run: alone, report } = await startedAndEnded({ ...again, store: fresh });
  const best = report.validation?.winner.score ?? Number.NaN;
  const store = await experiencedStore();
  const [earlier] = await listRuns(store);
  const { run } = await startedAndEnded({ ...again, store, learn: true });
  expect(await candidatesUntil(fresh, alone, best)).toBeGreaterThan(3);
  expect(await candidatesUntil(store, run, best)).toBe(2);
  const { teleprompter } = await readRecord(store, run);
  expect(teleprompter.name).toBe("learner");
  expect(JSON.stringify(teleprompter.options)).toContain(`from run ${earlier?.id}`);
});

test("an empty store changes nothing", async () => {
  const [fresh, store] = [memoryStore(), memoryStore()];
  const { run: alone } = await startedAndEnded({ ...again, store: fresh, deterministic: true });
  const { run } = await startedAndEnded({ ...again, store, deterministic: true, learn: true });
  expect((await readRecord(store, run)).teleprompter).toEqual((await readRecord(fresh, alone)).teleprompter);
  expect(await happened(store, run)).toEqual(await happened(fresh, alone));
});

test("warm start learns from the run that is named; unknown and foreign ones are refused", async () => {
  const store = await experiencedStore();
  const [earlier] = await listRuns(store);
  const { run } = await startedAndEnded({ ...again, store, warmStart: earlier?.id ?? "" });
  expect((await readRecord(store, run)).teleprompter.name).toBe("learner");
  const unknown = startRun(options({ ...again, store, warmStart: "run_nobody" }));
  await expect(unknown).rejects.toThrow(expect.objectContaining({ name: "RunError", code: "unknown_run" }));
  expect(await unknown.catch((error: unknown) => error)).toBeInstanceOf(RunError);
  const other = space([float("predict.topP", { min: 0, max: 1 })]);
  await expect(startRun(options({ ...again, store, space: other, warmStart: earlier?.id ?? "" }))).rejects.toThrow(
    /warmStart: expected a run that shares a variable with predict\.topP \(float\)/,
  );
});

test.each([{ learn: { runs: 0 } }, { learn: "yes" }, { warmStart: "" }, { learn: true, warmStart: "run_a" }])(
  "options that say nothing sensible are refused: %j",
  async (faulty) => {
    await expect(startRun(options({ ...again, ...(faulty as object) }))).rejects.toThrow(/learn|warmStart/);
  },
);

test("a damaged record is left out, and said so", async () => {
  const store = await experiencedStore();
  await store.documents.put("run", "run_damaged", { schema: 99 });
  const experience = await recall(store, { program: parity, space: paritySpace });
  expect(experience.runs).toHaveLength(1);
  expect(experience.notes).toEqual([expect.stringContaining("run_damaged")]);
  const { run } = await startedAndEnded({ ...again, store, learn: true });
  const { options: told } = (await readRecord(store, run)).teleprompter;
  expect(told["notes"]).toEqual(experience.notes);
});

test("a run that learned goes the same way after it was put down", async () => {
  const learned = { ...again, learn: true, deterministic: true } as const;
  const whole = await experiencedStore();
  const { run } = await startedAndEnded({ ...learned, store: whole });
  for (const count of [3, 30, 60, 200]) {
    const store = await experiencedStore();
    const started = options({ ...learned, store });
    const first = await startRun(started);
    let examples = 0;
    await until(first, ({ type }) => type === "example" && ++examples >= count);
    await first.suspend({ graceMs: 0 });
    await using second = await resumeRun(first.id, started);
    const report = await second.finished;
    expect(report.status).toBe("completed");
    expect(await issued(store, first.id)).toEqual(await issued(whole, run));
  }
});

async function happened(store: Store, run: string): Promise<unknown> {
  return (await readEvents(store, run)).map((event: RunEvent) => ({ ...event, at: 0 }));
}

/** What was asked for, without the names of the runs that were learned from. */
async function issued(store: Store, run: string): Promise<unknown> {
  const work = (await readEvents(store, run)).flatMap((event) => (event.type === "issued" ? event.work : []));
  return work.map((item) => ({ ...item, purpose: item.purpose.replace(/run_\w+/, "run") }));
}

const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };

/** One earlier run of the parity task that measured its baseline and these. */
function earlierRun(
  trials: readonly { readonly configuration: Configuration; readonly score: number }[],
  changes: Partial<Experience["runs"][number]> = {},
): Experience["runs"][number] {
  const places = Array.from({ length: 20 }, (_, index) => index);
  const scoresOf = (score: number): Record<number, number> => Object.fromEntries(places.map((place) => [place, score]));
  return {
    run: "run_earlier",
    sketch: recalledSketch,
    space: paritySpace,
    baseline: {},
    train: [],
    validation: places.map((place) => `{"n":${9000 + place}}`),
    trials: [
      { configuration: {}, scores: scoresOf(0.5) },
      ...trials.map(({ configuration, score }) => ({ configuration, scores: scoresOf(score) })),
    ],
    ...changes,
  };
}

const recalledSketch = await (async () => {
  const store = await experiencedStore();
  return ((await recall(store, { program: parity, space: paritySpace })).runs[0] as Experience["runs"][number]).sketch;
})();

const demoOfNumber = (n: number): Json => ({ inputs: { n }, outputs: { parity: n % 2 === 0 ? "even" : "odd" } });

test("demonstrations that are validation or held-out examples never come along", () => {
  const shown = [1, 100, 200, 3].map(demoOfNumber);
  const experience = { runs: [earlierRun([{ configuration: { "predict.demos": shown }, score: 1 }])], notes: [] };
  const {
    lessons: [lesson],
  } = lessons(experience, { task, test: parityExamples(200, 5) });
  expect(lesson?.configuration["predict.demos"]).toEqual([1, 3].map(demoOfNumber));
  const only = {
    runs: [earlierRun([{ configuration: { "predict.demos": [demoOfNumber(200)] }, score: 1 }])],
    notes: [],
  };
  expect(lessons(only, { task, test: parityExamples(200, 5) })).toEqual({ lessons: [], prior: [] });
});

test("scores on what is held out now do not count, nor do texts of a run that learned from it", () => {
  const texts = space([text("predict.instructions"), choice("predict.adapter", ["chat", "json"])]);
  const written = { configuration: { "predict.instructions": "Even when n % 2 is 0." }, score: 1 };
  const chosen = { configuration: { "predict.adapter": "json" }, score: 0.9 };
  const own = { ...task, space: texts };
  const clean = { runs: [earlierRun([written, chosen], { space: texts })], notes: [] };
  const configurations = (test: readonly { readonly inputs: object; readonly expected: object }[]): unknown[] =>
    lessons(clean, { task: own, test }).lessons.map(({ configuration }) => configuration);
  expect(configurations([])).toHaveLength(2);
  // One of the earlier validation examples.
  expect(configurations(parityExamples(9000, 1))).toEqual([{ "predict.instructions": "", "predict.adapter": "json" }]);
  // All of them: nothing is left that was measured.
  expect(configurations(parityExamples(9000, 20))).toEqual([]);
});

test("an earlier configuration comes into a changed space as far as it fits", () => {
  const changed = space([
    float("predict.temperature", { min: 0.2, max: 0.6 }),
    choice("predict.adapter", ["chat", "xml"]),
    demos("predict.demos", { max: 4 }),
    float("predict.topP", { min: 0, max: 1, default: 0.9 }),
  ]);
  const before = { "predict.temperature": 0.05, "predict.adapter": "json", "predict.demos": [demoOfNumber(7)] };
  const experience = { runs: [earlierRun([{ configuration: before, score: 1 }])], notes: [] };
  const {
    lessons: [lesson],
  } = lessons(experience, { task: { ...task, space: changed }, test: [] });
  expect(lesson?.configuration).toEqual({
    "predict.temperature": 0.2,
    "predict.adapter": "chat",
    "predict.demos": [demoOfNumber(7)],
    "predict.topP": 0.9,
  });
});

test("of earlier runs the gains count, the more examples the more, and what lost elsewhere counts less", () => {
  const cold = { "predict.temperature": 0, "predict.adapter": "chat", "predict.demos": [] };
  const warm = { ...cold, "predict.temperature": 0.4 };
  const lucky = { configuration: { ...cold, "predict.temperature": 0.9 }, scores: { 0: 1 } };
  const one = earlierRun([
    { configuration: cold, score: 0.8 },
    { configuration: warm, score: 0.75 },
    { configuration: { ...cold, "predict.temperature": 0.7 }, score: 0.4 },
  ]);
  const other = earlierRun([{ configuration: cold, score: 0.3 }], { run: "run_other" });
  const temperatures = (runs: Experience["runs"]): unknown[] =>
    lessons({ runs, notes: [] }, { task, test: [] }).lessons.map(
      ({ configuration }) => configuration["predict.temperature"],
    );
  expect(temperatures([{ ...one, trials: [...one.trials, lucky] }])).toEqual([0, 0.4, 0.9]);
  expect(temperatures([one, other])[0]).toBe(0.4);
});

const lessonAt = (temperature: number, run: string): Lesson => {
  return { configuration: { "predict.temperature": temperature }, runs: [run], gain: 0.7, purpose: `from run ${run}` };
};
const good = lessonAt(0.1, "run_a");
const next = lessonAt(0.2, "run_a");
const foreign = lessonAt(0.3, "run_b");

test("the search begins at the best lesson; one that is no better ends the trust in its run", () => {
  const score = (configuration: Configuration): number => 1 - Number(configuration["predict.temperature"] ?? 0.8);
  const learner = experienced(randomSearch({ candidates: 2 }), { lessons: [good, next, foreign], prior: [] });
  const { evaluations } = playSearch(learner, task, { score });
  const firstIds = (work: typeof evaluations): string[] => work.slice(0, 4).map(({ id }) => id);
  expect(evaluations).toHaveLength(7);
  expect(firstIds(evaluations)).toEqual(["learned-baseline", "lesson-1", "lesson-2", "lesson-3"]);
  expect(evaluations[1]?.race).toEqual({ against: {} });
  expect(evaluations[2]?.race).toEqual({ against: good.configuration });
  expect(evaluations[4]?.configuration).toEqual(good.configuration);
  const reversed = playSearch(learner, task, { score: (configuration) => 1 - score(configuration) });
  expect(reversed.evaluations).toHaveLength(6);
  expect(firstIds(reversed.evaluations).slice(0, 3)).toEqual(["learned-baseline", "lesson-1", "lesson-3"]);
  expect(reversed.evaluations[3]?.configuration).toEqual(task.baseline);
});

test("a search that models scores begins with all that the confirmed runs measured, on this task's scale", () => {
  const heard: Task[] = [];
  const inner = randomSearch({ candidates: 2 });
  const told = { ...inner, start: (given: Task) => (heard.push(given), inner.start(given)) };
  const prior = [
    { configuration: { "predict.temperature": 0.5 }, run: "run_a", gain: 0.4 },
    { configuration: { "predict.temperature": 0.6 }, run: "run_b", gain: 0.9 },
  ];
  // The first lesson holds half of what it promised, the second nothing.
  const score = ({ "predict.temperature": at = 0.8 }: Configuration): number => (at === 0.1 ? 0.55 : 0.2);
  playSearch(experienced(told, { lessons: [good, foreign], prior }), task, { score });
  expect(heard.at(-1)?.known).toEqual([
    { configuration: {}, score: expect.closeTo(0.2, 9) },
    { configuration: { "predict.temperature": 0.3 }, score: expect.closeTo(0.2, 9) },
    { configuration: { "predict.temperature": 0.5 }, score: expect.closeTo(0.4, 9) },
  ]);
});

for (const [claim, check] of Object.entries(teleprompterContract))
  test(`the learner keeps the Teleprompter contract: ${claim}`, () =>
    check(() => ({
      teleprompter: experienced(randomSearch({ candidates: 4 }), { lessons: [good, foreign], prior: [] }),
      task,
    })));

test("it can be made again from its name and options", () => {
  const original = experienced(
    randomSearch({ candidates: 4 }),
    { lessons: [good, foreign], prior: [] },
    { notes: ["one run cannot be read"] },
  );
  const stored = JSON.parse(JSON.stringify(original.options));
  const made = teleprompterNamed("learner", stored);
  expect(made.options).toEqual(original.options);
  expect(playSearch(made, task, { score: () => 0.5 }).work).toEqual(
    playSearch(original, task, { score: () => 0.5 }).work,
  );
});

test("optimize takes the same option", async () => {
  const store = await experiencedStore();
  const { run } = await optimize(parity, { ...options({ ...again, store }), learn: { runs: 5 } });
  expect((await readRecord(store, run)).teleprompter.name).toBe("learner");
});
