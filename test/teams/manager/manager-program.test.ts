import { describe, expect, expectTypeOf, test } from "vitest";
import { UsageError } from "#foundation";
import { optimize, randomSearch } from "#optimize";
import { evaluate, execute, program, signature } from "#programs";
import type { Program } from "#programs";
import { memoryStore } from "#storage/memory";
import { PipelinePool } from "#programs/pipelines";
import { managerProgram } from "#teams";
import type { AgentCall, ManagedAgents, Manager, ManagerOutputs } from "#teams";
import { scriptedModel } from "#testing";
import { choice, validateConfiguration } from "#variables";
import { goal, office, run } from "./office.ts";

describe("A3, R134: a manager with planner, two coders and tester", () => {
  const code = ["plan", "code", "test"];

  test("calls the planner, the chosen coder and the tester once each, in this order", async () => {
    const manager = office();
    const { outputs } = await run(manager);
    expect(manager.called).toEqual(["planner", "python", "tester"]);
    expect(outputs.outputs).toEqual({ approach: "by planner", code: "by python", verdict: "by tester" });
  });

  test("switching the variable changes the executed coder and nothing else", async () => {
    const manager = office();
    const { outputs: before } = await run(manager);
    manager.called.length = 0;
    const { outputs: after } = await run(manager, { overrides: { agent_for_code: "javascript" } });
    expect(manager.called).toEqual(["planner", "javascript", "tester"]);
    expect(after.plan).toEqual(before.plan);
    expect(after.config).toEqual({ ...(before.config as object), agent_for_code: "javascript" });
    expect(after.stage_results).toEqual({
      ...(before.stage_results as object),
      code: { agent: "javascript", kind: "code", outputs: { code: "by javascript" }, attempts: 1 },
    });
  });

  test("has plan, configuration and stage results in its outputs", async () => {
    const { outputs, history } = await run(office());
    expect(outputs).toEqual({
      outputs: { approach: "by planner", code: "by python", verdict: "by tester" },
      plan: code.map((kind, n) => ({ id: kind, kind, needs: code.slice(Math.max(0, n - 1), n) })),
      stage_results: {
        plan: { agent: "planner", kind: "plan", outputs: { approach: "by planner" }, attempts: 1 },
        code: { agent: "python", kind: "code", outputs: { code: "by python" }, attempts: 1 },
        test: { agent: "tester", kind: "test", outputs: { verdict: "by tester" }, attempts: 1 },
      },
      config: { agent_for_test: "tester", agent_for_code: "python", agent_for_plan: "planner" },
      plan_repaired: false,
      errors: [],
    });
    expect(history.map(({ stage }) => stage)).toEqual(["manager"]);
  });

  test("R136: what the program was optimised to wins over the first agent, an override over both", async () => {
    const manager = office();
    const optimised = { ...manager.program, configuration: { agent_for_code: "javascript" } };
    const { outputs } = await execute(optimised, { goal }, { modules: manager.modules });
    expect(outputs.config).toEqual({
      agent_for_test: "tester",
      agent_for_code: "javascript",
      agent_for_plan: "planner",
    });
    await execute(
      optimised,
      { goal },
      { modules: manager.modules, overrides: { manager: { agent_for_code: "python" } } },
    );
    expect(manager.called).toEqual(["planner", "javascript", "tester", "planner", "python", "tester"]);
  });
});

describe("R128: a manager is a program:", () => {
  test("it has a signature, and its variables are who does what", () => {
    const manager = office();
    expectTypeOf(manager.program).toExtend<Program>();
    expectTypeOf(manager.program).toExtend<Program<{ goal: string }>>();
    expect(JSON.parse(JSON.stringify(manager.program))).toEqual(manager.program);
    expect(manager.space.variables).toEqual([
      choice("agent_for_code", ["python", "javascript"], { description: "The agent that does the steps of kind code" }),
    ]);
    expect(validateConfiguration(manager.space, { agent_for_code: "python" }).ok).toBe(true);
    expect(validateConfiguration(manager.space, { agent_for_code: "tester" }).ok).toBe(false);
    expect(manager.program.configuration).toEqual({
      agent_for_test: "tester",
      agent_for_code: "python",
      agent_for_plan: "planner",
    });
  });

  const examplesFrom = (first: number, count: number): { inputs: { goal: string }; expected: object }[] =>
    Array.from({ length: count }, (_, n) => ({ inputs: { goal: `feature ${first + n}` }, expected: {} }));
  const examples = examplesFrom(0, 12);
  const written = ({ outputs }: ManagerOutputs): number =>
    Reflect.get(outputs as object, "code") === "by javascript" ? 1 : 0;

  test("it is evaluated", async () => {
    const { program: manager, modules } = office();
    const asked = { ...manager, configuration: { agent_for_code: "javascript" } };
    expect(await evaluate(manager, examples, written, { modules }).summary()).toMatchObject({ score: 0, counted: 12 });
    expect(await evaluate(asked, examples, written, { modules }).summary()).toMatchObject({ score: 1, counted: 12 });
  });

  test("it is optimised, and the better agent is found", async () => {
    const { program: manager, modules, space } = office();
    const { configuration, report } = await optimize(manager, {
      store: memoryStore(),
      model: scriptedModel([]),
      modules,
      space,
      metric: written,
      seed: 1,
      teleprompter: randomSearch({ candidates: 4 }),
      train: examples,
      test: examplesFrom(100, 30),
    });
    expect(report).toMatchObject({ status: "completed", significant: true });
    expect(configuration["agent_for_code"]).toBe("javascript");
  });

  test("it can be an agent of another manager", async () => {
    const inner = office();
    const outer = managerProgram({
      name: "house",
      modules: inner.modules,
      agents: { office: { kinds: ["feature"], agent: inner.program } },
    });
    const { outputs } = await run(outer, { overrides: { "office/agent_for_code": "javascript" } });
    expect(inner.called).toEqual(["planner", "javascript", "tester"]);
    expect(outputs.outputs).toMatchObject({ outputs: { code: "by javascript" } });
  });
});

describe("agents that are programs", () => {
  const coder = program({ name: "coder", signature: signature("goal -> code") });
  const tester = program({ name: "tester", signature: signature("code, goal -> passed: bool") });
  const agents: ManagedAgents = {
    coder: { kinds: ["code"], agent: coder },
    tester: { kinds: ["test"], agent: tester },
  };
  const replies = ["[[ ## code ## ]]\nx = 1", "[[ ## passed ## ]]\ntrue"];

  test("take what their signature asks for from the goal and the steps before, and are paid for", async () => {
    const model = scriptedModel(replies);
    const { outputs, usage } = await run(managerProgram({ name: "m", agents }), { model });
    expect(outputs.outputs).toEqual({ code: "x = 1", passed: true });
    expect(usage.calls).toBe(2);
    expect(model.calls[1]?.messages.at(-1)?.content).toContain("x = 1");
  });

  test("have their own settings below their id", async () => {
    const model = scriptedModel(replies);
    await run(managerProgram({ name: "m", agents }), {
      model,
      overrides: { "coder/predict.temperature": 0.3, "tester/temperature": 0.7 },
    });
    expect(model.calls.map(({ temperature }) => temperature)).toEqual([0.3, 0.7]);
  });

  test("ask the model that the configuration names, and the rollout reaches it", async () => {
    const big = scriptedModel(replies, { id: "big" });
    const small = scriptedModel([]);
    await run(managerProgram({ name: "m", agents }), {
      model: small,
      models: { big },
      overrides: { model: "big" },
      rollout: 3,
    });
    expect(big.calls.map(({ rollout }) => rollout)).toEqual([3, 3]);
    const unknown = run(managerProgram({ name: "m", agents }), { model: small, overrides: { model: "huge" } });
    await expect(unknown).rejects.toThrow('configuration manager.model: unknown model "huge"');
  });

  test("without a model to ask are misuse, not a failure", async () => {
    const asking = run(managerProgram({ name: "m", agents, onError: "continue_on_error" }));
    await expect(asking).rejects.toThrow(UsageError);
    await expect(asking).rejects.toThrow("no model to ask");
  });
});

test("agents that are functions get their step, their settings, the model and what came before by step", async () => {
  const calls: AgentCall[] = [];
  const model = scriptedModel(["[[ ## code ## ]]\nx"]);
  const manager = managerProgram({
    name: "m",
    agents: {
      coder: { kinds: ["code"], agent: () => ({ code: "x" }) },
      tester: { kinds: ["test"], agent: (_, call) => (calls.push(call), { verdict: call.model().id }) },
    },
  });
  const { outputs } = await run(manager, { model, overrides: { "tester/strict": true, "coder/strict": false } });
  expect(outputs.outputs).toEqual({ code: "x", verdict: "scripted" });
  expect(calls).toMatchObject([
    {
      step: { id: "test", kind: "test", needs: ["code"] },
      settings: { strict: true },
      inputs: { goal },
      stages: { code: { code: "x" } },
      attempt: 1,
    },
  ]);
});

describe("the plan", () => {
  test("can be given, and steps that do not need one another overlap", async () => {
    const gates = [Promise.withResolvers<object>(), Promise.withResolvers<object>()];
    let started = 0;
    const manager = managerProgram({
      name: "m",
      agents: {
        coder: { kinds: ["code"], agent: () => gates[started++]?.promise as Promise<Record<string, string>> },
        tester: { kinds: ["test"], agent: (_, { stages }) => ({ saw: Object.keys(stages) }) },
      },
      steps: [
        { id: "test", kind: "test", needs: ["server", "client"] },
        { id: "server", kind: "code", needs: [] },
        { id: "client", kind: "code", needs: [] },
      ],
    });
    const result = run(manager);
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toBe(2);
    for (const { resolve } of gates) resolve({});
    expect((await result).outputs.outputs).toEqual({ saw: ["server", "client"] });
  });

  test("has one step of each kind unless told: plan, code, test, then what else there is", async () => {
    const agents = Object.fromEntries(
      ["deploy", "test", "plan", "announce"].map((kind) => [kind, { kinds: [kind], agent: () => ({}) }]),
    );
    const { outputs } = await run(managerProgram({ name: "m", agents }));
    expect((outputs.plan as { id: string }[]).map(({ id }) => id)).toEqual(["plan", "test", "deploy", "announce"]);
  });

  test("is executed in the manager's pool", async () => {
    const pool = new PipelinePool({ poolSize: 1 });
    const end = Promise.withResolvers<Record<string, string>>();
    let started = 0;
    const agents: ManagedAgents = { coder: { kinds: ["code"], agent: () => (started++, end.promise) } };
    const manager = managerProgram({ name: "m", agents, pool });
    const runs = [run(manager), run(manager)];
    await new Promise((resolve) => setImmediate(resolve));
    expect([started, pool.running, pool.waiting]).toEqual([1, 1, 1]);
    end.resolve({});
    await Promise.all(runs);
    expect(started).toBe(2);
  });
});

describe("review agents", () => {
  const reviewed = (): { manager: Manager; seen: string[][] } => {
    const seen: string[][] = [];
    const agents: ManagedAgents = {
      coder: { kinds: ["code"], agent: () => ({ code: "x" }) },
      tester: { kinds: ["test"], agent: (_, { stages }) => ({ after: Object.keys(stages) }) },
      critic: { kinds: ["review"], agent: (_, { step, stages }) => (seen.push([step.id, ...Object.keys(stages)]), {}) },
    };
    return { manager: managerProgram({ name: "m", agents }), seen };
  };

  test.each([
    [undefined, [["review", "code", "test"]], ["code"]],
    ["at_end", [["review", "code", "test"]], ["code"]],
    [
      "each_step",
      [
        ["review_code", "code"],
        ["review_test", "code", "review_code", "test"],
      ],
      ["code", "review_code"],
    ],
    ["none", [], ["code"]],
  ])("are called as review_strategy %s says", async (strategy, reviews, beforeTest) => {
    const { manager, seen } = reviewed();
    const { outputs } = await run(manager, strategy === undefined ? {} : { overrides: { review_strategy: strategy } });
    expect(seen).toEqual(reviews);
    expect(outputs.outputs).toMatchObject({ after: beforeTest });
    expect(outputs.config).toMatchObject({ review_strategy: strategy ?? "at_end", agent_for_review: "critic" });
  });

  test("at the end need the steps that nobody else needs", async () => {
    const { outputs } = await run(reviewed().manager);
    expect(outputs.plan).toContainEqual({ id: "review", kind: "review", needs: ["test"] });
  });

  test("make the strategy a variable; without them it is unknown", async () => {
    expect(reviewed().manager.space.variables).toMatchObject([
      { name: "review_strategy", options: ["at_end", "each_step", "none"] },
    ]);
    await expect(run(reviewed().manager, { overrides: { review_strategy: "often" } })).rejects.toThrow(
      'configuration review_strategy: expected one of at_end, each_step, none, got "often"',
    );
    await expect(run(office(), { overrides: { review_strategy: "none" } })).rejects.toThrow("nobody would read this");
  });
});
