import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { ModelError, module, program, signature } from "#programs";
import type { Values } from "#programs";
import { executePipeline } from "#programs/pipelines";
import type { FunctionStage, OnError, PipelineResult, PipelineStage, StageRun } from "#programs/pipelines";
import { scriptedModel } from "#testing";

type Work = FunctionStage["run"];
const stage = (id: string, run: Work, needs?: readonly string[]): FunctionStage => ({
  type: "function",
  id,
  run,
  ...(needs === undefined ? {} : { needs }),
});
const gives = (id: string, needs?: readonly string[]): FunctionStage => stage(id, () => ({ [id]: true }), needs);

/** Ends when it is told to. */
interface Gated {
  readonly work: Work;
  readonly started: () => boolean;
  readonly finish: (values?: Values) => void;
}

function gated(): Gated {
  const { promise, resolve } = Promise.withResolvers<Values>();
  let started = false;
  return { work: () => ((started = true), promise), started: () => started, finish: (values = {}) => resolve(values) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a pipeline's values", () => {
  test("are the inputs and, over them, the outputs of all that came before, merged and by stage id", async () => {
    const seen: [values: Values, stages: StageRun["stages"]][] = [];
    const look =
      (outputs: Values): Work =>
      (values, { stages }) => (seen.push([values, stages]), outputs);
    const stages = [stage("a", look({ x: 1, y: 1 })), stage("b", look({ x: 2 })), stage("c", look({ z: 3 }))];
    const result = await executePipeline(stages, { goal: "g", y: 0 });
    expect(seen).toEqual([
      [{ goal: "g", y: 0 }, {}],
      [{ goal: "g", x: 1, y: 1 }, { a: { x: 1, y: 1 } }],
      [
        { goal: "g", x: 2, y: 1 },
        { a: { x: 1, y: 1 }, b: { x: 2 } },
      ],
    ]);
    expect(result).toMatchObject({ ok: true, outputs: { x: 2, y: 1, z: 3 }, errors: [] });
    expect(result.stageResults["b"]).toMatchObject({ outputs: { x: 2 }, attempts: 1 });
  });

  test("do not reach a stage that needs nothing", async () => {
    let seen: Values = {};
    await executePipeline([gives("a"), stage("b", (values) => ((seen = values), {}), [])], { goal: "g" });
    expect(seen).toEqual({ goal: "g" });
  });

  test("reach a program by the names of its signature, and what it spends is counted", async () => {
    const shout = program({ name: "shout", signature: signature("word, all: json -> loud") });
    const model = scriptedModel(["[[ ## loud ## ]]\nHEY"], { usage: { inputTokens: 5 } });
    const stages: PipelineStage[] = [
      stage("all", () => ({ word: "hey", other: 1 })),
      { type: "program", program: shout, overrides: { "predict.temperature": 0.1 } },
    ];
    const result = await executePipeline(stages, { word: "no" }, { model });
    expect(result.outputs).toEqual({ word: "hey", other: 1, loud: "HEY" });
    expect(result.usage).toMatchObject({ calls: 1, inputTokens: 5 });
    expect(model.calls[0]).toMatchObject({ temperature: 0.1 });
    expect(model.calls[0]?.messages.at(-1)?.content).toContain('{"word":"hey","other":1}');
  });

  test("that a program takes and nobody gave are that stage's failure", async () => {
    const shout = program({ name: "shout", signature: signature("word -> loud") });
    const result = await executePipeline([{ type: "program", program: shout }], { goal: "g" });
    expect(result).toMatchObject({ ok: false, failure: { stage: "shout" } });
    expect(result.errors[0]?.error.message).toBe("shout takes word, which nobody before it gave");
  });

  test("are judged by a validation, which gives none itself", async () => {
    const check = (limit: number): PipelineStage => ({
      type: "validation",
      check: ({ n }) => (Number(n) < limit ? [] : [`n is not below ${limit}`]),
    });
    expect(await executePipeline([check(3), check(2)], { n: 1 })).toMatchObject({ ok: true, outputs: {} });
    const refused = await executePipeline([check(3), check(1)], { n: 1 });
    expect(Object.keys(refused.stageResults)).toEqual(["validation"]);
    expect(refused.errors).toMatchObject([
      { stage: "validation_2", error: { message: "not valid: n is not below 1" } },
    ]);
  });
});

test("A6: a → (b, c) → d: b and c overlap, and d sees both by id", async () => {
  const [b, c] = [gated(), gated()];
  let seen: StageRun["stages"] = {};
  const run = executePipeline(
    {
      id: "diamond",
      stages: [
        gives("a", []),
        stage("b", b.work, ["a"]),
        stage("c", c.work, ["a"]),
        stage("d", (_, { stages }) => ((seen = stages), {}), ["b", "c"]),
      ],
    },
    {},
  );
  await settled();
  expect([b.started(), c.started()]).toEqual([true, true]);
  c.finish({ from: "c" });
  await settled();
  expect(seen).toEqual({});
  b.finish({ from: "b" });
  // Whoever ends last does not matter: the stages' order decides whose value is merged.
  expect(await run).toMatchObject({ ok: true, outputs: { a: true, from: "c" } });
  expect(seen).toEqual({ a: { a: true }, b: { from: "b" }, c: { from: "c" } });
});

test("a stage waits for its own needs only", async () => {
  const slow = gated();
  const after = gated();
  const run = executePipeline([stage("slow", slow.work, []), gives("quick", []), stage("after", after.work)], {});
  await settled();
  expect([slow.started(), after.started()]).toEqual([true, true]);
  slow.finish();
  after.finish();
  await run;
});

test("no more stages run at once than the concurrency says", async () => {
  const all = [gated(), gated(), gated()];
  const stages = all.map(({ work }, n) => stage(`s${n}`, work, []));
  const run = executePipeline(stages, {}, { concurrency: 2 });
  await settled();
  expect(all.map(({ started }) => started())).toEqual([true, true, false]);
  all[1]?.finish();
  await settled();
  expect(all.map(({ started }) => started())).toEqual([true, true, true]);
  for (const { finish } of all) finish();
  await run;
});

test("A7: a bare list and a pipeline give equal results", async () => {
  const stages = [gives("a"), stage("b", ({ a }) => ({ b: [a] })), gives("c")];
  const results = [await executePipeline(stages, { n: 1 }), await executePipeline({ id: "p", stages }, { n: 1 })];
  expect(results[0]).toEqual(results[1]);
  expect(results[0]?.outputs).toEqual({ a: true, b: [true], c: true });
});

describe("A5: when stage 2 of 3 fails,", () => {
  let attempts = 0;
  let seen: Values | undefined;
  const run = (onError?: OnError, failures = Infinity): Promise<PipelineResult> => {
    [attempts, seen] = [0, undefined];
    const flaky: Work = () => {
      if (++attempts <= failures) throw new Error(`no ${attempts}`);
      return { two: attempts };
    };
    const stages = [
      stage("one", () => ({ one: 1 })),
      stage("two", flaky),
      stage("three", (values) => ((seen = values), { three: 3 })),
    ];
    return executePipeline(stages, {}, onError === undefined ? {} : { onError });
  };

  test("fail_fast ends with stage 1's result only", async () => {
    const result = await run();
    expect(result).toMatchObject({ ok: false, failure: { stage: "two", attempts: 1, error: { message: "no 1" } } });
    expect(Object.keys(result.stageResults)).toEqual(["one"]);
    expect(result.outputs).toEqual({ one: 1 });
    expect([attempts, seen]).toEqual([1, undefined]);
  });

  test("continue_on_error runs stage 3 on stage 1's outputs and lists the error", async () => {
    const result = await run("continue_on_error");
    expect(result).toMatchObject({ ok: true, outputs: { one: 1, three: 3 } });
    expect(seen).toEqual({ one: 1 });
    expect(result.errors).toEqual([{ stage: "two", attempts: 1, error: new Error("no 1") }]);
    expect(Object.keys(result.stageResults)).toEqual(["one", "three"]);
  });

  test("retries make 1 + maxRetries attempts, then it ends as fail_fast", async () => {
    const result = await run({ maxRetries: 2 });
    expect(result).toMatchObject({ ok: false, failure: { stage: "two", attempts: 3, error: { message: "no 3" } } });
    expect([attempts, seen]).toEqual([3, undefined]);
  });

  test("a retry that succeeds goes on", async () => {
    const result = await run({ maxRetries: 2 }, 1);
    expect(result).toMatchObject({ ok: true, outputs: { one: 1, two: 2, three: 3 }, errors: [] });
    expect(result.stageResults["two"]?.attempts).toBe(2);
  });
});

test("a program is asked anew on a retry, as another rollout, and failed attempts are paid for", async () => {
  const answer = program({ name: "answer", signature: signature("question -> n: int") });
  const replies = ["?", "??", "[[ ## n ## ]]\n7"];
  const model = scriptedModel(replies);
  const result = await executePipeline(
    [{ type: "program", program: answer }],
    { question: "q" },
    { model, onError: { maxRetries: 1 } },
  );
  expect(result).toMatchObject({ ok: true, outputs: { n: 7 }, usage: { calls: 3 } });
  expect(model.calls.map(({ rollout }) => rollout)).toEqual([undefined, undefined, 1]);
});

test("a failure aborts what is in flight, drops its late result and starts nothing", async () => {
  let signal: AbortSignal | undefined;
  const slow = gated();
  const bad = Promise.withResolvers<Values>();
  const run = executePipeline(
    [
      stage("slow", (values, call) => ((signal = call.signal), slow.work(values, call)), []),
      stage("bad", () => bad.promise, []),
      gives("next", ["slow"]),
    ],
    {},
  );
  await settled();
  bad.reject(new Error("no"));
  expect(await run).toMatchObject({ ok: false, failure: { stage: "bad" }, stageResults: {} });
  expect(signal?.aborted).toBe(true);
  slow.finish();
});

test("the caller's signal ends it with its reason, even past a stage that does not listen", async () => {
  const controller = new AbortController();
  const slow = gated();
  const run = executePipeline(
    [stage("slow", slow.work), gives("next")],
    {},
    { signal: controller.signal, onError: "continue_on_error" },
  );
  await settled();
  controller.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
  await expect(executePipeline([gives("a")], {}, { signal: controller.signal })).rejects.toThrow("enough");
});

test("a stage that gives the pipeline up itself is not waited for", async () => {
  const controller = new AbortController();
  const last = stage("last", () => (controller.abort(new Error("enough")), new Promise(() => {})));
  await expect(executePipeline([last], {}, { signal: controller.signal })).rejects.toThrow("enough");
});

test("misuse inside a stage is no outcome, and aborts what is in flight", async () => {
  let signal: AbortSignal | undefined;
  const never = stage("never", (_, call) => ((signal = call.signal), new Promise(() => {})), []);
  const misused = (): Values => {
    throw new UsageError("called wrongly");
  };
  const stages = [never, stage("misused", misused, [])];
  await expect(executePipeline(stages, {}, { onError: "continue_on_error" })).rejects.toThrow("called wrongly");
  expect(signal?.aborted).toBe(true);
});

test("a model's error is the stage's error with its cause, and whatever is thrown becomes an error", async () => {
  const unavailable = new ModelError("unavailable", "503", { retryable: true });
  const ask = program({ name: "ask", signature: signature("q -> a"), pipeline: ["own"] });
  const own = module("own", () => Promise.reject(unavailable));
  const stages: PipelineStage[] = [
    { type: "program", program: ask },
    stage("text", () => Promise.reject("just text")),
    stage("list", () => [] as unknown as Values),
  ];
  const { errors } = await executePipeline(stages, { q: "?" }, { modules: [own], onError: "continue_on_error" });
  expect(errors.map(({ stage: id, error }) => [id, error.message])).toEqual([
    ["ask", "stage own failed: 503"],
    ["text", "just text"],
    ["list", "expected an object of outputs, got a list of 0"],
  ]);
  expect(errors[0]?.error.cause).toBe(unavailable);
});

describe("what is no pipeline is refused before anything runs:", () => {
  let ran = false;
  const note = stage("note", () => ((ran = true), {}));
  const wrong = (value: unknown): PipelineStage[] => value as PipelineStage[];
  test.each([
    ["no stages", wrong([]), {}, {}, "expected a list of stages or { id, stages }, got a list of 0"],
    ["a text", wrong("abc"), {}, {}, 'expected a list of stages or { id, stages }, got "abc"'],
    ["inputs that are no object", [note], [1], {}, "expected an object of inputs, got a list of 1"],
    [
      "an unknown type",
      wrong([note, { type: "shell" }]),
      {},
      {},
      'pipeline.stages[1]: expected a stage of type program, function, validation, got "shell"',
    ],
    ["a type that every object has", wrong([note, { type: "toString" }]), {}, {}, 'got "toString"'],
    [
      "a program that is none",
      wrong([note, { type: "program", program: "qa" }]),
      {},
      {},
      'expected program(…) as its program, got "qa"',
    ],
    [
      "a function that is none",
      wrong([note, { type: "function" }]),
      {},
      {},
      "expected a function as its run, got nothing",
    ],
    [
      "a check that is none",
      wrong([note, { type: "validation" }]),
      {},
      {},
      "expected a function as its check, got nothing",
    ],
    ["an id twice", [note, note], {}, {}, 'stages[1].id: expected an id of its own, got "note" again'],
    ["an unknown need", [note, gives("a", ["z"])], {}, {}, 'stages[1].needs[0]: expected an id of stages, got "z"'],
    [
      "a cycle",
      [note, gives("a", ["b"]), gives("b", ["a"])],
      {},
      {},
      "stages: expected no cycle, got a needs b needs a",
    ],
    ["a concurrency of 0", [note], {}, { concurrency: 0 }, "concurrency: expected a whole number of at least 1, got 0"],
    [
      "an unknown answer to errors",
      [note],
      {},
      { onError: "retry" as OnError },
      'onError: expected "fail_fast", "continue_on_error" or { maxRetries: 0, 1, … }, got "retry"',
    ],
    ["half a retry", [note], {}, { onError: { maxRetries: 0.5 } }, "got maxRetries 0.5"],
  ])("%s", async (_, stages, inputs, options, message) => {
    ran = false;
    const run = executePipeline(stages, inputs as Values, options);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(message);
    expect(ran).toBe(false);
  });
});
