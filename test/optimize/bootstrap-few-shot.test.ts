import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng } from "#foundation";
import { bootstrapFewShot } from "#optimize";
import type { EvaluateWork, ExampleResult, Incumbent, Task, Work } from "#optimize";
import { demoOf, noUsage } from "#programs";
import type { Demo } from "#variables";
import { parity, paritySpace, train, validation } from "./parity.ts";
import { playSearch, tracedResult } from "./scripted-search.ts";

const task: Task = { program: parity, space: paritySpace, baseline: {}, train, validation };

/** Plays a run in which the teacher succeeds on the training examples that `isRight` names, reasoning as it goes. */
function play(isRight: (index: number) => boolean, options = {}): EvaluateWork[] {
  const teleprompter = bootstrapFewShot({ batch: 5, maxBootstrapped: 3, maxDemos: 4, candidates: 2, ...options });
  let state = teleprompter.start(task);
  const all: Work[] = [];
  for (let ask = 0; teleprompter.finished(state) === undefined; ask++) {
    const asked = teleprompter.ask(state, seededRng(ask), 2);
    all.push(...asked);
    state = teleprompter.tell(state, { type: "issued", work: asked });
    for (const work of asked as readonly EvaluateWork[]) {
      const results = work.examples.map((index): ExampleResult => {
        const example = work.split === "train" ? train[index] : undefined;
        const outputs = { reasoning: "halves are whole or not", ...example?.expected };
        const trace = [{ stage: "predict", inputs: { ...example?.inputs }, outputs }];
        return { ok: true, score: isRight(index) ? 1 : 0, trace, index, usage: noUsage };
      });
      state = teleprompter.tell(state, { type: "evaluated", work, results });
    }
  }
  return all as EvaluateWork[];
}

function demosIn({ configuration }: EvaluateWork): readonly Demo[] {
  return (configuration["predict.demos"] ?? []) as unknown as readonly Demo[];
}

function isBootstrapped({ outputs }: Demo): boolean {
  return "reasoning" in outputs;
}

test("only successes become demonstrations, and they keep the reasoning", () => {
  const candidates = play((index) => index % 4 === 0).filter(({ id }) => id.startsWith("candidate"));
  const bootstrapped = candidates.flatMap(demosIn).filter(isBootstrapped);
  expect(bootstrapped.length).toBeGreaterThan(0);
  expect(bootstrapped.every(({ inputs }) => Number(inputs["n"]) % 4 === 0)).toBe(true);
});

test("labelled examples fill the set up to its limit, none of them twice", () => {
  for (const work of play(() => true).filter(({ id }) => id.startsWith("candidate"))) {
    const demos = demosIn(work);
    expect(demos).toHaveLength(4);
    expect(demos.filter(isBootstrapped)).toHaveLength(3);
    expect(new Set(demos.map(({ inputs }) => canonicalJson(inputs))).size).toBe(4);
  }
});

test("a set covers both answers", () => {
  for (const work of play(() => true).filter(({ id }) => id.startsWith("candidate")))
    expect(new Set(demosIn(work).map(({ outputs }) => outputs["parity"]))).toEqual(new Set(["even", "odd"]));
});

test("the teacher is never shown the examples that it is asked", () => {
  for (const work of play(() => false).filter(({ split }) => split === "train")) {
    const asked = work.examples.map((index) => canonicalJson(demoOf(train[index] as never)));
    expect(demosIn(work).map((demo) => canonicalJson(demo as never))).not.toEqual(expect.arrayContaining(asked));
    expect(demosIn(work).some((demo) => asked.includes(canonicalJson(demo as never)))).toBe(false);
  }
});

test("teaching stops when there are successes enough to choose from", () => {
  const taught = (isRight: (index: number) => boolean): number =>
    play(isRight).filter(({ split }) => split === "train").length;
  expect(taught(() => true)).toBeLessThan(taught(() => false));
  expect(taught(() => false)).toBe(4);
});

test("without any success the sets are labelled examples alone", () => {
  const candidates = play(() => false).filter(({ id }) => id.startsWith("candidate"));
  expect(candidates.flatMap(demosIn).some(isBootstrapped)).toBe(false);
  expect(candidates.every((work) => demosIn(work).length === 4)).toBe(true);
});

test("no batch is run that would be too many if all went well", () => {
  const half = play((index) => index % 2 === 0, { candidates: 1, batch: 2 });
  const lessons = half.filter(({ split }) => split === "train");
  // Three successes of one in two: two batches can bring them, four examples do not, and one batch more does.
  expect(lessons.map(({ id }) => id)).toEqual(["teach-0", "teach-2", "teach-4"]);
});

test("the first of several sets has what the first batch brought, and is measured before the others are drawn", () => {
  const work = play((index) => index === 3 || index >= 10);
  const ids = work.map(({ id }) => id);
  expect(ids.indexOf("candidate-1")).toBeLessThan(ids.indexOf("teach-10"));
  expect(ids.indexOf("candidate-2")).toBeGreaterThan(ids.indexOf("teach-15"));
  const first = work.find(({ id }) => id === "candidate-1") as EvaluateWork;
  expect(
    demosIn(first)
      .filter(isBootstrapped)
      .map(({ inputs }) => inputs),
  ).toEqual([train[3]?.inputs]);
});

describe("without a measurement", () => {
  test("only the teacher is run, as long as there are too few successes", () => {
    const work = play((index) => index % 2 === 0, { measure: false, candidates: 1, batch: 2 });
    expect(work.map(({ id }) => id)).toEqual(["teach-0", "teach-2", "teach-4"]);
  });

  test("the incumbent is the set of the successes so far, and has no score", () => {
    const until = (id: string): Incumbent | undefined =>
      playSearch(bootstrapFewShot({ measure: false, batch: 2, maxBootstrapped: 3, maxDemos: 4 }), task, {
        score: (_, index, work) => ({ ...tracedResult(task, work, index, index === 1 || index > 3 ? 1 : 0) }),
        until: id,
      }).incumbent;
    const shown = (incumbent: Incumbent | undefined): readonly Demo[] =>
      (incumbent?.configuration["predict.demos"] ?? []) as unknown as readonly Demo[];
    expect(until("teach-0")).not.toHaveProperty("score");
    expect(shown(until("teach-0"))).toHaveLength(4);
    expect(shown(until("teach-0"))[0]?.inputs).toEqual(train[1]?.inputs);
    const successes = [1, 4, 5].map((index) => train[index]?.inputs);
    expect(
      shown(until("none"))
        .slice(0, 3)
        .map(({ inputs }) => inputs),
    ).toEqual(expect.arrayContaining(successes));
  });

  test("there is no incumbent before the first success", () => {
    const nothing = { score: () => 0, until: "teach-0" } as const;
    expect(playSearch(bootstrapFewShot({ measure: false, batch: 2 }), task, nothing).incumbent).toBeUndefined();
  });

  test("several candidates are refused", () => {
    expect(() => bootstrapFewShot({ measure: false, candidates: 2 })).toThrow(/expected 1 where nothing is measured/);
  });
});
