import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import {
  branch,
  chainOfThought,
  checkProgram,
  execute,
  module,
  parallel,
  predict,
  program,
  ProgramError,
  readProgram,
  signature,
  writeProgram,
} from "#programs";
import type { ExecuteOptions, Module, Program, StageDraft } from "#programs";
import { standardSpace } from "#programs/presets";
import { memoryStore } from "#storage/memory";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";

/** Answers each output that is asked for with its name, and a reasoning where one is. */
function namingModel(): ScriptedModel {
  return scriptedModel(
    ({ messages }) => {
      const form = messages[0]?.content ?? "";
      const names = [...form.matchAll(/^\[\[ ## (\w+) ## \]\]$/gm)].map((match) => match[1] as string);
      return names.map((name) => (name === "completed" ? "" : `[[ ## ${name} ## ]]\n${name}!`)).join("\n");
    },
    { usage: { inputTokens: 10, usd: 1 } },
  );
}

const [mood, topic] = [signature("text -> mood"), signature("text -> topic")];
const both = program({
  name: "both",
  signature: signature("text -> mood, topic"),
  pipeline: [parallel({ feel: predict({ signature: mood }), about: chainOfThought({ signature: topic }) })],
});

describe("parallel", () => {
  test("runs its stages on the same context, merges what they give and counts all in their order", async () => {
    const { outputs, history, usage } = await execute(both, { text: "t" }, { model: namingModel() });
    expect(outputs).toEqual({ mood: "mood!", topic: "topic!" });
    expect(history.map(({ stage, module: name, usage: { calls } }) => [stage, name, calls])).toEqual([
      ["parallel.feel", "predict", 1],
      ["parallel.about", "chain_of_thought", 1],
      ["parallel", "parallel", 0],
    ]);
    expect(history[1]?.outputs).toEqual({ reasoning: "reasoning!", topic: "topic!" });
    expect(usage).toEqual({ calls: 2, inputTokens: 20, outputTokens: 0, usd: 2 });
  });

  test("runs them at once", async () => {
    const gate = Promise.withResolvers<void>();
    let started = 0;
    const wait = (name: string): Module =>
      module(name, async () => {
        if (++started === 2) gate.resolve();
        await gate.promise;
        return { [name]: name };
      });
    const two = program({
      name: "two",
      signature: signature("text -> mood, topic"),
      pipeline: [
        parallel({ a: { module: "mood", signature: mood }, b: { module: "topic", signature: topic } }, { id: "both" }),
      ],
    });
    const { outputs } = await execute(two, { text: "t" }, { modules: [wait("mood"), wait("topic")] });
    expect(outputs).toEqual({ mood: "mood", topic: "topic" });
  });

  test("takes settings for one stage, for all inside it and for all, the nearest first", async () => {
    const model = namingModel();
    const overrides = { temperature: 0.1, "parallel.temperature": 0.2, parallel: { about: { temperature: 0.3 } } };
    await execute(both, { text: "t" }, { model, overrides });
    expect(model.calls.map(({ temperature }) => temperature)).toEqual([0.2, 0.3]);
    const wrong = execute(both, { text: "t" }, { model, overrides: { "parallel.fool.temperature": 1 } });
    await expect(wrong).rejects.toThrow(
      "there is no stage parallel.fool; stages are parallel, parallel.feel, parallel.about",
    );
    const unread = execute(both, { text: "t" }, { model, overrides: { "parallel.feel.n": 1 } });
    await expect(unread).rejects.toThrow("parallel.feel.n: settings of parallel.feel are instructions");
  });

  test("the first failure aborts the others, and what the finished ones spent is told", async () => {
    let aborted = false;
    const hang = module("hang", (_, { signal }) => {
      signal?.addEventListener("abort", () => (aborted = true));
      return new Promise(() => {});
    });
    const fail = module("fail", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("no luck");
    });
    const three = program({
      name: "three",
      signature: signature("text -> mood, topic"),
      pipeline: [
        parallel({
          a: predict({ signature: mood }),
          b: { module: "fail", signature: topic },
          c: { module: "hang", signature: signature("text -> other") },
        }),
      ],
    });
    const run = execute(three, { text: "t" }, { model: namingModel(), modules: [hang, fail] });
    const error = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProgramError);
    expect(error).toMatchObject({ stage: "parallel.b", usage: { calls: 1, usd: 1 } });
    expect((error as Error).message).toBe("stage parallel.b failed: no luck");
    expect(aborted).toBe(true);
  });

  test("two that promise one output are refused when the program is made, unless a branch takes only one", () => {
    const make = (pipeline: Parameters<typeof parallel>[0]): Program =>
      program({ name: "p", signature: signature("text -> mood, topic"), pipeline: [parallel(pipeline)] });
    expect(() => make({ a: predict({ signature: mood }), b: predict({ signature: mood }) })).toThrow(
      new UsageError(
        "program p.pipeline.parallel: a and b would both give mood. Give each a signature with outputs of its own",
      ),
    );
    expect(() => make({ a: "predict", b: "predict" })).toThrow("would both give mood");
    const cases = { x: predict({ signature: mood }), y: chainOfThought({ signature: mood }) };
    expect(() => make({ a: branch({ cases }), b: predict({ signature: mood }) })).toThrow("would both give mood");
    expect(() => make({ a: branch({ cases }), b: predict({ signature: topic }) })).not.toThrow();
  });

  test("what two give beyond their signatures stays in the history", async () => {
    const reasoned = program({
      name: "reasoned",
      signature: signature("text -> mood, topic"),
      pipeline: [parallel({ a: chainOfThought({ signature: mood }), b: chainOfThought({ signature: topic }) })],
    });
    const { history } = await execute(reasoned, { text: "t" }, { model: namingModel() });
    expect(history.map(({ outputs }) => Object.keys(outputs))).toEqual([
      ["reasoning", "mood"],
      ["reasoning", "topic"],
      ["mood", "topic"],
    ]);
  });

  test("the caller's abort ends it with its reason", async () => {
    const controller = new AbortController();
    const stop = module("stop", () => (controller.abort(new Error("enough")), new Promise(() => {})));
    const one = program({ name: "one", signature: mood, pipeline: [parallel({ a: "stop" })] });
    await expect(execute(one, { text: "t" }, { modules: [stop], signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("branch", () => {
  const reply = (name: string): Module => module(name, () => ({ answer: name }));
  const modules = [reply("bill"), reply("fix"), reply("shrug")];
  const run = (target: Program, options: ExecuteOptions = {}, kind = "billing"): Promise<unknown> =>
    execute(target, { kind }, { modules, ...options }).then(({ outputs }) => outputs);
  const desk = program({
    name: "desk",
    signature: signature("kind -> answer"),
    pipeline: [branch({ on: "kind", cases: { billing: "bill", tech: "fix" }, otherwise: "shrug" })],
  });

  test("chooses by a value, and otherwise where none fits", async () => {
    expect(await run(desk)).toEqual({ answer: "bill" });
    expect(await run(desk, {}, "tech")).toEqual({ answer: "fix" });
    expect(await run(desk, {}, "constructor")).toEqual({ answer: "shrug" });
  });

  test("an output wins over an input of the same name, and only the chosen stage runs", async () => {
    const route = module("route", () => ({ kind: "tech" }));
    const routed = program({ ...desk, pipeline: ["route", ...desk.pipeline] });
    const { history } = await execute(routed, { kind: "billing" }, { modules: [...modules, route] });
    expect(history.map(({ stage }) => stage)).toEqual(["route", "branch.tech", "branch"]);
  });

  test("chooses by its setting `case`, which is a variable of the standard space", async () => {
    const two = program({
      name: "two",
      signature: desk.signature,
      pipeline: [branch({ cases: { quick: "bill", slow: "fix" } })],
      configuration: { "branch.case": "slow" },
    });
    expect(await run(two)).toEqual({ answer: "fix" });
    expect(await run(two, { overrides: { "branch.case": "quick" } })).toEqual({ answer: "bill" });
    await expect(run(two, { overrides: { "branch.case": "third" } })).rejects.toThrow(
      new UsageError('configuration branch.case: expected one of quick, slow, got "third"'),
    );
    const { variables } = standardSpace(two, { modules });
    expect(Object.values(variables)).toMatchObject([
      { name: "branch.case", options: ["quick", "slow"], default: "slow" },
    ]);
  });

  test("has no such variable where a value decides", () => {
    expect(standardSpace(desk, { modules }).variables).toEqual([]);
  });

  test("a value that is no case, where nothing is for the others, is the stage's failure", async () => {
    const strict = program({
      ...desk,
      pipeline: [branch({ on: "kind", cases: { billing: "bill", tech: "fix" } })],
    });
    const error = await run(strict, {}, "other").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProgramError);
    expect((error as Error).message).toBe(
      'stage branch failed: expected "kind" to be one of billing, tech, got "other"',
    );
  });

  test("no stages are refused, here and in parallel", () => {
    for (const given of [undefined, {}, [], "predict"]) {
      expect(() => branch({ cases: given as never })).toThrow(
        /^branch\.cases: expected at least one stage by its name/,
      );
      expect(() => parallel(given as never)).toThrow(/^parallel: expected at least one stage by its name/);
    }
  });

  test("two stages for `otherwise` are refused", () => {
    expect(() => branch({ cases: { otherwise: "bill" }, otherwise: "fix" })).toThrow(UsageError);
  });
});

describe("stages inside stages", () => {
  test("are plain data: a program with them is stored, read and runs the same", async () => {
    const store = memoryStore();
    const nested = program({
      name: "nested",
      signature: signature("text -> mood, topic"),
      pipeline: [
        parallel({
          feel: branch({ cases: { short: predict({ signature: mood }), long: chainOfThought({ signature: mood }) } }),
          about: predict({ signature: topic }),
        }),
      ],
      configuration: { "parallel.feel.case": "long" },
    });
    expect(JSON.parse(JSON.stringify(nested))).toEqual(nested);
    await writeProgram(
      store,
      { id: "nested" as never, program: nested, spaceId: undefined, performance: undefined, createdAt: 0 },
      0,
    );
    const stored = await readProgram(store, "nested");
    expect(stored?.program).toEqual(nested);
    const { history } = await execute(stored?.program ?? nested, { text: "t" }, { model: namingModel() });
    expect(history.map(({ stage }) => stage)).toEqual([
      "parallel.feel.long",
      "parallel.feel",
      "parallel.about",
      "parallel",
    ]);
  });

  test("are checked like the others: modules, models and settings", () => {
    const unknown = program({ name: "p", signature: mood, pipeline: [parallel({ a: "predcit" })] });
    expect(() => checkProgram(unknown, {})).toThrow('stage parallel.a: unknown module "predcit"');
    const configured = (path: string): Program => ({ ...both, configuration: { [path]: "x" } });
    expect(() => checkProgram(configured("parallel.feel.model"), {})).toThrow("configuration parallel.feel.model");
    expect(() => checkProgram(configured("parallel.model"), {})).toThrow("unknown model");
    expect(() => checkProgram(configured("parallel.feel.modle"), {})).toThrow("nobody would read this");
  });

  test("have variables of their own in the standard space", () => {
    const { variables } = standardSpace(both, { settings: ["temperature"] });
    expect(Object.values(variables)).toMatchObject([
      { name: "parallel.feel.temperature", default: 0 },
      { name: "parallel.about.temperature", default: 0.5 },
    ]);
  });

  test("are not inside one another without end", () => {
    const nested = (depth: number): StageDraft =>
      depth === 0 ? { module: "predict" } : parallel({ inner: nested(depth - 1) });
    const make = (depth: number): Program => program({ name: "p", signature: mood, pipeline: [nested(depth)] });
    expect(() => make(16)).not.toThrow();
    expect(() => make(17)).toThrow("expected at most 16 stages inside one another");
  });

  test("have ids that can be told apart", () => {
    const make = (pipeline: Parameters<typeof program>[0]["pipeline"]): Program =>
      program({ name: "p", signature: mood, ...(pipeline === undefined ? {} : { pipeline }) });
    expect(() => make([parallel({ "a.b": "predict" })])).toThrow('without "." and "/"');
    expect(() => make([parallel({ a: "predict" }), predict({ id: "parallel.a" })])).toThrow(
      "two stages have the path parallel.a",
    );
  });
});
