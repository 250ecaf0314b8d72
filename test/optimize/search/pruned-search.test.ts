import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, shuffle, UsageError } from "#foundation";
import type { Json } from "#foundation";
import {
  optimize,
  pairedEstimate,
  race,
  raceLooks,
  randomSampler,
  readRecord,
  resumeRun,
  searchTeleprompter,
  startRun,
  teleprompterNamed,
  tpe,
} from "#optimize";
import type {
  EvaluateWork,
  ExampleResult,
  Prune,
  Report,
  Scores,
  SearchState,
  Task,
  Teleprompter,
  Work,
} from "#optimize";
import { mean, noUsage } from "#programs";
import { memoryStore } from "#storage/memory";
import { teleprompterContract } from "#testing";
import { choice, float, integer, space } from "#variables";
import type { Configuration } from "#variables";
import { parity, parityExamples, parityMetric, parityModel, paritySpace, train, validation } from "../parity.ts";
import { options, timeless } from "../parity-run.ts";

const prunings: readonly Prune[] = ["race", "halving"];

describe.each(prunings)("a search pruned by %s", (prune) => {
  const make = (): Teleprompter => searchTeleprompter(tpe({ startup: 3, draws: 8 }), { candidates: 12, prune });
  const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };

  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: make(), task })));

  test("is made again from its name and options", () => {
    const again = teleprompterNamed("tpe", make().options);
    expect(again.options).toEqual({ ...make().options, prune });
  });
});

const size = 90;
const height = space([float("x", { min: 0, max: 1 })]);
const wide: Task = {
  program: parity,
  space: height,
  baseline: { x: 0.5 },
  train: [],
  validation: parityExamples(0, size),
};

/** Right on each example with the chance x, the same ones for the same x; examples are as hard for all. */
function isSolved({ x }: Configuration, index: number): boolean {
  return seededRng(`difficulty ${index}`).next() < Number(x);
}

type Answer = (work: EvaluateWork, index: number) => ExampleResult;

const solved: Answer = ({ configuration }, index) => ({
  ok: true,
  score: isSolved(configuration, index) ? 1 : 0,
  index,
  usage: noUsage,
});

interface Played<State> {
  readonly work: readonly EvaluateWork[];
  readonly state: State;
  readonly finished: string | undefined;
}

interface PlayOptions {
  readonly capacity?: number;
  readonly answer?: Answer;
  /** The order in which what is out is told. */
  readonly order?: (out: readonly EvaluateWork[], round: number) => readonly EvaluateWork[];
  readonly task?: Task;
}

/**
 * All that is asked for, capacity by capacity, each told before the next are asked for. Work that races runs as far as the
 * Runner would let it, and stands with these examples.
 */
function play<State>(
  teleprompter: Teleprompter<State>,
  { capacity = 1, answer = solved, order = (out) => out, task = wide }: PlayOptions = {},
): Played<State> {
  let state = teleprompter.start(task);
  const all: EvaluateWork[] = [];
  const known = new Map<string, Scores>();
  for (let round = 0; ; round++) {
    const asked = teleprompter.ask(state, seededRng(round), capacity).filter(isEvaluation);
    if (asked.length === 0) return { work: all, state, finished: teleprompter.finished(state) };
    state = teleprompter.tell(state, { type: "issued", work: asked });
    const ran = new Map(asked.map((work) => [work, raced(work, answer, known)] as const));
    for (const [work, results] of ran) {
      known.set(canonicalJson(work.configuration), scoresOf(results));
      all.push({ ...work, examples: results.map(({ index }) => index) });
    }
    for (const work of order(asked, round))
      state = teleprompter.tell(state, { type: "evaluated", work, results: ran.get(work) ?? [] });
  }
}

/** The results up to the look at which the work's race is lost. */
function raced({ race: against, ...work }: EvaluateWork, answer: Answer, known: Map<string, Scores>): ExampleResult[] {
  const results = work.examples.map((index) => answer(work, index));
  if (against === undefined) return results;
  const opponent = known.get(canonicalJson(against.against)) ?? {};
  const isLost = (look: number): boolean => {
    const pairs = Object.entries(scoresOf(results.slice(0, look))).flatMap(([index, score]) => {
      const other = opponent[Number(index)];
      return other === undefined ? [] : [[score, other] as const];
    });
    return race(pairs.map(([own]) => own), pairs.map(([, other]) => other)) === "stop"; // prettier-ignore
  };
  const stop = raceLooks(results.length).find((look) => look < results.length && isLost(look));
  return results.slice(0, stop);
}

function scoresOf(results: readonly ExampleResult[]): Scores {
  return Object.fromEntries(results.flatMap(({ index, ...result }) => (result.ok ? [[index, result.score]] : [])));
}

function isEvaluation(work: Work): work is EvaluateWork {
  return work.kind === "evaluate";
}

function byTrial(work: readonly EvaluateWork[]): ReadonlyMap<string, readonly EvaluateWork[]> {
  return Map.groupBy(work, ({ id }) => id.replace(/\/\d+$/, ""));
}

function examplesOf(work: readonly EvaluateWork[]): readonly number[] {
  return work.flatMap(({ examples }) => examples);
}

const trueMean = (x: number): number => mean(wide.validation.map((_, index) => (isSolved({ x }, index) ? 1 : 0)));

describe.each(prunings)("pruned by %s", (prune) => {
  const search = (candidates = 27): Teleprompter<{ readonly search: SearchState }> =>
    searchTeleprompter<SearchState>(randomSampler(), { candidates, prune });

  test("every candidate meets the examples in the order of the baseline, which is measured in full, first and alone", () => {
    const { work } = play(search(), { capacity: 5 });
    const [baseline, ...others] = work;
    expect(baseline).toMatchObject({ id: "baseline", configuration: { x: 0.5 } });
    const order = baseline?.examples ?? [];
    expect(order.toSorted((a, b) => a - b)).toEqual(wide.validation.keys().toArray());
    expect(order).not.toEqual(wide.validation.keys().toArray());
    for (const blocks of byTrial(others).values())
      expect(examplesOf(blocks)).toEqual(order.slice(0, examplesOf(blocks).length));
  });

  test("asks for far fewer examples than all, and only what was measured on all of them wins", () => {
    const teleprompter = search();
    const { work, state, finished } = play(teleprompter);
    expect(examplesOf(work).length).toBeLessThan(0.6 * 28 * size);
    const incumbent = teleprompter.incumbent(state);
    const full = [...byTrial(work).values()].filter((blocks) => examplesOf(blocks).length === size);
    const means = full.map((blocks) => trueMean(Number(blocks[0]?.configuration["x"])));
    expect(incumbent?.score).toBeCloseTo(Math.max(...means), 12);
    expect(full.map((blocks) => blocks[0]?.id)).toContain(incumbent?.work);
    expect(finished).toBe(`27 candidates were tried, ${28 - full.length} of them stopped early`);
  });

  test("chooses one of the best, as a search without pruning does", () => {
    const values = Array.from({ length: 20 }, (_, at) => 0.025 + at * 0.05);
    const task = { ...wide, space: space([choice("x", values)]), baseline: { x: 0.525 } };
    for (const own of ["none", prune] as const) {
      const teleprompter = searchTeleprompter(randomSampler(), { candidates: 19, prune: own });
      const { state } = play(teleprompter, { task });
      expect(Number(teleprompter.incumbent(state)?.configuration["x"])).toBeGreaterThan(0.85);
    }
  });

  test("the sampler hears one score of each trial: an estimate near the truth where it was stopped", () => {
    const { trials } = play(search()).state.search;
    expect(trials).toHaveLength(28);
    const errors = trials.map(({ outcome, configuration }) => {
      const score = outcome !== undefined && "score" in outcome ? outcome.score : Number.NaN;
      return Math.abs(score - trueMean(Number(configuration["x"])));
    });
    expect(Math.max(...errors)).toBeLessThan(0.35);
    expect(mean(errors)).toBeLessThan(0.08);
  });

  test("whatever order blocks are told in, the state is the same", () => {
    const shuffled = play(search(), { capacity: 7, order: (out, round) => shuffle(seededRng(round), out) });
    expect(shuffled.state).toEqual(play(search(), { capacity: 7 }).state);
  });

  test("nothing is asked for until the baseline was measured", () => {
    const teleprompter = search();
    const started = teleprompter.start(wide);
    const work = teleprompter.ask(started, seededRng(1), 5);
    expect(work).toHaveLength(1);
    const state = teleprompter.tell(started, { type: "issued", work });
    expect(teleprompter.ask(state, seededRng(2), 5)).toEqual([]);
  });

  test("examples that the world failed at are in no score and in no pair", () => {
    const answer: Answer = (work, index) =>
      work.id !== "baseline" && index % 5 === 0
        ? { ok: false, failure: "infrastructure", message: "no connection", index, usage: noUsage }
        : solved(work, index);
    const teleprompter = search();
    const { state } = play(teleprompter, { answer });
    const x = Number(teleprompter.incumbent(state)?.configuration["x"]);
    const counted = wide.validation.keys().filter((index) => index % 5 !== 0);
    const expected = mean([...counted].map((index) => (isSolved({ x }, index) ? 1 : 0)));
    expect(teleprompter.incumbent(state)?.score).toBeCloseTo(expected, 12);
  });

  test("a space that ends before the candidates do leaves nothing waiting", () => {
    const few = { ...wide, space: space([choice("x", [0.1, 0.3, 0.6, 0.8, 0.9])]), baseline: { x: 0.1 } };
    const teleprompter = search();
    const { work, state } = play(teleprompter, { task: few, capacity: 3 });
    expect(byTrial(work).size).toBe(5);
    expect(teleprompter.incumbent(state)?.configuration).toEqual({ x: 0.9 });
    expect(state.search.trials.every(({ outcome }) => outcome !== undefined)).toBe(true);
  });
});

describe("searchTeleprompter.prune", () => {
  test("a race is one work item for each candidate, against the best that was measured on all examples", () => {
    const pair = { ...wide, space: space([integer("x", { min: 0, max: 1 })]), baseline: { x: 0 } };
    const ran = (baseline: number): readonly EvaluateWork[] => {
      const search = searchTeleprompter<SearchState>(randomSampler(), { prune: "race" });
      return play(search, { task: { ...pair, baseline: { x: baseline } } }).work;
    };
    expect(ran(1).map(({ examples }) => examples.length)).toEqual([size, 16]);
    expect(ran(0).map(({ examples }) => examples.length)).toEqual([size, size]);
    expect(ran(1)[1]).toMatchObject({ id: "trial-1", race: { against: { x: 1 } } });
    expect(ran(1)[0]?.race).toBeUndefined();
  });

  test("the estimate of a stopped candidate is the incumbent's mean with their mean difference on the shared examples", () => {
    const pair = { ...wide, space: space([choice("x", [0.2, 0.7])]), baseline: { x: 0.7 } };
    const { work, state } = play(searchTeleprompter<SearchState>(randomSampler(), { prune: "race" }), { task: pair });
    const scores = (of: readonly number[], x: number): Record<number, number> =>
      Object.fromEntries(of.map((index) => [index, isSolved({ x }, index) ? 1 : 0]));
    const seen = examplesOf(work.slice(1));
    expect(seen.length).toBeLessThan(size);
    const estimate = pairedEstimate(scores(seen, 0.2), scores(examplesOf(work.slice(0, 1)), 0.7));
    expect(state.search.trials[1]?.outcome).toEqual({ score: estimate });
    expect(estimate).not.toBeCloseTo(mean(Object.values(scores(seen, 0.2))), 3);
  });

  test("halving measures nine on a ninth, three on a third and one on all", () => {
    const { work } = play(searchTeleprompter(randomSampler(), { candidates: 18, prune: "halving" }));
    const ends = [...byTrial(work.slice(1)).values()].map((blocks) => examplesOf(blocks).length);
    for (const batch of [ends.slice(0, 9), ends.slice(9)])
      expect(batch.toSorted((a, b) => a - b)).toEqual([10, 10, 10, 10, 10, 10, 30, 30, 90]);
  });

  test("nothing is pruned unless told: one work item for each candidate, on all examples in their order", () => {
    const { work, finished } = play(searchTeleprompter(randomSampler(), { candidates: 4 }), { capacity: 3 });
    expect(work.map(({ id }) => id)).toEqual(["baseline", "trial-1", "trial-2", "trial-3", "trial-4"]);
    for (const { examples } of work) expect(examples).toEqual(wide.validation.keys().toArray());
    expect(finished).toBe("4 candidates were tried");
  });

  test.each(prunings)(
    "under the Runner a search pruned by %s finds the gain for fewer calls, and the same again",
    async (prune) => {
      const run = async (own: Prune): Promise<Report> => {
        const teleprompter = searchTeleprompter(randomSampler(), { candidates: 18, prune: own });
        const changes = { teleprompter, deterministic: true, validation: parityExamples(100, 72) };
        return (await optimize(parity, options({ model: parityModel(), ...changes }))).report;
      };
      const [all, pruned, again] = [await run("none"), await run(prune), await run(prune)];
      expect(pruned.configuration["predict.demos"]).not.toEqual([]);
      expect(pruned.significant).toBe(true);
      expect(pruned.spend.calls).toBeLessThan(0.9 * all.spend.calls);
      expect(timeless(again)).toEqual(timeless(pruned));
    },
  );

  test.each(prunings)("a deterministic run pruned by %s that is cut anywhere ends the same", async (prune) => {
    const store = memoryStore();
    const changes = {
      store,
      teleprompter: searchTeleprompter(randomSampler(), { candidates: 10, prune }),
      deterministic: true,
      validation: parityExamples(100, 40),
      test: parityExamples(200, 8),
    };
    const runner = await startRun(options(changes));
    const whole = await runner.finished;
    const events = await store.logs.read(`run/${runner.id}`);
    const { report: _report, ...record } = await readRecord(store, runner.id);
    for (let length = 1; length <= events.length; length += 40) {
      const cut = memoryStore();
      for (const id of Object.values(record.data))
        await cut.documents.put("examples", id, (await store.documents.get("examples", id))?.body as Json);
      await cut.documents.put("run", runner.id, record as unknown as Json);
      await cut.logs.append(`run/${runner.id}`, events.slice(0, length));
      const resumed = await resumeRun(runner.id, { store: cut, metric: parityMetric, model: parityModel() });
      expect({ ...(await resumed.finished), spend: 0 }).toEqual({ ...whole, spend: 0 });
    }
  });

  test("an unknown way to prune is refused", () => {
    expect(() => searchTeleprompter(tpe(), { prune: "eager" as Prune })).toThrow(UsageError);
  });
});
