import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import {
  front,
  gp,
  nsga2,
  readEvents,
  readRecord,
  runReport,
  searchTeleprompter,
  startRun,
  teleprompterNamed,
} from "#optimize";
import type { ExampleResult, Objectives, RunReport, SearchState, Task, Teleprompter } from "#optimize";
import { noUsage } from "#programs";
import type { Metric } from "#programs";
import { memoryStore } from "#storage/memory";
import { scriptedModel, teleprompterContract } from "#testing";
import { float, integer, space } from "#variables";
import { numberIn, parity, parityExamples, paritySpace, train, validation } from "../parity.ts";
import { options } from "../parity-run.ts";
import { playSearch } from "../scripted-search.ts";

const objectives: Objectives = { score: "maximize", usd: "minimize" };
const sized = space([integer("size", { min: 1, max: 20 }), float("waste", { min: 0, max: 1 })]);
const task: Task = { program: parity, space: sized, baseline: { size: 10, waste: 1 }, train, validation };

/** Each size is worth a bit more and costs a bit more; waste costs and gives nothing. */
function measured({ size, waste }: Record<string, unknown>, index: number): ExampleResult {
  const usd = Number(size) / 10 + Number(waste);
  return {
    ok: true,
    score: Number(size) / 20,
    objectives: { calm: 1 - Number(waste) },
    index,
    usage: { ...noUsage, usd },
  };
}

function search(candidates = 60, changes: { objectives?: Objectives } = {}): Teleprompter<{ search: SearchState }> {
  return searchTeleprompter(nsga2(), { candidates, objectives, ...changes });
}

describe("nsga2 as a teleprompter", () => {
  const own: Task = { ...task, space: paritySpace, baseline: {} };
  const make = (): Teleprompter =>
    searchTeleprompter(nsga2(), { candidates: 8, objectives: { score: "maximize", calls: "minimize" } });

  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: make(), task: own })));

  test("is made again from its name and options, objectives included", () => {
    const again = teleprompterNamed("nsga2", make().options);
    expect({ name: again.name, options: again.options }).toEqual({ name: "nsga2", options: make().options });
    expect(again.options["objectives"]).toEqual({ score: "maximize", calls: "minimize" });
  });
});

describe("searchTeleprompter.objectives", () => {
  test("the sampler is told score and cost by name, of every trial", () => {
    const { evaluations } = playSearch(search(20), task, { score: measured });
    expect(evaluations).toHaveLength(21);
    let state = search(20).start(task);
    const [work] = search(20).ask(state, seededRng(1), 1);
    if (work?.kind !== "evaluate") throw new Error("no baseline");
    state = search(20).tell(state, { type: "issued", work: [work] });
    const results = work.examples.map((index) => measured(work.configuration, index));
    state = search(20).tell(state, { type: "evaluated", work, results });
    expect(state.search.trials[0]?.outcome).toEqual({ objectives: { score: 0.5, usd: expect.closeTo(2, 9) } });
  });

  test("a further goal of the metric is an objective too; a trial without a number for it has failed", () => {
    const own = search(20, { objectives: { score: "maximize", calm: "maximize" } });
    let state = own.start(task);
    const asked = own.ask(state, seededRng(1), 2).filter((work) => work.kind === "evaluate");
    state = own.tell(state, { type: "issued", work: asked });
    for (const [at, work] of asked.entries()) {
      const results = work.examples.map((index): ExampleResult => {
        const { objectives: goals, ...plain } = { objectives: {}, ...measured(work.configuration, index) };
        return (at === 0 ? { ...plain, objectives: goals } : plain) as ExampleResult;
      });
      state = own.tell(state, { type: "evaluated", work, results });
    }
    expect(state.search.trials.map(({ outcome }) => outcome)).toEqual([
      { objectives: { score: 0.5, calm: 0 } },
      { failed: true },
    ]);
  });

  test("it closes in on the compromises: the front is wide and without waste, its best score wins", () => {
    const teleprompter = search(150);
    let state: ReturnType<typeof teleprompter.start> | undefined;
    const watched = {
      ...teleprompter,
      finished: (now: ReturnType<typeof teleprompter.start>) => teleprompter.finished((state = now)),
    };
    const { incumbent } = playSearch(watched, task, { score: measured });
    const found = state === undefined ? [] : front(state.search);
    expect(found.length).toBeGreaterThan(6);
    expect(Math.max(...found.map(({ configuration }) => Number(configuration["waste"])))).toBeLessThan(0.3);
    expect(incumbent?.score).toBe(Math.max(...found.map(({ objectives: values }) => values["score"] ?? 0)));
    expect(found.map(({ configuration }) => configuration)).toContainEqual(incumbent?.configuration);
  });

  test("without the score among the objectives the winner is the best by score of the compromises, not of all", () => {
    const own = search(60, { objectives: { usd: "minimize", calm: "maximize" } });
    const { incumbent, evaluations } = playSearch(own, task, { score: measured });
    const all = evaluations.map(({ configuration }) => measured(configuration, 0));
    const cheapest = Math.min(...all.map(({ usage }) => usage.usd));
    expect(incumbent?.score).toBeLessThan(0.5);
    expect(measured(incumbent?.configuration ?? {}, 0).usage.usd).toBeLessThan(cheapest + 0.5);
  });

  test.each([
    ["a sampler that searches one score", () => searchTeleprompter(gp(), { objectives }).start(task)],
    ["a race", () => searchTeleprompter(nsga2(), { objectives, prune: "race" })],
    ["a cost to be raised", () => searchTeleprompter(nsga2(), { objectives: { usd: "maximize" } })],
    ["no objective", () => searchTeleprompter(nsga2(), { objectives: {} })],
  ])("%s is refused", (_, make) => {
    expect(make).toThrow(UsageError);
  });
});

describe("the front of a run", () => {
  /** Answers that cost as many tokens as the temperature says, and are right the more often. */
  const model = scriptedModel((request) => {
    const n = numberIn(request);
    const isRight = (n * 7) % 10 < 2 + 8 * (request.temperature ?? 0);
    const answer = (n % 2 === 0) === isRight ? "even" : "odd";
    const outputTokens = Math.round(100 * (request.temperature ?? 0));
    const usage = { ...noUsage, calls: 1, inputTokens: 10, outputTokens };
    return { text: `[[ ## parity ## ]]\n${answer}\n[[ ## completed ## ]]`, usage };
  });

  async function reported(teleprompter: Teleprompter | string, metric?: Metric): Promise<RunReport> {
    const store = memoryStore();
    const runner = await startRun(
      options({
        store,
        teleprompter,
        model,
        space: space([float("temperature", { min: 0, max: 1 })]),
        validation: parityExamples(100, 20),
        ...(metric && { metric }),
      }),
    );
    await runner.finished;
    return runReport(await readRecord(store, runner.id), await readEvents(store, runner.id));
  }

  test("is over score and what differs in cost, against the worst values measured", async () => {
    const { front: found, candidates } = await reported(teleprompterNamed("random_search", { candidates: 8 }));
    expect(found?.objectives).toEqual({ score: "maximize", tokens: "minimize" });
    expect(found?.measured).toBe(9);
    const scores = candidates.map(({ score }) => score ?? 0);
    const tokens = candidates.map(({ cost }) => cost?.tokens ?? 0);
    expect(found?.reference).toEqual({ score: Math.min(...scores), tokens: Math.max(...tokens) });
    const best = found?.candidates ?? [];
    for (const { candidate, values } of best) {
      expect(values).toEqual({ score: scores[candidate], tokens: tokens[candidate] });
      const isBeaten = scores.some(
        (score, at) => score >= (values["score"] ?? 0) && (tokens[at] ?? 0) < (values["tokens"] ?? 0),
      );
      expect(isBeaten).toBe(false);
    }
    expect(best[0]?.values["score"]).toBe(Math.max(...scores));
    let [volume, below] = [0, found?.reference["score"] ?? 0];
    for (const { values } of best.toReversed()) {
      volume += ((values["score"] ?? 0) - below) * ((found?.reference["tokens"] ?? 0) - (values["tokens"] ?? 0));
      below = values["score"] ?? 0;
    }
    expect(found?.hypervolume).toBeCloseTo(volume, 9);
  });

  test("is that of the search's own objectives where it has some", async () => {
    const made = searchTeleprompter(nsga2(), { candidates: 12, objectives: { score: "maximize", tokens: "minimize" } });
    const { front: found, winner, run } = await reported(made);
    expect(run.teleprompter.options["objectives"]).toEqual(found?.objectives);
    expect(found?.candidates[0]?.candidate).toBe(winner?.candidate);
  });
});
