import { describe, expect, expectTypeOf, test } from "vitest";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { iclModel } from "#models/icl";
import { LiveTeam, team, teamSpace } from "#orchestration";
import { execute, program, signature } from "#programs";
import {
  adapter,
  frequencyPenalty,
  maxTokens,
  model,
  presencePenalty,
  provider,
  reasoningStrategy,
  temperature,
  topP,
} from "#programs/presets";
import type { Execution, ModelRequest } from "#programs";
import { agentize, programModule } from "#teams";
import { scriptedModel } from "#testing";
import { defaultConfiguration, parseSpace, space, validateConfiguration } from "#variables";
import type { ChoiceVariable, Configuration, FloatVariable, Variable } from "#variables";

const route = program({ name: "route", signature: signature('ticket -> queue: "billing" | "tech"') });
const reasoned = program({ ...route, pipeline: ["chain_of_thought"] });
const ticket = { ticket: "Charged twice" };

/** An answer in whatever form was asked for. */
function answer({ messages, responseFormat }: ModelRequest): string {
  const outputs = messages[0]?.content.includes("- reasoning:") ? { reasoning: "A charge." } : {};
  const values = Object.entries({ ...outputs, queue: "billing" });
  if (responseFormat !== undefined) return JSON.stringify(Object.fromEntries(values));
  const isXml = messages[0]?.content.includes("</") === true;
  return values.map(([name, value]) => (isXml ? `<${name}>${value}` : `[[ ## ${name} ## ]]\n${value}`)).join("\n");
}

/** What the model is asked when a program runs with this configuration on top of its own. */
async function asked(
  overrides: Configuration,
  which = route,
): Promise<{ readonly request: ModelRequest; readonly execution: Execution }> {
  const answering = scriptedModel(answer);
  const execution = await execute(which, ticket, { model: answering, overrides });
  expect(answering.calls).toHaveLength(1);
  return { request: answering.calls[0] as ModelRequest, execution };
}

type Preset = (options?: { readonly stage?: string; readonly default?: never }) => Variable;

const numbers: readonly [name: keyof ModelRequest, preset: Preset, other: number][] = [
  ["temperature", temperature, 0.7],
  ["topP", topP, 0.4],
  ["maxTokens", maxTokens, 100],
  ["presencePenalty", presencePenalty, 0.25],
  ["frequencyPenalty", frequencyPenalty, 0.5],
];

describe.each(numbers)("%s", (name, preset, other) => {
  test("reaches the request, under its plain name and under that of its stage", async () => {
    for (const variable of [preset(), preset({ stage: "predict" })]) {
      const usual = defaultConfiguration(space([variable]));
      expect((await asked(usual)).request[name]).toBe(usual[variable.name]);
      const changed = validateConfiguration(space([variable]), { [variable.name]: other });
      expect(changed.ok).toBe(true);
      expect((await asked({ [variable.name]: other })).request[name]).toBe(other);
    }
    expect((await asked({})).request).not.toHaveProperty(name);
  });

  test("is refused by no model that takes the setting", async () => {
    const { min, max } = preset() as FloatVariable;
    for (const value of [min, max]) await execute(route, ticket, { model: iclModel(), overrides: { [name]: value } });
  });
});

describe("model", () => {
  test("decides who is asked", async () => {
    const models = { small: scriptedModel(answer), large: scriptedModel(answer) };
    const variable = model(["small", "large"], { stage: "predict", default: "large" });
    await execute(route, ticket, { models, overrides: defaultConfiguration(space([variable])) });
    await execute(route, ticket, { models, overrides: { [variable.name]: "small" } });
    await execute(route, ticket, { models, overrides: { [variable.name]: "small" } });
    expect([models.small.calls.length, models.large.calls.length]).toEqual([2, 1]);
  });
});

describe("provider", () => {
  test("reaches the request; a model that cannot heed it says so", async () => {
    const variable = provider(["azure", "openai"]);
    expect((await asked(defaultConfiguration(space([variable])))).request.provider).toBe("azure");
    expect((await asked({ provider: "openai" })).request.provider).toBe("openai");
    const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }], provider: "openai" };
    expect((await iclModel().generate(request)).warnings).toEqual(["provider was ignored"]);
  });
});

describe("adapter", () => {
  test("decides in which form the model is asked; every form is read", async () => {
    const { options } = adapter();
    const requests = await Promise.all(options.map((name) => asked({ adapter: name })));
    expect(requests.map(({ request }) => request.responseFormat?.type)).toEqual([undefined, "json", undefined]);
    expect(new Set(requests.map(({ request }) => request.messages[0]?.content)).size).toBe(options.length);
    expect(requests.map(({ execution }) => execution.outputs)).toEqual(options.map(() => ({ queue: "billing" })));
  });
});

describe("reasoning strategy", () => {
  test.each([
    ["predict", route, reasoned],
    ["chain_of_thought", reasoned, route],
  ])("%s makes every asking stage do what the module of that name does", async (name, own, other) => {
    const plain = await asked({}, own);
    const switched = await asked({ reasoningStrategy: name }, other);
    expect(switched.request).toEqual(plain.request);
    expect(switched.execution.history[0]?.outputs).toEqual(plain.execution.history[0]?.outputs);
    expect((await asked({ reasoningStrategy: name }, own)).request).toEqual(plain.request);
    expect((await asked({}, other)).request).not.toEqual(plain.request);
  });

  test("shows its reasoning in the history and keeps it out of the outputs", async () => {
    const { execution } = await asked({ "predict.reasoningStrategy": "chain_of_thought" });
    expect(execution.history[0]?.outputs).toEqual({ reasoning: "A charge.", queue: "billing" });
    expect(execution.outputs).toEqual({ queue: "billing" });
  });

  test("leaves what is configured above the strategy's own settings", async () => {
    const { request } = await asked({ reasoningStrategy: "chain_of_thought", temperature: 0.1 });
    expect(request).toMatchObject({ temperature: 0.1, provider: "openai" });
  });

  test("has names that are compared as those of modules are", async () => {
    const { request } = await asked({ reasoningStrategy: "ChainOfThought" });
    expect(request).toEqual((await asked({}, reasoned)).request);
  });

  test.each<[value: Json, got: string]>([
    ["tree_of_thought", '"tree_of_thought"'],
    ["toString", '"toString"'],
    [3, "3"],
  ])("%j is refused with those that there are", async (value, got) => {
    const run = execute(route, ticket, { model: scriptedModel([]), overrides: { reasoningStrategy: value } });
    await expect(run).rejects.toThrow(
      new UsageError(`configuration predict.reasoningStrategy: expected one of predict, chain_of_thought, got ${got}`),
    );
  });
});

const presets: readonly Preset[] = [
  ...numbers.map(([, preset]) => preset),
  adapter,
  reasoningStrategy,
  (options) => model(["a", "b"], options),
  (options) => provider(["a", "b"], options),
];

describe("every preset", () => {
  test("is an ordinary variable with a description, survives JSON and accepts its own default", () => {
    const all = space([...presets.map((preset) => preset()), ...presets.map((preset) => preset({ stage: "s" }))]);
    expect(parseSpace(JSON.parse(JSON.stringify(all)))).toEqual(all);
    expect(validateConfiguration(all, defaultConfiguration(all))).toMatchObject({ ok: true });
    for (const { description } of all.variables) expect(description).toMatch(/^\S.{10,}$/);
    expect(all.variables.slice(presets.length).map(({ name }) => name)).toEqual(
      all.variables.slice(0, presets.length).map(({ name }) => `s.${name}`),
    );
    expectTypeOf(temperature()).toEqualTypeOf<FloatVariable>();
    expectTypeOf(adapter({ among: ["json"] })).toEqualTypeOf<ChoiceVariable>();
  });

  test("refuses what is no options and what is no stage", () => {
    for (const preset of presets) {
      expect(() => preset("predict" as never)).toThrow(/: expected options like \{ stage: "predict" \}, got "predict"/);
      for (const stage of ["", 3 as never]) expect(() => preset({ stage })).toThrow(/\.stage: expected the id of a st/);
    }
  });
});

describe("a preset that is told to differ", () => {
  test("takes range, scale, default, description and group", () => {
    const told = { min: 0.2, max: 1.4, step: 0.1, default: 0.5, description: "heat", group: "sampling" };
    expect(temperature(told)).toEqual({ kind: "float", name: "temperature", ...told });
    expect(maxTokens({ min: 100, max: 900, step: 100 })).toMatchObject({ step: 100, default: 900 });
    expect(maxTokens({ min: 100, max: 900, step: 100 })).not.toHaveProperty("log");
    expect(adapter({ among: ["json"], weights: [2] })).toMatchObject({ options: ["json"], weights: [2] });
  });

  test.each<[what: string, variable: () => Variable, expected: number]>([
    ["below", () => maxTokens({ max: 512 }), 512],
    ["above", () => temperature({ min: 0.3 }), 0.3],
    ["beside the grid", () => maxTokens({ min: 1, max: 1200, step: 500 }), 1001],
    ["beyond a range that ends between two steps", () => maxTokens({ min: 1, max: 900, step: 500 }), 501],
    ["beyond the last step", () => topP({ min: 0.1, max: 0.7, step: 0.1 }), 0.7],
    ["beyond a grid of thirds", () => topP({ min: 0, max: 2 / 3, step: 1 / 3 }), 2 / 3],
    ["and may be left out", () => temperature({ min: 0.3, default: undefined as never }), 0.3],
  ])("has the nearest default when the usual one lies %s", (_, variable, expected) => {
    expect(variable()).toMatchObject({ default: expected });
  });

  test.each<[variable: () => Variable, message: string]>([
    [() => temperature({ min: 2 }), "variable temperature: min 2 is greater than max 1"],
    [() => temperature({ step: 0 }), "variable temperature.step: expected more than 0, got 0"],
    [() => temperature({ default: 3 }), "variable temperature.default: expected a finite number from 0 to 1, got 3"],
    [() => model([]), "model: expected at least one name, got a list of 0"],
    [() => model("gpt" as never), 'model: expected at least one name, got "gpt"'],
    [() => provider(["a", 4 as never]), "provider: expected names, got 4 among them"],
    [() => model(["a"], { default: "b" }), 'variable model.default: expected one of "a", got "b"'],
    [() => adapter({ among: ["yaml"] }), 'adapter.among: expected some of chat, json, xml, got "yaml"'],
    [() => reasoningStrategy({ among: [] }), "reasoningStrategy.among: expected at least one name, got a list of 0"],
  ])("and cannot be is refused: %s", (variable, message) => {
    expect(variable).toThrow(new UsageError(message));
  });
});

describe("R106, R147: a team takes presets as an agent's local variables", () => {
  const locals = [temperature(), maxTokens(), reasoningStrategy()];
  const single = team({ name: "one", agents: { coder: agentize(route, { localVariables: locals }) } });

  test("which are then exactly its local space, under the agent's name in that of the team", () => {
    expect(single.agents["coder"]?.localVariableSpace).toEqual(space(locals));
    const names = teamSpace(single).variables.map(({ name }) => name);
    expect(names).toEqual(["coder/temperature", "coder/maxTokens", "coder/reasoningStrategy"]);
  });

  test("and which reach the request of the running agent", async () => {
    const answering = scriptedModel(answer);
    await using live = new LiveTeam(single, { modules: [programModule({ model: answering })] });
    await live.startAgents();
    const overrides = { "coder/reasoningStrategy": "chain_of_thought", "coder/temperature": 0.9 };
    const reply = await live.ask(ticket, { overrides });
    expect(reply).toMatchObject({ ok: true });
    expect(answering.calls[0]).toMatchObject({ temperature: 0.9, maxTokens: 1024 });
    expect(answering.calls[0]?.messages[0]?.content).toContain("- reasoning: string");
  });
});
