import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  evaluate,
  exactMatch,
  execute,
  ModelError,
  module,
  noUsage,
  program,
  ProgramError,
  scoreOf,
  signature,
  summarize,
} from "#programs";
import type { EvaluateOptions, Example, LanguageModel, Metric, ModelErrorCode, Outcome, Score } from "#programs";
import { UsageError } from "#foundation";
import { fakeClock, scriptedModel } from "#testing";

fc.configureGlobal({ seed: 20 });

type In = { word: string };
type Out = { size: number };

const sized = program({ name: "sized", signature: signature("word -> size: int") });
const words = (...list: string[]): Example<In, Out>[] =>
  list.map((word) => ({ inputs: { word }, expected: { size: word.length } }));
const wordOf = (content: string | undefined): string => content?.split("\n")[1] ?? "";
const answering = (answer: (word: string) => string): LanguageModel =>
  scriptedModel(({ messages }) => `[[ ## size ## ]]\n${answer(wordOf(messages[1]?.content))}`);
const counting = answering((word) => `${word.length}`);
const match: Metric<In, Out> = exactMatch("size");
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function outcomesOf(
  examples: readonly Example<In, Out>[],
  metric: Metric<In, Out>,
  options: EvaluateOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of evaluate(sized, examples, metric, options)) outcomes.push(outcome);
  return outcomes.sort((a, b) => a.index - b.index);
}

describe("an evaluation", () => {
  test("scores every example once and tells its place, outputs, history and cost", async () => {
    const outcomes = await outcomesOf(words("a", "bb", "ccc"), match, { model: counting, clock: fakeClock() });
    expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(outcomes[1]).toMatchObject({
      ok: true,
      score: 1,
      outputs: { size: 2 },
      history: [{ stage: "predict" }],
      usage: { calls: 1 },
      latencyMs: 0,
    });
  });

  test("hands the metric typed outputs and the example", async () => {
    const metric: Metric<In, Out> = (outputs, example) => {
      expectTypeOf(outputs).toEqualTypeOf<Out>();
      expectTypeOf(example.inputs).toEqualTypeOf<In>();
      return Promise.resolve({
        score: outputs.size / 10,
        feedback: `for ${example.inputs.word}`,
        objectives: { brevity: -1 },
      });
    };
    expect(await outcomesOf(words("aaaaa"), metric, { model: counting })).toMatchObject([
      { score: 0.5, feedback: "for aaaaa", objectives: { brevity: -1 } },
    ]);
  });

  test("runs no more examples at once than allowed, 8 unless told", async () => {
    for (const concurrency of [undefined, 1, 3]) {
      const clock = fakeClock();
      let [inFlight, highest] = [0, 0];
      const model = scriptedModel(async () => {
        highest = Math.max(highest, ++inFlight);
        await clock.sleep(10);
        inFlight--;
        return "[[ ## size ## ]]\n1";
      });
      const examples = words(...Array.from({ length: 20 }, () => "a"));
      const summary = evaluate(sized, examples, match, { model, clock, ...(concurrency && { concurrency }) }).summary();
      for (let step = 0; step < 40; step++) await clock.advance(10);
      expect((await summary).counted).toBe(20);
      expect(highest).toBe(concurrency ?? 8);
    }
  });

  test("runs nothing before it is iterated or asked for its summary", async () => {
    const model = scriptedModel([]);
    evaluate(sized, words("a"), match, { model });
    await turn();
    expect(model.calls).toEqual([]);
  });

  test("left early starts nothing further, and its summary is of what was seen", async () => {
    let started = 0;
    const model = scriptedModel(() => (started++, "[[ ## size ## ]]\n1"));
    const evaluation = evaluate(sized, words("a", "b", "c", "d", "e", "f"), match, { model, concurrency: 2 });
    for await (const outcome of evaluation) if (outcome.ok) break;
    const atTheEnd = started;
    expect(atTheEnd).toBeLessThan(6);
    expect((await evaluation.summary()).counted).toBe(1);
    expect(started).toBe(atTheEnd);
  });

  test("iterated in part and then summed up counts every example once", async () => {
    const evaluation = evaluate(sized, words("a", "b", "c"), match, { model: counting, concurrency: 1 });
    const iterator = evaluation[Symbol.asyncIterator]();
    await iterator.next();
    expect((await evaluation.summary()).counted).toBe(3);
    expect((await evaluation.summary()).counted).toBe(3);
  });

  test("aborted rejects with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const model = scriptedModel(() => (controller.abort(reason), "[[ ## size ## ]]\n1"));
    const run = evaluate(sized, words("a", "b"), match, { model, signal: controller.signal, concurrency: 1 }).summary();
    await expect(run).rejects.toBe(reason);
    expect(model.calls).toHaveLength(1);
  });

  test("aborted during a pause before another try rejects with the reason", async () => {
    const [controller, clock, reason] = [new AbortController(), fakeClock(), new Error("enough")];
    const model = scriptedModel([new ModelError("unavailable", "503", { retryable: true })]);
    const run = evaluate(sized, words("a"), match, { model, clock, signal: controller.signal }).summary();
    const rejected = expect(run).rejects.toBe(reason);
    await turn();
    expect(clock.pending()).toBe(1);
    controller.abort(reason);
    await rejected;
  });
});

describe("one failed example is an answer", () => {
  test("a candidate's failure counts with the failure score", async () => {
    const model = answering((word) => (word === "bad" ? "no number" : `${word.length}`));
    const outcomes = await outcomesOf(words("bad", "good"), match, { model });
    expect(outcomes).toMatchObject([
      { ok: false, failure: "candidate", error: { code: "unusable_reply" }, usage: { calls: 2 } },
      { ok: true, score: 1 },
    ]);
    const options = { model, failureScore: -1 };
    expect(await evaluate(sized, words("bad", "good"), match, options).summary()).toMatchObject({
      score: 0,
      counted: 2,
      candidateFailures: 1,
    });
  });

  test.each<[what: string, metric: () => unknown, message: string]>([
    [
      "that throws",
      () => {
        throw new Error("no reference");
      },
      "no reference",
    ],
    ["that rejects", () => Promise.reject(new Error("later")), "later"],
    ["that gives NaN", () => Number.NaN, "expected a finite number or { score, feedback, objectives }, got NaN"],
    ["that gives infinity", () => ({ score: Infinity }), "expected a finite number"],
    ["that gives nothing", () => undefined, "got nothing"],
    ["that gives true", () => true, "got true"],
    ["that gives a bigint", () => 1n, "got 1"],
    [
      "that is misused",
      () => {
        throw new UsageError("wrong");
      },
      "wrong",
    ],
  ])("a metric %s fails the candidate, with the cost of the run", async (_, metric, message) => {
    const [outcome] = await outcomesOf(words("a"), metric as () => Score, { model: counting });
    expect(outcome).toMatchObject({ ok: false, failure: "candidate", usage: { calls: 1 } });
    const text = outcome?.ok === false ? outcome.error.message : "";
    expect(text).toContain("the metric failed on example 0: ");
    expect(text).toContain(message);
  });

  test("a metric's further keys do not reach the outcome", async () => {
    const metric = (): Score => ({ score: 1, ok: false, index: 9 }) as unknown as Score;
    expect(await outcomesOf(words("a"), metric, { model: counting })).toMatchObject([{ ok: true, score: 1, index: 0 }]);
  });

  test.each<[code: ModelErrorCode, failure: "candidate" | "infrastructure"]>([
    ["context_length", "candidate"],
    ["invalid_request", "candidate"],
    ["unauthorized", "infrastructure"],
    ["unknown_model", "infrastructure"],
    ["bad_response", "infrastructure"],
    ["budget_exhausted", "infrastructure"],
  ])("a model error %s that is not retryable is the %s's at once", async (code, failure) => {
    const model = scriptedModel([new ModelError(code, code)]);
    const outcomes = await outcomesOf(words("a"), match, { model, clock: fakeClock() });
    expect(outcomes).toMatchObject([{ ok: false, failure, error: { cause: { code } } }]);
    expect(outcomes.map((outcome) => scoreOf(outcome, 0.25))).toEqual([failure === "candidate" ? 0.25 : undefined]);
  });

  test("a module that throws is the candidate's failure, one whose inner model fails is the world's", async () => {
    const error = new ModelError("unauthorized", "no key");
    const inner = module("inner", async ({ inputs }) => {
      if (inputs["word"] === "a") throw new Error("bug");
      return (await execute(sized, { word: "x" }, { model: scriptedModel([error]) })).outputs;
    });
    const outer = program({ name: "outer", signature: sized.signature, pipeline: ["inner"] });
    const failures: unknown[] = [];
    for await (const outcome of evaluate(outer, words("a", "b"), match, { modules: [inner], concurrency: 1 }))
      failures.push(outcome.ok || outcome.failure);
    expect(failures).toEqual(["candidate", "infrastructure"]);
  });

  test("misuse is no outcome: it ends the evaluation", async () => {
    const options = { model: counting, overrides: { adapter: "nonsense" } };
    await expect(evaluate(sized, words("a"), match, options).summary()).rejects.toThrow(UsageError);
    const wrong = [{ inputs: { wrd: "a" } as unknown as In, expected: {} }];
    await expect(evaluate(sized, wrong, match, { model: counting }).summary()).rejects.toThrow("the inputs do not fit");
  });
});

describe("the world's failures are tried again", () => {
  const unavailable = new ModelError("unavailable", "503", { retryable: true });
  const good = "[[ ## size ## ]]\n1";

  test("three times, after pauses that double from 200 ms, and then count nowhere", async () => {
    const clock = fakeClock();
    const at: number[] = [];
    const model = scriptedModel(() => (at.push(clock.now()), unavailable));
    const summary = evaluate(sized, words("a"), match, { model, clock }).summary();
    await clock.advance(10_000);
    expect(at).toEqual([0, 200, 600, 1400]);
    expect(await summary).toMatchObject({
      counted: 0,
      infrastructureFailures: 1,
      interval: undefined,
      score: Number.NaN,
    });
    expect((await summary).latencyMs).toEqual({ mean: 1400, max: 1400 });
  });

  test("not before the provider's Retry-After, and never sooner than the doubling pause", async () => {
    const clock = fakeClock();
    const at: number[] = [];
    const limited = (retryAfterMs: number): Error =>
      new ModelError("rate_limited", "429", { retryable: true, retryAfterMs });
    const replies = [limited(5000), limited(1), good];
    const model = scriptedModel((_request, { index }) => (at.push(clock.now()), replies[index] as string | Error));
    const outcomes = outcomesOf(words("a"), match, { model, clock });
    await clock.advance(20_000);
    expect(await outcomes).toMatchObject([{ ok: true, score: 1, latencyMs: 5400 }]);
    expect(at).toEqual([0, 5000, 5400]);
  });

  test("as often as told", async () => {
    const clock = fakeClock();
    const model = scriptedModel(() => unavailable);
    const outcomes = outcomesOf(words("a"), match, { model, clock, retries: 0 });
    await clock.advance(10_000);
    expect(await outcomes).toMatchObject([{ failure: "infrastructure" }]);
    expect(model.calls).toHaveLength(1);
  });

  test("and what the failed tries cost is counted", async () => {
    const clock = fakeClock();
    const usage = { calls: 1, inputTokens: 10, outputTokens: 1, usd: 0.5 };
    const bad = { text: "no number", usage };
    const model = scriptedModel([bad, unavailable, { text: good, usage }]);
    const outcomes = outcomesOf(words("a"), match, { model, clock });
    await clock.advance(10_000);
    expect(await outcomes).toMatchObject([{ ok: true, usage: { calls: 2, inputTokens: 20, outputTokens: 2, usd: 1 } }]);
  });
});

describe("a call that makes no sense is refused at once", () => {
  test.each<[what: string, examples: unknown, options: EvaluateOptions, message: string]>([
    ["no examples", [], {}, "evaluate: expected at least one example, got none"],
    ["an example without inputs", [{ expected: {} }], {}, "evaluate: examples[0] has no inputs"],
    ["an example that is none", [undefined], {}, "evaluate: examples[0] has no inputs"],
    ["a concurrency of 0", words("a"), { concurrency: 0 }, "concurrency: expected a whole number of at least 1, got 0"],
  ])("%s", (_, examples, options, message) => {
    expect(() => evaluate(sized, examples as Example<In, Out>[], match, options)).toThrow(message);
  });
});

describe("a summary", () => {
  const base = { usage: { ...noUsage, calls: 1, usd: 0.5 }, latencyMs: 10 };
  const scored = (index: number, score: number, latencyMs = 10): Outcome => ({
    ok: true,
    score,
    outputs: {},
    history: [],
    index,
    ...base,
    latencyMs,
  });
  const failed = (index: number, failure: "candidate" | "infrastructure"): Outcome => ({
    ok: false,
    failure,
    error: new Error(failure),
    index,
    ...base,
  });

  test("counts scores and candidate's failures, and all that was spent", () => {
    const outcomes = [scored(0, 1), scored(1, 0.5, 40), failed(2, "candidate"), failed(3, "infrastructure")];
    expect(summarize(outcomes)).toEqual({
      score: 0.5,
      interval: [0, 1],
      counted: 3,
      candidateFailures: 1,
      infrastructureFailures: 1,
      usage: { calls: 4, inputTokens: 0, outputTokens: 0, usd: 2 },
      latencyMs: { mean: 17.5, max: 40 },
    });
    expect(summarize(outcomes, 0.75).score).toBe(0.75);
  });

  test("does not depend on the order of the outcomes, but for the interval's chance", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 20 }), (scores) => {
        const outcomes = scores.map((score, index) => scored(index, score));
        const { interval: _, ...forwards } = summarize(outcomes);
        const { interval: __, ...backwards } = summarize(outcomes.toReversed());
        expect(backwards).toEqual(forwards);
      }),
    );
  });

  test("of two hundred thousand outcomes is made", () => {
    const many = Array.from({ length: 200_000 }, (_, index) => failed(index, "infrastructure"));
    expect(summarize(many)).toMatchObject({ counted: 0, latencyMs: { max: 10 } });
  });
});

test("an execution's error is the outcome's error", async () => {
  const [outcome] = await outcomesOf(words("a"), match, { model: answering(() => "none") });
  expect(outcome?.ok === false && outcome.error).toBeInstanceOf(ProgramError);
});

test("a model's error that a module wrapped in one of its own is still the world's failure", async () => {
  const asking = module("predict", () => {
    throw new Error("the search failed", { cause: new ModelError("unavailable", "no connection") });
  });
  const options = { modules: [asking], retries: 0 };
  expect(await outcomesOf(words("a"), match, options)).toMatchObject([{ ok: false, failure: "infrastructure" }]);
});
