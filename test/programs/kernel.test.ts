import { describe, expect, expectTypeOf, test } from "vitest";
import { chainOfThought, execute, ModelError, module, predict, program, ProgramError, signature } from "#programs";
import type { ConfigurationDraft, Context, Execution, LanguageModel, ModelRequest, Program } from "#programs";
import { UsageError } from "#foundation";
import { scriptedModel } from "#testing";

const answer = (text: string): string => `[[ ## reasoning ## ]]\nr\n[[ ## answer ## ]]\n${text}\n[[ ## completed ## ]]`;
const qa = program({ name: "qa", signature: signature("question -> answer") });
const settings = (request: ModelRequest): object =>
  Object.fromEntries(Object.entries(request).filter(([name]) => name !== "messages"));

async function failureOf(run: Promise<unknown>): Promise<ProgramError> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ProgramError);
  return thrown as ProgramError;
}

/** Everything in it frozen: whoever writes to it throws. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

describe("A52: a pipeline of predict and chain_of_thought", () => {
  const two = program({
    name: "two",
    signature: signature("question -> answer"),
    pipeline: ["predict", "chain_of_thought"],
  });

  test("has a history of one entry after the first stage and two after the second", async () => {
    const seen: Context[] = [];
    const look = module("look", (context) => (seen.push(context), {}));
    const watched = program({ ...two, pipeline: ["look", predict(), "look", chainOfThought(), "look"] });
    const { history } = await execute(
      watched,
      { question: "?" },
      { model: scriptedModel(() => answer("a")), modules: [look] },
    );
    const stages = seen.map((context) =>
      context.history.filter((entry) => entry.module !== "look").map(({ stage }) => stage),
    );
    expect(stages).toEqual([[], ["predict"], ["predict", "chain_of_thought"]]);
    expect(history.map(({ stage }) => stage)).toEqual(["look", "predict", "look_2", "chain_of_thought", "look_3"]);
    expect(new Set(seen).size).toBe(3);
  });

  test("leaves inputs, overrides and the program as they were, all the way down", async () => {
    const program = frozen(structuredClone({ ...two, configuration: { demos: [], "predict.temperature": 0.1 } }));
    const inputs = frozen({ question: "?" });
    const overrides = frozen({ predict: { temperature: 0.2 } });
    const model = scriptedModel(() => answer("a"));
    await execute(program as typeof two, inputs, { model, overrides });
    expect(model.calls.map(({ temperature }) => temperature)).toEqual([0.2, 0.5]);
    expect(program.configuration).toEqual({ demos: [], "predict.temperature": 0.1 });
  });

  test("100 executions at once with overrides of their own do not mix", async () => {
    const model: LanguageModel = {
      id: "echo",
      async generate({ messages, temperature }) {
        const question = messages.at(-1)?.content.split("\n")[1] ?? "";
        for (let turn = 0; turn < Number(question) % 7; turn++) await Promise.resolve();
        const text = answer(`${question} at ${temperature}`);
        return {
          text,
          finishReason: "stop",
          usage: { calls: 1, inputTokens: Number(question), outputTokens: 0, usd: 0 },
        };
      },
    };
    const runs = Array.from({ length: 100 }, (_, index) =>
      execute(two, { question: `${index}` }, { model, overrides: { temperature: index / 100 } }),
    );
    for (const [index, { outputs, usage, config, history }] of (await Promise.all(runs)).entries()) {
      expect(outputs).toEqual({ answer: `${index} at ${index / 100}` });
      expect(usage).toEqual({ calls: 2, inputTokens: 2 * index, outputTokens: 0, usd: 0 });
      expect(config).toEqual({ temperature: index / 100 });
      expect(history).toHaveLength(2);
    }
  });
});

describe("A53: a stage that is missing or fails", () => {
  const log: string[] = [];
  const note = module("note", ({ inputs }) => (log.push(JSON.stringify(inputs)), { noted: true }));
  const failing = new ModelError("unavailable", "503", { retryable: true });
  const broken = module("broken", () => {
    throw failing;
  });

  test("an unknown module is an error that names it and those that are known, before anything ran", async () => {
    log.length = 0;
    const typo = program({ name: "p", signature: qa.signature, pipeline: ["note", "chain_of_toughts"] });
    const run = execute(typo, { question: "?" }, { modules: [note], model: scriptedModel([]) });
    await expect(run).rejects.toThrow(
      new UsageError(
        'stage chain_of_toughts: unknown module "chain_of_toughts"; known are note, predict, chain_of_thought, parallel, branch. Those of tutti/programs/modules and your own are brought along: execute(program, inputs, { modules: [chain_of_toughts] })',
      ),
    );
    expect(log).toEqual([]);
  });

  test("the first error ends the pipeline: what ran before stays, what comes after does not run", async () => {
    log.length = 0;
    const three = program({ name: "p", signature: qa.signature, pipeline: ["note", "broken", "note"] });
    const failure = await failureOf(execute(three, { question: "?" }, { modules: [note, broken] }));
    expect(log).toEqual(['{"question":"?"}']);
    expect(failure).toMatchObject({ code: "stage_failed", stage: "broken", retryable: true });
    expect(failure.cause).toBe(failing);
  });

  test("a model's error is the cause, unchanged, and what was spent before it counts", async () => {
    const two = program({ name: "p", signature: qa.signature, pipeline: ["predict", "predict"] });
    const model = scriptedModel([answer("a"), failing], { usage: { inputTokens: 7 } });
    const failure = await failureOf(execute(two, { question: "?" }, { model }));
    expect(failure.cause).toBe(failing);
    expect(failure).toMatchObject({ stage: "predict_2", usage: { calls: 1, inputTokens: 7 } });
  });

  test("an execution within a module hands on its error, its cost and whether to try again", async () => {
    const inner = module(
      "inner",
      async () => (await execute(qa, { question: "?" }, { model: scriptedModel(["", failing]) })).outputs,
    );
    const outer = program({ name: "outer", signature: qa.signature, pipeline: ["inner"] });
    const failure = await failureOf(execute(outer, { question: "?" }, { modules: [inner] }));
    expect(failure).toMatchObject({ code: "stage_failed", stage: "inner", retryable: true, usage: { calls: 1 } });
    expect((failure.cause as ProgramError).cause).toBe(failing);
  });

  test("a caller's mistake passes unchanged, in the second question too", async () => {
    for (const script of [[], ["unusable"]]) {
      const typed = program({ name: "p", signature: signature("q -> size: int") });
      await expect(execute(typed, { q: "" }, { model: scriptedModel(script) })).rejects.toThrow(UsageError);
    }
  });
});

describe("A54: overrides over a stored configuration", () => {
  const stored = program({
    name: "stored",
    signature: signature("question -> answer"),
    pipeline: ["chain_of_thought"],
    configuration: { chain_of_thought: { provider: "anthropic", temperature: 0.2 } },
  });
  const overrides = { chain_of_thought: { temperature: 0.9 } };

  async function requested(options: object): Promise<object> {
    const model = scriptedModel([answer("a")]);
    await execute(stored, { question: "?" }, { model, ...options });
    return settings(model.calls[0] as ModelRequest);
  }

  test("by default an override replaces its path and leaves its neighbours", async () => {
    expect(await requested({ overrides })).toEqual({ provider: "anthropic", temperature: 0.9 });
    expect(await requested({ overrides: { "chain_of_thought.temperature": 0.9 } })).toEqual({
      provider: "anthropic",
      temperature: 0.9,
    });
  });

  test("shallow, a module's settings replace all of them, and the original defaults return", async () => {
    expect(await requested({ overrides, merge: "shallow" })).toEqual({ provider: "openai", temperature: 0.9 });
  });

  test("without overrides the stored values hold, and without those the defaults", async () => {
    expect(await requested({})).toEqual({ provider: "anthropic", temperature: 0.2 });
    const model = scriptedModel([answer("a")]);
    await execute({ ...stored, configuration: {} }, { question: "?" }, { model });
    expect(model.calls.map(settings)).toEqual([{ provider: "openai", temperature: 0.5 }]);
  });

  test("an override of a stage wins over one for all, and undefined overrides nothing", async () => {
    expect(await requested({ overrides: { temperature: 1 } })).toEqual({ provider: "anthropic", temperature: 0.2 });
    expect(await requested({ overrides: { "chain_of_thought.temperature": undefined } })).toEqual({
      provider: "anthropic",
      temperature: 0.2,
    });
  });

  test.each([
    [{ "predict.temprature": 1 }, "predict.temprature: settings of predict are instructions"],
    [{ "predct.temperature": 1 }, "there is no stage predct; stages are predict"],
    [{ temprature: 1 }, "temprature: settings are instructions"],
  ])("a program's own setting that nobody would read, %j, is refused every time", async (configuration, message) => {
    const misspelt = program({
      name: "p",
      signature: signature("question -> answer"),
      configuration,
    });
    const model = scriptedModel(() => answer("a"));
    for (let time = 0; time < 2; time++)
      await expect(execute(misspelt, { question: "?" }, { model })).rejects.toThrow(message);
    expect(model.calls).toEqual([]);
  });

  test("the execution tells the configuration that it used", async () => {
    const { config } = await execute(stored, { question: "?" }, { model: scriptedModel([answer("a")]), overrides });
    expect(config).toEqual({ "chain_of_thought.provider": "anthropic", "chain_of_thought.temperature": 0.9 });
  });

  test.each<[overrides: unknown, message: string]>([
    [{ at: new Date(0) }, "configuration: expected an object of JSON values, but at is a Date"],
    [[1], "configuration: expected an object of JSON values, but a list of 1 came"],
    ["temperature=1", 'configuration: expected an object of JSON values, but "temperature=1" came'],
  ])("%j is no configuration", async (wrong, message) => {
    const run = execute(
      stored,
      { question: "?" },
      { overrides: wrong as ConfigurationDraft, model: scriptedModel([]) },
    );
    await expect(run).rejects.toThrow(new UsageError(message));
  });
});

describe("an execution", () => {
  test("R165: begins with the inputs, no outputs, the configuration, no history and status ok", async () => {
    let first: Context | undefined;
    const look = module("look", (context) => ((first = context), { answer: "a" }));
    const looking = program({ name: "p", signature: qa.signature, pipeline: ["look"], configuration: { depth: 1 } });
    await execute(looking, { question: "?" }, { modules: [look], overrides: { depth: 2 } });
    expect(first).toEqual({ inputs: { question: "?" }, outputs: {}, config: { depth: 2 }, history: [], status: "ok" });
  });

  test("R166: every stage gets what the stages before it produced, and a later value of a name wins", async () => {
    const add = module("add", ({ outputs }) => ({ answer: `${String(outputs["answer"] ?? "")}+` }));
    const thrice = program({ name: "p", signature: qa.signature, pipeline: ["add", "add", "add"] });
    const { outputs, history } = await execute(thrice, { question: "?" }, { modules: [add] });
    expect(outputs).toEqual({ answer: "+++" });
    expect(history.map((entry) => entry.outputs)).toEqual([{ answer: "+" }, { answer: "++" }, { answer: "+++" }]);
  });

  test("R168: modules are found by name without regard to case and underscores, one's own first", async () => {
    for (const name of ["chain_of_thought", "chainOfThought", "ChainOfThought"]) {
      const thinking = program({ name: "p", signature: qa.signature, pipeline: [name] });
      const { history } = await execute(thinking, { question: "?" }, { model: scriptedModel([answer("a")]) });
      expect(history[0]).toMatchObject({ module: "chain_of_thought", outputs: { reasoning: "r", answer: "a" } });
    }
    const own = module("PREDICT", () => ({ answer: "mine" }));
    expect((await execute(qa, { question: "?" }, { modules: [own] })).outputs).toEqual({ answer: "mine" });
  });

  test("gives exactly the signature's outputs, whatever else the stages produced", async () => {
    const rich = module("rich", () => ({ answer: "a", score: 1 }));
    const run = await execute(
      program({ name: "p", signature: qa.signature, pipeline: ["rich"] }),
      { question: "?" },
      { modules: [rich] },
    );
    expect(run.outputs).toEqual({ answer: "a" });
    expect(run.history[0]?.outputs).toEqual({ answer: "a", score: 1 });
    expectTypeOf(run).toEqualTypeOf<Execution<{ answer: string }>>();
  });

  test("whose outputs do not fit the signature fails with what is wrong and what it cost", async () => {
    const typed = program({
      name: "typed",
      signature: signature("question -> answer: int, reason"),
      pipeline: [predict({ signature: signature("question -> answer") })],
    });
    const model = scriptedModel([answer("many")], { usage: { usd: 0.5 } });
    const failure = await failureOf(execute(typed, { question: "?" }, { model }));
    expect(failure).toMatchObject({ code: "wrong_outputs", usage: { calls: 1, usd: 0.5 }, stage: undefined });
    expect(failure.message).toBe(
      'typed: the pipeline\'s outputs do not fit: answer: expected int, got "many"; reason: expected string, got nothing',
    );
  });

  test("lets stages have signatures of their own, each fed from the inputs and the outputs before", async () => {
    const chain = program({
      name: "chain",
      signature: signature("article -> headline"),
      pipeline: [
        predict({ id: "sum", signature: signature("article -> summary") }),
        predict({ id: "head", signature: signature("summary -> headline") }),
      ],
      configuration: { sum: { temperature: 0 }, "head.temperature": 1 },
    });
    const model = scriptedModel(["[[ ## summary ## ]]\nshort", "[[ ## headline ## ]]\nBIG"]);
    const { outputs } = await execute(chain, { article: "long" }, { model });
    expect(outputs).toEqual({ headline: "BIG" });
    expect(model.calls.map(({ messages }) => messages.at(-1)?.content)).toEqual([
      "[[ ## article ## ]]\nlong",
      "[[ ## summary ## ]]\nshort",
    ]);
    expect(model.calls.map(({ temperature }) => temperature)).toEqual([0, 1]);
  });

  test("of a program that was stored as JSON is the same", async () => {
    const source = program({
      name: "stored",
      signature: signature('ticket, tags?: list[str] -> queue: "billing" | "tech"'),
      pipeline: [chainOfThought({ id: "think" })],
      configuration: { think: { temperature: 0, demos: [{ inputs: { ticket: "a" }, outputs: { queue: "tech" } }] } },
    });
    const read = JSON.parse(JSON.stringify(source)) as typeof source;
    const requests = [source, read].map(async (each) => {
      const model = scriptedModel(["[[ ## reasoning ## ]]\nr\n[[ ## queue ## ]]\nbilling"]);
      const { outputs, history } = await execute(each, { ticket: "x" }, { model });
      return { outputs, history, calls: model.calls };
    });
    const [before, after] = await Promise.all(requests);
    expect(after).toEqual(before);
  });
});

describe("inputs that do not fit are refused before anything runs", () => {
  const typed = program({ name: "typed", signature: signature("question, k?: int -> answer") });

  test.each<[what: string, inputs: unknown, issues: string[]]>([
    ["missing", {}, ["question: expected string, got nothing"]],
    ["of another type", { question: 5, k: "1" }, ["question: expected string, got 5", 'k: expected int, got "1"']],
    ["too many", { question: "?", qestion: "?" }, ["qestion: not an input; inputs are question, k"]],
    ["no object", "question", [': expected an object, got "question"']],
  ])("%s", async (_, inputs, issues) => {
    const model = scriptedModel([]);
    const run = execute(typed, inputs as { question: string }, { model });
    await expect(run).rejects.toThrow(new UsageError("typed: the inputs do not fit", issues));
    expect(model.calls).toEqual([]);
  });
});

describe("the model of a stage", () => {
  const strong = scriptedModel(() => answer("strong"), { id: "strong" });
  const weak = scriptedModel(() => answer("weak"), { id: "weak" });
  const ask = async (configuration: object, options: object): Promise<string> =>
    (await execute({ ...qa, configuration } as typeof qa, { question: "?" }, options)).outputs.answer;

  test("is the given one, or the one that the configuration names", async () => {
    expect(await ask({}, { model: weak })).toBe("weak");
    expect(await ask({ model: "big" }, { model: weak, models: { big: strong } })).toBe("strong");
    expect(await ask({ model: "weak" }, { model: weak })).toBe("weak");
    expect(await ask({ model: "weak", "predict.model": "big" }, { model: weak, models: { big: strong } })).toBe(
      "strong",
    );
  });

  test("is asked for when there is none, and an unknown name lists the known ones", async () => {
    await expect(ask({}, {})).rejects.toThrow(
      new UsageError("stage predict: no model to ask. Pass one: execute(program, inputs, { model })"),
    );
    await expect(ask({ model: "huge" }, { model: weak, models: { big: strong } })).rejects.toThrow(
      new UsageError('configuration predict.model: unknown model "huge"; known are big, weak'),
    );
    await expect(ask({ model: "toString" }, { models: {} })).rejects.toThrow("known are none");
    await expect(ask({ model: 5 }, {})).rejects.toThrow("configuration predict.model: unknown model 5");
  });
});

describe("an abort", () => {
  const reason = new Error("the caller has gone");

  test("before the start runs nothing and rejects with its reason", async () => {
    const model = scriptedModel([]);
    const run = execute(qa, { question: "?" }, { model, signal: AbortSignal.abort(reason) });
    await expect(run).rejects.toBe(reason);
    expect(model.calls).toEqual([]);
  });

  test("during a call passes its reason unchanged, whatever the model rejects with", async () => {
    const controller = new AbortController();
    const model = scriptedModel((_request, { signal }) => {
      expect(signal).toBe(controller.signal);
      controller.abort(reason);
      throw new ModelError("unavailable", "socket closed");
    });
    await expect(execute(qa, { question: "?" }, { model, signal: controller.signal })).rejects.toBe(reason);
  });

  test("between stages starts no further one", async () => {
    const controller = new AbortController();
    let started = false;
    const stop = module("stop", () => (controller.abort(reason), {}));
    const next = module("next", () => ((started = true), {}));
    const two = program({ name: "p", signature: qa.signature, pipeline: ["stop", "next"] });
    const run = execute(two, { question: "?" }, { modules: [stop, next], signal: controller.signal });
    await expect(run).rejects.toBe(reason);
    expect(started).toBe(false);
  });
});

test("the rollout reaches the model's request, and 0 is not written", async () => {
  const model = scriptedModel(() => answer("a"));
  const run = (rollout?: number): Promise<unknown> => execute(qa, { question: "?" }, { model, rollout });
  await run();
  await run(0);
  await run(3);
  expect(model.calls.map(settings)).toEqual([{}, {}, { rollout: 3 }]);
});

test("a program's type survives a program without types", () => {
  expectTypeOf<Program<{ a: string }, { b: number }>>().toExtend<Program>();
});
