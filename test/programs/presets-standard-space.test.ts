import { describe, expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import { checkProgram, execute, module, program, signature } from "#programs";
import { standardSpace } from "#programs/presets";
import type { Module, ModelRequest, Program } from "#programs";
import type { StandardSpaceOptions } from "#programs/presets";
import { scriptedModel } from "#testing";
import { defaultConfiguration, parseSpace, sampleConfiguration, validateConfiguration } from "#variables";
import type { Configuration, Space, Variable } from "#variables";

const route = program({ name: "route", signature: signature('ticket -> queue: "billing" | "tech"') });
const pool = [
  { inputs: { ticket: "Charged twice" }, outputs: { queue: "billing" } },
  { inputs: { ticket: "It crashes" }, outputs: { queue: "tech" } },
];

/** Two stages with signatures of their own, and one that asks nobody. */
const letter = program({
  name: "letter",
  signature: signature("topic -> draft, final"),
  pipeline: [
    { id: "write", module: "chain_of_thought", signature: signature("topic -> draft") },
    { id: "count", module: "count" },
    { id: "polish", module: "predict", signature: signature("draft -> reasoning, final") },
  ],
});
const count = module("count", () => ({}));
const modules = [count];

const names = ({ variables }: Space): string[] => variables.map(({ name }) => name);
const variableOf = ({ variables }: Space, name: string): Variable | undefined =>
  variables.find((variable) => variable.name === name);

/** A model that answers any request of the programs above. */
const answering = (): ReturnType<typeof scriptedModel> =>
  scriptedModel(({ messages, responseFormat }) => {
    const values = Object.entries({ reasoning: "So.", queue: "tech", draft: "Dear", final: "Dear all" }).filter(
      ([name]) => messages[0]?.content.includes(`- ${name}: `) === true,
    );
    if (responseFormat !== undefined) return JSON.stringify(Object.fromEntries(values));
    const isXml = messages[0]?.content.includes("</") === true;
    return values.map(([name, value]) => (isXml ? `<${name}>${value}` : `[[ ## ${name} ## ]]\n${value}`)).join("\n");
  });

async function requests(which: Program, overrides: Configuration, own: readonly Module[] = []): Promise<unknown> {
  const model = answering();
  const inputs = Object.fromEntries(which.signature.inputs.map(({ name }) => [name, "text"]));
  await execute(which, inputs, { model, models: { a: model, b: model }, overrides, modules: own });
  return model.calls;
}

describe("the standard space", () => {
  test("has for each stage what its module reads, in the order of the pipeline", () => {
    expect(names(standardSpace(route))).toEqual([
      "predict.instructions",
      "predict.demos",
      "predict.reasoningStrategy",
      "predict.adapter",
      "predict.temperature",
    ]);
    const space = standardSpace(letter, { modules, models: ["a", "b"], providers: ["azure"] });
    expect(names(space)).toEqual([
      "write.instructions",
      "write.demos",
      "write.reasoningStrategy",
      "write.adapter",
      "write.model",
      "write.provider",
      "write.temperature",
      "polish.instructions",
      "polish.demos",
      "polish.adapter",
      "polish.model",
      "polish.provider",
      "polish.temperature",
    ]);
    expect(space).not.toHaveProperty("when");
  });

  test("has the settings that are named, in its own order", () => {
    const settings = ["frequencyPenalty", "temperature", "topP", "maxTokens", "presencePenalty", "demos"] as const;
    const ordered = ["demos", "temperature", "topP", "maxTokens", "presencePenalty", "frequencyPenalty"];
    const expected = ordered.map((setting) => `predict.${setting}`);
    expect(names(standardSpace(route, { settings }))).toEqual(expected);
    expect(names(standardSpace(route, { settings: settings.toReversed() }))).toEqual(expected);
    expect(names(standardSpace(route, { settings: [] }))).toEqual([]);
  });

  test("knows a module of one's own by the settings that it tells", () => {
    const own: Module = { name: "count", settings: ["temperature", "volume", "demos"], run: () => ({ outputs: {} }) };
    const counted = program({ ...route, pipeline: ["count"] });
    expect(names(standardSpace(counted, { modules: [own] }))).toEqual(["count.demos", "count.temperature"]);
    expect(names(standardSpace(counted, { modules }))).toEqual([]);
    const louder: Module = { ...own, name: "Predict", settings: ["temperature"] };
    expect(names(standardSpace(route, { modules: [louder] }))).toEqual(["predict.temperature"]);
  });

  // The kernel's error names the modules that it has; a new one that asks a model must not be left out here.
  test("knows every built-in module that reads a temperature", () => {
    const message = String(thrownBy(() => standardSpace(program({ ...route, pipeline: ["nothing of the kind"] }))));
    const known = /known are (.+)$/.exec(message)?.[1]?.split(", ") ?? [];
    const staged = known.map((name) => program({ ...route, pipeline: [{ id: "s", module: name }] }));
    const asking = staged.filter((each) => thrownBy(() => checkProgram(each, {}, ["s.temperature"])) === undefined);
    expect(asking.length).toBeGreaterThan(1);
    for (const each of asking) expect(names(standardSpace(each))).toContain("s.temperature");
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const cases: readonly [what: string, which: Program, options: StandardSpaceOptions][] = [
  ["one stage", route, { pool }],
  ["several stages", letter, { modules, models: ["a", "b"], providers: ["azure", "openai"] }],
  [
    "models that refuse",
    letter,
    { modules, models: ["a", { name: "b", refuses: ["temperature", "reasoningStrategy"] }] },
  ],
  [
    "every setting",
    route,
    {
      settings: ["topP", "maxTokens", "presencePenalty", "frequencyPenalty", "temperature", "instructions"],
    },
  ],
];

describe.each(cases)("the standard space of %s", (_, which, options) => {
  const space = standardSpace(which, options);
  const own = options.modules ?? [];

  test("is plain data, the same each time, and accepts its own default", () => {
    expect(parseSpace(JSON.parse(JSON.stringify(space)))).toEqual(space);
    expect(standardSpace(which, options)).toEqual(space);
    const usual = defaultConfiguration(space);
    expect(validateConfiguration(space, usual)).toEqual({ ok: true, configuration: usual });
  });

  test("has no path that nobody reads", () => {
    expect(() => checkProgram(which, { modules: own }, names(space))).not.toThrow();
  });

  test("has samples that are valid and that the program runs with", async () => {
    for (const seed of Array(20).keys()) {
      const sample = sampleConfiguration(space, seededRng(seed));
      expect(validateConfiguration(space, sample)).toMatchObject({ ok: true });
      await requests(which, sample, own);
    }
  });
});

describe("a variable starts from what the stage does today", () => {
  const configured = program({
    ...route,
    configuration: {
      "predict.temperature": 1.3,
      temperature: 0.4,
      maxTokens: 30,
      topP: 0.5,
      presencePenalty: -0.5,
      frequencyPenalty: 0.1,
      provider: "openai",
      adapter: "json",
      "predict.reasoningStrategy": "chainOfThought",
      model: "b",
      instructions: "Sort it.",
      demos: pool.slice(0, 1),
    },
  });
  const options: StandardSpaceOptions = {
    settings: [
      ...(["instructions", "demos", "reasoningStrategy", "adapter", "model", "provider", "temperature"] as const),
      ...(["topP", "maxTokens", "presencePenalty", "frequencyPenalty"] as const),
    ],
    models: ["a", "b"],
    providers: ["azure", "openai"],
  };

  test("in the program's configuration: its default configuration changes no request", async () => {
    const space = standardSpace(configured, options);
    expect(space.variables).toHaveLength(11);
    expect(await requests(configured, defaultConfiguration(space))).toEqual(await requests(configured, {}));
  });

  test("and its range is widened to hold that", () => {
    const space = standardSpace(configured, options);
    expect(variableOf(space, "predict.temperature")).toMatchObject({ min: 0, max: 1.3, default: 1.3 });
    expect(variableOf(space, "predict.maxTokens")).toMatchObject({ min: 30, max: 4096, log: true, default: 30 });
    expect(variableOf(space, "predict.presencePenalty")).toMatchObject({ min: -0.5, max: 1, default: -0.5 });
    const crowded = standardSpace(configured, { maxDemos: 0 });
    expect(variableOf(crowded, "predict.demos")).toMatchObject({ max: 1, default: pool.slice(0, 1) });
  });

  test("else in its module's own settings", async () => {
    const reasoned = program({ ...route, pipeline: ["chain_of_thought"] });
    const space = standardSpace(reasoned, { providers: ["azure", "openai"] });
    expect(await requests(reasoned, defaultConfiguration(space))).toEqual(await requests(reasoned, {}));
    expect(variableOf(standardSpace(reasoned, { providers: ["azure"] }), "chain_of_thought.provider")).toMatchObject({
      options: ["azure"],
    });
  });

  test("and a value that cannot be is refused by its path", () => {
    const wrong = (configuration: object): Program => program({ ...route, configuration: { ...configuration } });
    expect(() => standardSpace(wrong({ model: "c" }), { models: ["a", "b"] })).toThrow(
      new UsageError('variable predict.model.default: expected one of "a", "b", got "c"'),
    );
    expect(() => standardSpace(wrong({ temperature: "hot" }))).toThrow(
      new UsageError('variable predict.temperature.default: expected a finite number, got "hot"'),
    );
    expect(() => standardSpace(wrong({ reasoningStrategy: "guess" }))).toThrow(/predict\.reasoningStrategy\.default/);
    expect(() => standardSpace(wrong({ instructions: 7 }))).toThrow(/predict\.instructions/);
    expect(() => standardSpace(wrong({ demos: "none" }))).toThrow(/predict\.demos/);
  });
});

describe("demonstrations", () => {
  test("are drawn from the pool, by each stage those that have its fields", () => {
    const drafts = [{ inputs: { topic: "rain" }, outputs: { draft: "It rains." } }];
    const finals = [{ inputs: { draft: "It rains." }, outputs: { final: "It pours.", reasoning: "More." } }];
    const space = standardSpace(letter, { modules, pool: [...drafts, ...finals], maxDemos: 4 });
    expect(variableOf(space, "write.demos")).toMatchObject({ pool: drafts, max: 4 });
    expect(variableOf(space, "polish.demos")).toMatchObject({ pool: finals, max: 4 });
    const half = standardSpace(letter, { modules, pool: drafts });
    expect(variableOf(half, "polish.demos")).not.toHaveProperty("pool");
  });

  test.each<unknown>([
    { inputs: { tikcet: "a" }, outputs: { queue: "tech" } },
    { inputs: { ticket: "a" }, outputs: { queu: "tech" } },
    "a ticket",
  ])("that no stage could show are refused: %j", (demo) => {
    expect(() => standardSpace(route, { pool: [...pool, demo as never] })).toThrow(
      /^standardSpace\.pool\[2\]: expected the inputs and an output of a stage that takes demonstrations \(predict\), got/,
    );
  });
});

describe("a model that refuses settings", () => {
  const models = ["a", { name: "b", refuses: ["temperature", "reasoningStrategy"] }] as const;

  test("has them absent while it is chosen, from the configuration and from the request", async () => {
    const space = standardSpace(route, { models });
    const settings = ["predict.reasoningStrategy", "predict.temperature"];
    expect(Object.keys(space.when ?? {})).toEqual(settings);
    for (const seed of Array(20).keys()) {
      const sample = sampleConfiguration(space, seededRng(seed));
      const isTaken = sample["predict.model"] === "a";
      expect(settings.map((name) => Object.hasOwn(sample, name))).toEqual([isTaken, isTaken]);
      const [request] = (await requests(route, sample)) as [ModelRequest];
      expect(Object.hasOwn(request, "temperature")).toBe(isTaken);
    }
  });

  test("and a setting that no model takes is left out", () => {
    const refuses = ["temperature"] as const;
    const space = standardSpace(route, { models: models.map((_, index) => ({ name: `m${index}`, refuses })) });
    expect(names(space)).not.toContain("predict.temperature");
    expect(space).not.toHaveProperty("when");
  });
});

test.each<[options: unknown, message: RegExp]>([
  [null, /^standardSpace: expected options like \{ models, pool \}, got/],
  [{ settings: "demos" }, /^standardSpace\.settings: expected a list, got "demos"/],
  [{ settings: ["heat"] }, /^standardSpace\.settings: expected some of instructions, demos, .*, got "heat"/],
  [{ settings: ["model"] }, /^standardSpace: expected "model" among the settings and its names in models, got only/],
  [{ settings: ["demos"], models: ["a"] }, /^standardSpace: expected "model" among the settings/],
  [{ settings: ["demos"], providers: ["a"] }, /^standardSpace: expected "provider" among the settings/],
  [{ settings: ["adapter"], pool }, /^standardSpace: expected "demos" among the settings, since there is a pool/],
  [{ models: "gpt" }, /^standardSpace\.models: expected a list, got "gpt"/],
  [{ models: [{ id: "gpt" }] }, /^standardSpace\.models\[0\]: expected a name or \{ name, refuses \}, got/],
  [{ models: [{ name: "a", refuses: ["model"] }] }, /^standardSpace\.models\[0\]\.refuses: expected some of/],
  [{ models: ["a", "a"] }, /different values/],
  [{ providers: "azure" }, /^standardSpace\.providers: expected a list, got "azure"/],
  [{ pool: {} }, /^standardSpace\.pool: expected a list, got/],
  [{ maxDemos: -1 }, /0 ≤ min ≤ max/],
])("%j is refused", (options, message) => {
  const build = (): unknown => standardSpace(route, options as StandardSpaceOptions);
  expect(build).toThrow(UsageError);
  expect(build).toThrow(message);
});

test("a program with an unknown module is refused with those that are known", () => {
  expect(() => standardSpace(letter, { pool })).toThrow(/^stage count: unknown module "count"; known are predict/);
});
