import { expect, test } from "vitest";
import { canonicalJson, seededRng } from "#foundation";
import { bootstrapFewShot } from "#optimize";
import type { EvaluateWork, ExampleResult, Task, Work } from "#optimize";
import { demoOf, noUsage } from "#programs";
import type { Demo } from "#variables";
import { parity, paritySpace, train, validation } from "./parity.ts";

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
