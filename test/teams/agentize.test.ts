import { describe, expect, test } from "vitest";
import type { Json } from "#foundation";
import { agentSelection, LiveTeam, parseTeam, team, teamSpace } from "#orchestration";
import type { AgentDraft, TeamAnswer } from "#orchestration";
import { execute, module, ModelError, program, signature } from "#programs";
import type { LanguageModel, ModelRequest } from "#programs";
import { agentize, programModule } from "#teams";
import type { ProgramModuleOptions, TeamServices } from "#teams";
import { scriptedModel } from "#testing";
import { choice, float, integer } from "#variables";

const coder = program({
  name: "coder",
  signature: signature("task: string -> code: string, notes: string"),
  configuration: { "predict.temperature": 0.2 },
});

/** Answers with the last message's length, so that it depends on the request and on nothing else. */
const model = (): ReturnType<typeof scriptedModel> =>
  scriptedModel(({ messages, temperature }) =>
    reply({ code: `${messages.at(-1)?.content.length} at ${temperature}`, notes: "none" }),
  );

function reply(outputs: Readonly<Record<string, string>>): string {
  const fields = Object.entries(outputs).map(([name, value]) => `[[ ## ${name} ## ]]\n${value}\n`);
  return `${fields.join("\n")}\n[[ ## completed ## ]]`;
}

async function asked(
  agent: AgentDraft,
  task: Json,
  { services, ...options }: ProgramModuleOptions & { readonly services?: TeamServices } = {},
): Promise<TeamAnswer> {
  await using live = new LiveTeam(team({ name: "one", agents: { only: agent } }), {
    modules: [programModule(options)],
  });
  await live.startAgents();
  return await live.ask(task, { services });
}

const outputOf = (answer: TeamAnswer): Json => (answer.ok ? answer.output : null);

describe("a team of one agentized program", () => {
  test("answers what the program answers, by the same calls of the model", async () => {
    const [alone, inTeam] = [model(), model()];
    const { outputs } = await execute(coder, { task: "sort" }, { model: alone });
    const answer = await asked(agentize(coder), { task: "sort" }, { model: inTeam });
    expect(outputOf(answer)).toEqual(outputs);
    expect(inTeam.calls).toEqual(alone.calls);
  });

  test("leaves the program what it was", async () => {
    const before = structuredClone(coder);
    await asked(agentize(coder, { localVariables: [float("predict.temperature", { min: 0, max: 1 })] }), "sort", {
      model: model(),
    });
    expect(coder).toEqual(before);
  });

  test("tells what its model calls have used", async () => {
    const costly = scriptedModel([reply({ code: "x", notes: "y" })], {
      usage: { inputTokens: 20, outputTokens: 3, usd: 0.5 },
    });
    const { trace } = await asked(agentize(coder), "sort", { model: costly });
    expect(trace.used).toEqual({ calls: 1, tokens: 23, usd: 0.5 });
  });

  test("answers with the output it is to answer with", async () => {
    const answer = await asked(agentize(coder, { output: "notes" }), "sort", { model: model() });
    expect(outputOf(answer)).toBe("none");
  });

  test("waits for several answers of the model at once", async () => {
    const both = Promise.withResolvers<void>();
    const patient = scriptedModel(async (_, { index }) => {
      if (index === 1) both.resolve();
      await both.promise;
      return reply({ code: "x", notes: "y" });
    });
    await using live = new LiveTeam(team({ name: "one", agents: { only: agentize(coder) } }), {
      modules: [programModule({ model: patient })],
    });
    await live.startAgents();
    const answers = await Promise.all([live.ask("one"), live.ask("two")]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
  });

  test("survives JSON", async () => {
    const value = team({ name: "one", agents: { only: agentize(coder, { output: "code" }) } });
    expect(parseTeam(JSON.parse(JSON.stringify(value)))).toEqual(value);
  });
});

describe("its task", () => {
  const sum = program({
    name: "sum",
    signature: signature("a: int, b: int -> total: int"),
    pipeline: [{ id: "add", module: "add" }],
  });
  const add = module("add", ({ inputs }) => ({ total: Number(inputs["a"]) + Number(inputs["b"]) }));

  test("is the inputs by name; what is no input is left out", async () => {
    const answer = await asked(agentize(sum, { output: "total" }), { a: 1, b: 2, c: 3 }, { modules: [add] });
    expect(outputOf(answer)).toBe(3);
  });

  test("that lacks an input is a failed call, with what is missing", async () => {
    const answer = await asked(agentize(sum), { a: 1 }, { modules: [add] });
    expect(answer.trace.calls).toMatchObject([{ outcome: { ok: false, code: "failed", message: /b: / } }].map(loose));
  });

  test("of any other kind is the only input", async () => {
    const echo = program({
      name: "echo",
      signature: signature("thing: json -> same: json"),
      pipeline: [{ id: "echo", module: "echo" }],
    });
    const same = module("echo", ({ inputs }) => ({ same: inputs["thing"] }));
    for (const task of ["text", [1, 2], { other: 1 }, 7])
      expect(outputOf(await asked(agentize(echo, { output: "same" }), task, { modules: [same] }))).toEqual(task);
  });
});

describe("its inbox", () => {
  const reader = program({
    name: "reader",
    signature: signature("task: string, heard: json -> said: json"),
    pipeline: [{ id: "read", module: "read" }],
  });
  const read = module("read", ({ inputs }) => ({ said: [inputs["task"], inputs["heard"]] }));

  test("comes in the input that is named for it", async () => {
    const agent = agentize(reader, { inbox: "heard", output: "said" });
    const value = team({ name: "chain", agents: { first: agent, second: agent } });
    await using live = new LiveTeam(value, { modules: [programModule({ modules: [read] })] });
    await live.startAgents();
    expect(outputOf(await live.ask("go"))).toEqual(["go", [{ from: "first", output: ["go", []] }]]);
  });
});

describe("its local variables", () => {
  const temperature = float("temperature", { min: 0, max: 2, default: 0.5 });
  const variables = [
    temperature,
    integer("max_tokens", { min: 1, max: 4096 }),
    choice("reasoning_strategy", ["a", "b"]),
  ];

  test("R106: are exactly those it was given", () => {
    const { localVariableSpace, role } = agentize(coder, { role: "executor", localVariables: variables });
    expect(role).toBe("executor");
    expect(localVariableSpace?.variables.map(({ name }) => name)).toEqual([
      "temperature",
      "max_tokens",
      "reasoning_strategy",
    ]);
  });

  test("stand in the team's space under the agent's name, and take effect", async () => {
    const value = team({
      name: "one",
      agents: { python: agentize(coder, { localVariables: [float("predict.temperature", { min: 0, max: 2 })] }) },
    });
    expect(teamSpace(value).variables.map(({ name }) => name)).toEqual(["python/predict.temperature"]);
    const scripted = model();
    await using live = new LiveTeam(value, { modules: [programModule({ model: scripted })] });
    await live.startAgents();
    await live.ask("sort", { overrides: { "python/predict.temperature": 1.25 } });
    await live.ask("sort");
    expect(scripted.calls.map(({ temperature: used }) => used)).toEqual([1.25, 0.2]);
  });

  test("that do not allow for the program's own value are refused", () => {
    const localVariables = [float("predict.temperature", { min: 0.5, max: 1 })];
    expect(() => agentize(coder, { localVariables })).toThrow(
      "agentize coder.localVariables: predict.temperature: expected a number from 0.5 to 1, got 0.2",
    );
  });

  test("of an agent that is not selected are absent", () => {
    const agent = agentize(coder, { localVariables: [temperature] });
    const value = team({
      name: "two",
      agents: { one: agent, other: agent },
      variables: [agentSelection("coder", { agents: ["one", "other"], select: "one" })],
    });
    expect(value.configuration).toEqual({ "team.coder": "one", "one/temperature": 0.5 });
  });

  test("that the program does not know fail the call and say so", async () => {
    const agent = agentize(coder, { localVariables: [float("predict.warmth", { min: 0, max: 1 })] });
    const { trace } = await asked(agent, "sort", { model: model() });
    expect(trace.calls).toMatchObject([{ outcome: { ok: false, code: "failed", message: /warmth/ } }].map(loose));
  });
});

describe("what fails", () => {
  const down = (): LanguageModel => ({
    id: "down",
    generate: () => Promise.reject(new ModelError("unavailable", "the lights are out")),
  });

  test("a model error is a failed call, and the agent goes on", async () => {
    const answers: (string | Error)[] = [
      new ModelError("unavailable", "the lights are out"),
      reply({ code: "x", notes: "y" }),
    ];
    const value = team({ name: "one", agents: { only: agentize(coder, { output: "code" }) } });
    await using live = new LiveTeam(value, { modules: [programModule({ model: scriptedModel(answers) })] });
    const crashes: string[] = [];
    await live.startAgents();
    live.runtime.events.subscribe(({ type }) => crashes.push(type));
    const failed = await live.ask("sort");
    expect(failed).toMatchObject({ ok: false, error: { code: "agents_failed" } });
    expect(failed.trace.calls).toMatchObject([
      loose({ outcome: { ok: false, code: "failed", message: /lights are out/ } }),
    ]);
    expect(outputOf(await live.ask("sort"))).toBe("x");
    expect(crashes).toEqual([]);
  });

  test("so is a module that throws, and no model at all", async () => {
    const broken = program({
      name: "broken",
      signature: coder.signature,
      pipeline: [{ id: "break", module: "break" }],
    });
    const breaks = module("break", () => {
      throw new Error("broken");
    });
    const thrown = await asked(agentize(broken), "sort", { modules: [breaks] });
    const mute = await asked(agentize(coder), "sort");
    expect(thrown).toMatchObject(loose({ ok: false, error: { message: /broken/ } }));
    expect(mute).toMatchObject(loose({ ok: false, error: { message: /no model to ask/ } }));
  });

  test("the request's model wins over the module's own", async () => {
    const scripted = model();
    const services: TeamServices = { model: () => scripted };
    expect((await asked(agentize(coder), "sort", { model: down(), services })).ok).toBe(true);
    expect(scripted.calls).toHaveLength(1);
  });

  test("a seed of the request reaches the model, another one for every call", async () => {
    const scripted = model();
    let next = 0;
    const services: TeamServices = { model: () => scripted, seed: () => next++ };
    const agent = agentize(coder);
    const value = team({ name: "chain", agents: { first: agent, second: agent } });
    await using live = new LiveTeam(value, { modules: [programModule()] });
    await live.startAgents();
    await live.ask("sort", { services });
    expect(scripted.calls.map(({ seed }: ModelRequest) => seed)).toEqual([0, 1]);
  });

  test("a field that the program does not have is refused at once", () => {
    expect(() => agentize(coder, { inbox: "heard" })).toThrow("agentize coder.inbox: expected one of task, got heard");
    expect(() => agentize(coder, { output: "text" })).toThrow(
      "agentize coder.output: expected one of code, notes, got text",
    );
  });
});

/** Lets regular expressions stand for texts in what is expected. */
function loose(expected: object): object {
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof RegExp
        ? expect.stringMatching(value)
        : typeof value === "object" && value !== null
          ? loose(value)
          : value,
    ]),
  );
}
