import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { evaluate, execute, ModelError, module, program, ProgramError, signature } from "#programs";
import { managerProgram } from "#teams";
import type { AgentFunction, ManagedAgents, Manager, ManagerOptions } from "#teams";
import { scriptedModel } from "#testing";
import { goal, office, run } from "./office.ts";

async function failureOf(attempt: Promise<unknown>): Promise<ProgramError> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ProgramError);
  return thrown as ProgramError;
}

describe("an agent that fails", () => {
  const unavailable = new ModelError("unavailable", "503", { retryable: true });
  let attempts = 0;
  const failing = (onError?: ManagerOptions["onError"]): Manager => {
    attempts = 0;
    return managerProgram({
      name: "m",
      agents: {
        coder: { kinds: ["code"], agent: () => (attempts++, Promise.reject(unavailable)) },
        tester: { kinds: ["test"], agent: () => ({ verdict: "none" }) },
      },
      ...(onError === undefined ? {} : { onError }),
    });
  };

  test("ends the execution with its error as a cause", async () => {
    const failure = await failureOf(run(failing()));
    expect(failure).toMatchObject({ code: "stage_failed", stage: "manager", retryable: true });
    expect(failure.message).toBe("stage manager: step code by coder: 503");
    expect((failure.cause as Error).cause).toBe(unavailable);
  });

  test("because of its provider is infrastructure for an evaluation", async () => {
    const { program: manager, modules } = failing();
    const evaluation = evaluate(manager, [{ inputs: { goal }, expected: {} }], () => 1, { modules, retries: 0 });
    expect(await evaluation.summary()).toMatchObject({ counted: 0, infrastructureFailures: 1 });
  });

  test("is listed when the manager goes on, and tried again when it retries", async () => {
    const { outputs } = await run(failing("continue_on_error"));
    expect(outputs).toMatchObject({
      outputs: { verdict: "none" },
      errors: [{ stage: "code", agent: "coder", message: "503" }],
    });
    expect(Object.keys(outputs.stage_results as object)).toEqual(["test"]);
    await failureOf(run(failing({ maxRetries: 2 })));
    expect(attempts).toBe(3);
  });

  test("leaves what was spent before it in the account", async () => {
    const coder = program({ name: "coder", signature: signature("goal -> code") });
    const agents: ManagedAgents = {
      coder: { kinds: ["code"], agent: coder },
      tester: { kinds: ["test"], agent: () => Promise.reject(new Error("no")) },
    };
    const model = scriptedModel(["[[ ## code ## ]]\nx"]);
    expect((await failureOf(run(managerProgram({ name: "m", agents }), { model }))).usage.calls).toBe(1);
  });

  test("gives outputs that are no JSON", async () => {
    const agent = (() => ({ when: new Map() })) as AgentFunction;
    const failure = await failureOf(run(managerProgram({ name: "m", agents: { coder: { kinds: ["code"], agent } } })));
    expect(failure.message).toContain(
      "step code by coder: expected an object of JSON values as outputs, but when is a Map",
    );
  });
});

test("the caller's signal ends the work and reaches the agents", async () => {
  const controller = new AbortController();
  let seen: AbortSignal | undefined;
  const never: AgentFunction = (_, { signal }) => ((seen = signal), new Promise(() => {}));
  const manager = managerProgram({ name: "m", agents: { coder: { kinds: ["code"], agent: never } } });
  const result = run(manager, { signal: controller.signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error("enough"));
  await expect(result).rejects.toThrow("enough");
  expect(seen?.aborted).toBe(true);
});

describe("a choice that is none is refused before anybody is called:", () => {
  test.each([
    [
      "an agent of another kind",
      { agent_for_code: "tester" },
      'configuration agent_for_code: expected one of python, javascript, got "tester"',
    ],
    ["an unknown agent", { "manager.agent_for_code": "elixir" }, 'expected one of python, javascript, got "elixir"'],
    ["no text", { agent_for_code: null }, "expected one of python, javascript, got null"],
    [
      "an unknown kind",
      { agent_for_deploy: "tester" },
      "agent_for_deploy: settings are agent_for_test, agent_for_code, agent_for_plan, model",
    ],
    [
      "the settings of nobody",
      { "elixir/temperature": 1 },
      "elixir/temperature: there is no agent elixir; agents are tester, python, javascript, planner",
    ],
  ])("%s", async (_, overrides, message) => {
    const manager = office();
    const attempt = run(manager, { overrides });
    await expect(attempt).rejects.toThrow(UsageError);
    await expect(attempt).rejects.toThrow(message);
    expect(manager.called).toEqual([]);
  });

  test("a goal that is no text", async () => {
    const { program: manager, modules } = office();
    await expect(execute(manager, { goal: 1 } as unknown as { goal: string }, { modules })).rejects.toThrow(UsageError);
  });
});

describe("a definition that could not run is refused:", () => {
  const agent: AgentFunction = () => ({});
  const wrong = (changes: object): ManagerOptions => ({
    name: "m",
    agents: { coder: { kinds: ["code"], agent } },
    ...changes,
  });
  const step = { id: "a", kind: "code", needs: [] };
  const qa = program({ name: "qa", signature: signature("goal -> answer") });
  test.each([
    ["no options", undefined as unknown as ManagerOptions, "expected { name, agents }, got nothing"],
    ["no name", wrong({ name: "" }), 'managerProgram.name: expected a name, got ""'],
    ["no agents", wrong({ agents: {} }), "manager m.agents: expected at least one agent, got an empty object"],
    ["an agent's id with a slash", wrong({ agents: { "a/b": { kinds: ["code"], agent } } }), 'got "a/b"'],
    [
      "a bare function as agent",
      wrong({ agents: { coder: agent } }),
      "manager m.agents.coder: expected { kinds, agent }, got a function agent",
    ],
    [
      "an agent without kinds",
      wrong({ agents: { coder: { kinds: [], agent } } }),
      "manager m.agents.coder.kinds: expected kinds of steps as names, got a list of 0",
    ],
    [
      "an agent that is nobody",
      wrong({ agents: { coder: { kinds: ["code"], agent: "gpt" } } }),
      'manager m.agents.coder.agent: expected program(…) or a function, got "gpt"',
    ],
    [
      "an agent made of an unknown module",
      wrong({ agents: { coder: { kinds: ["code"], agent: { ...qa, pipeline: [{ id: "x", module: "x" }] } } } }),
      'unknown module "x"',
    ],
    [
      "a kind that no agent lists",
      wrong({ steps: [step, { ...step, id: "b", kind: "test" }] }),
      'steps[1].kind: expected one of code, got "test"',
    ],
    ["a plan in a circle", wrong({ steps: [{ ...step, needs: ["a"] }] }), "steps: expected no cycle, got a needs a"],
    [
      "a planner that plans nothing",
      wrong({ planner: qa }),
      "manager m.planner: expected a program with the input goal and the output steps",
    ],
    [
      "a planner that wants more",
      wrong({ planner: program({ name: "p", signature: signature("goal, mood -> steps: json") }) }),
      "nobody gives it mood",
    ],
    [
      "a planner that is none",
      wrong({ planner: "plan" }),
      'manager m.planner: expected program(…) or a function, got "plan"',
    ],
    ["an unknown answer to errors", wrong({ onError: "retry" }), 'onError: expected "fail_fast"'],
  ])("%s", (_, options, message) => {
    expect(() => managerProgram(options)).toThrow(UsageError);
    expect(() => managerProgram(options)).toThrow(message);
  });

  test("modules of one's own make a program of them acceptable", async () => {
    const own = module("own", () => ({ answer: "42" }));
    const agents: ManagedAgents = {
      coder: { kinds: ["code"], agent: { ...qa, pipeline: [{ id: "own", module: "own" }] } },
    };
    expect((await run(managerProgram({ name: "m", agents, modules: [own] }))).outputs.outputs).toEqual({
      answer: "42",
    });
  });
});
