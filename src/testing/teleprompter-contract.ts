import assert from "node:assert/strict";
import { seededRng } from "#foundation";
import type { EvaluateWork, ExampleResult, Task, Teleprompter, Told, Work } from "#optimize";
import { noUsage } from "#programs";
import type { Contract } from "./contract.ts";

/** The teleprompter under test, with a task that it can work on. */
export interface TeleprompterHarness {
  readonly teleprompter: Teleprompter;
  readonly task: Task;
}

export type OpenTeleprompter = () => TeleprompterHarness;

/** More asks than any teleprompter needs for a small task: one that goes on is caught, not waited for. */
const maxAsks = 500;

/** What every Teleprompter must do, whatever it searches. */
export const teleprompterContract: Contract<OpenTeleprompter> = {
  "it finishes, says why, and has an incumbent then": async (open) => {
    const { state, teleprompter } = play(open(), 3);
    assert.equal(typeof teleprompter.finished(state), "string");
    assert.notEqual(teleprompter.incumbent(state), undefined);
  },

  "it measures the baseline and never returns less": async (open) => {
    const { work, state, teleprompter, task } = play(open(), 3);
    const baseline = evaluations(work).find(({ configuration }) => isSame(configuration, task.baseline));
    assert.ok(baseline !== undefined, "no work measures the baseline");
    const score = meanOf(baseline);
    assert.ok((teleprompter.incumbent(state)?.score ?? -Infinity) >= score);
  },

  "asking changes nothing: the same state, chance and capacity ask the same": async (open) => {
    const { teleprompter, task } = open();
    const state = frozen(teleprompter.start(task));
    const ask = (): readonly Work[] => teleprompter.ask(state, seededRng("a"), 4);
    assert.deepEqual(ask(), ask());
  },

  "no ask passes the capacity, and no id stands for two items": async (open) => {
    const { work, asks } = play(open(), 2);
    assert.ok(asks.every((asked) => asked.length <= 2));
    assert.equal(new Set(work.map(({ id }) => id)).size, work.length);
  },

  "it never asks for test examples, nor for ones that do not exist": async (open) => {
    const { work, task } = play(open(), 3);
    for (const { split, examples } of evaluations(work)) {
      assert.notEqual(split, "test");
      const size = split === "train" ? task.train.length : task.validation.length;
      assert.ok(examples.every((index) => Number.isInteger(index) && index >= 0 && index < size));
    }
  },

  "work and state are JSON: a state read back goes on the same": async (open) => {
    const { teleprompter, task } = open();
    const started = teleprompter.start(task);
    const [first] = teleprompter.ask(started, seededRng("a"), 1);
    assert.ok(first !== undefined);
    assert.deepEqual(reread(first), first);
    const state = answer(teleprompter, teleprompter.tell(started, { type: "issued", work: [first] }), first);
    const next = (from: unknown): readonly Work[] => teleprompter.ask(from, seededRng("b"), 2);
    assert.deepEqual(next(reread(state)), next(state));
  },

  "examples that the world failed at are never told as scores": async (open) => {
    const { teleprompter, task } = open();
    const started = teleprompter.start(task);
    const issued = teleprompter.ask(started, seededRng("a"), 1);
    const told = teleprompter.tell(started, { type: "issued", work: issued });
    const lost = evaluations(issued)[0];
    assert.ok(lost !== undefined);
    const results = lost.examples.map((index): ExampleResult => {
      return { ok: false, failure: "infrastructure", message: "no connection", index, usage: noUsage };
    });
    assert.equal(
      teleprompter.incumbent(teleprompter.tell(told, { type: "evaluated", work: lost, results })),
      undefined,
    );
  },
};

interface Play extends TeleprompterHarness {
  readonly state: unknown;
  readonly work: readonly Work[];
  readonly asks: readonly (readonly Work[])[];
}

/** Plays a whole run: everything that is asked is answered at once, with scores made from the configuration's text. */
function play({ teleprompter, task }: TeleprompterHarness, capacity: number): Play {
  let state = frozen(teleprompter.start(task));
  const asks: (readonly Work[])[] = [];
  while (teleprompter.finished(state) === undefined) {
    assert.ok(asks.length < maxAsks, `still asking after ${maxAsks} asks`);
    const asked = teleprompter.ask(state, seededRng(`ask ${asks.length}`), capacity);
    assert.ok(asked.length > 0, "it has not finished, nothing is out, and it asks for nothing");
    asks.push(asked);
    state = frozen(teleprompter.tell(state, { type: "issued", work: asked }));
    for (const work of asked) state = frozen(answer(teleprompter, state, work));
  }
  return { teleprompter, task, state, work: asks.flat(), asks };
}

function answer(teleprompter: Teleprompter, state: unknown, work: Work): unknown {
  return teleprompter.tell(state, answerTo(work));
}

function answerTo(work: Work): Told {
  if (work.kind === "complete")
    return { type: "completed", work, result: { ok: false, message: "no model here", usage: noUsage } };
  return { type: "evaluated", work, results: work.examples.map((index) => scoredResult(work, index)) };
}

function scoredResult(work: EvaluateWork, index: number): ExampleResult {
  const score = seededRng(`${JSON.stringify(work.configuration)} ${index}`).next() < 0.5 ? 0 : 1;
  const trace =
    work.trace === true ? { trace: [{ stage: "predict", inputs: { n: index }, outputs: { n: index } }] } : {};
  return { ok: true, score, ...trace, index, usage: noUsage };
}

function meanOf(work: EvaluateWork): number {
  const scores = work.examples
    .map((index) => scoredResult(work, index))
    .map((result) => (result.ok ? result.score : 0));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function evaluations(work: readonly Work[]): EvaluateWork[] {
  return work.filter((item) => item.kind === "evaluate");
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function reread<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}
