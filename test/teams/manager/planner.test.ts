import { describe, expect, test } from "vitest";
import { execute, ModelError, program, ProgramError, signature } from "#programs";
import type { Execution, ModelRequest, Program } from "#programs";
import { managerProgram, planner, stepPerKind } from "#teams";
import type { Manager, ManagerOutputs, PlanRequest, PlanStep, RulePlanner } from "#teams";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";

const goal = "Implement feature X";
const valid = [
  { id: "sketch", kind: "plan", needs: [] },
  { id: "write", kind: "code", needs: ["sketch"] },
];
const defaultPlan = stepPerKind(["plan", "code", "test"]);
const cyclic = [
  { id: "a", kind: "code", needs: ["b"] },
  { id: "b", kind: "test", needs: ["a"] },
];
const unknown = [{ id: "a", kind: "deploy", needs: [] }];

function office(by: Program | RulePlanner): Manager & { readonly called: string[] } {
  const called: string[] = [];
  const agents = Object.fromEntries(
    ["plan", "code", "test"].map((kind) => [`${kind}_agent`, { kinds: [kind], agent: () => (called.push(kind), {}) }]),
  );
  return { ...managerProgram({ name: "office", agents, planner: by }), called };
}

const run = (manager: Manager, model?: ScriptedModel): Promise<Execution<ManagerOutputs>> =>
  execute(manager.program, { goal }, { modules: manager.modules, model });
const reply = (steps: unknown): string =>
  `[[ ## reasoning ## ]]\nr\n[[ ## steps ## ]]\n${typeof steps === "string" ? steps : JSON.stringify(steps)}`;
const asked = ({ messages }: ModelRequest): string => messages.at(-1)?.content ?? "";

test("R131: a planner program reasons, and its plan is what is done", async () => {
  const model = scriptedModel([reply(valid)]);
  const manager = office(planner());
  const { outputs, usage } = await run(manager, model);
  expect(outputs).toMatchObject({ plan: valid, plan_repaired: false });
  expect(manager.called).toEqual(["plan", "code"]);
  expect(usage.calls).toBe(1);
  expect(asked(model.calls[0] as ModelRequest)).toContain(goal);
  expect(asked(model.calls[0] as ModelRequest)).toMatch(/plan.*code.*test/s);
  expect(model.calls[0]?.messages[0]?.content).toContain("reasoning");
});

describe("A4: a planner whose plan is", () => {
  test.each([
    ["cyclic", cyclic, "steps: expected no cycle, got a needs b needs a"],
    ["of unknown steps", unknown, "steps[0].kind: expected one of plan, code, test, got"],
    ["garbage", "first I plan, then I code {{", "steps: expected a list of 1 to 64 steps, got"],
  ])("%s is asked once more, shown the issues", async (_, steps, issue) => {
    const model = scriptedModel([reply(steps), reply(valid)]);
    const manager = office(planner());
    const { outputs, usage } = await run(manager, model);
    expect(outputs).toMatchObject({ plan: valid, plan_repaired: true });
    expect(usage.calls).toBe(2);
    expect(asked(model.calls[0] as ModelRequest)).not.toContain("expected");
    expect(asked(model.calls[1] as ModelRequest)).toContain(issue);
    expect(manager.called).toEqual(["plan", "code"]);
  });

  test.each([
    ["cyclic", cyclic],
    ["of unknown steps", unknown],
    ["garbage", "[{{{"],
  ])("%s twice gets the default plan, flagged", async (_, steps) => {
    const model = scriptedModel([reply(steps), reply(steps)]);
    const manager = office(planner());
    const { outputs, usage } = await run(manager, model);
    expect(outputs).toMatchObject({ plan: defaultPlan, plan_repaired: true });
    expect(manager.called).toEqual(["plan", "code", "test"]);
    expect(usage.calls).toBe(2);
  });

  test("in a reply that cannot be read gets it too, with all calls paid for", async () => {
    const model = scriptedModel(() => "I cannot help with that.");
    const asking = program({ name: "p", signature: signature("goal -> steps: json, count: int") });
    const { outputs, usage } = await run(office(asking), model);
    expect(outputs).toMatchObject({ plan: defaultPlan, plan_repaired: true });
    expect(usage.calls).toBe(4);
  });

  test("wrong by rule is asked once more as well", async () => {
    const requests: PlanRequest[] = [];
    const rule =
      (plans: readonly unknown[]): RulePlanner =>
      (request) =>
        plans[requests.push(request) - 1] as PlanStep[];
    expect((await run(office(rule([cyclic, valid])))).outputs).toMatchObject({ plan: valid, plan_repaired: true });
    expect(requests).toEqual([
      { goal, kinds: ["plan", "code", "test"], issues: [] },
      { goal, kinds: ["plan", "code", "test"], issues: ["steps: expected no cycle, got a needs b needs a"] },
    ]);
    requests.length = 0;
    expect((await run(office(rule([unknown, null])))).outputs).toMatchObject({
      plan: defaultPlan,
      plan_repaired: true,
    });
    expect(requests).toHaveLength(2);
  });
});

test("a planner without a place for issues finds them in the goal", async () => {
  const model = scriptedModel([`[[ ## steps ## ]]\n[]`, `[[ ## steps ## ]]\n${JSON.stringify(valid)}`]);
  const { outputs } = await run(office(program({ name: "p", signature: signature("goal -> steps: json") })), model);
  expect(outputs.plan).toEqual(valid);
  expect(asked(model.calls[1] as ModelRequest)).toContain(
    `${goal}\n\nThe last plan could not be used:\n- steps: expected a list of 1 to 64 steps, got a list of 0`,
  );
});

test("a plan with a hundred defects shows the first few", async () => {
  const many = Array.from({ length: 60 }, (_, n) => ({ id: n, kind: n, needs: n }));
  const model = scriptedModel([reply(many), reply(valid)]);
  await run(office(planner()), model);
  expect(asked(model.calls[1] as ModelRequest)).toContain("and 168 more");
  expect(asked(model.calls[1] as ModelRequest)).not.toContain("steps[4].needs");
});

test("a planner whose model fails rejects as any stage does, with what was spent", async () => {
  const unavailable = new ModelError("unavailable", "503", { retryable: true });
  const manager = office(planner());
  const failure = await run(manager, scriptedModel([reply(unknown), unavailable])).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ProgramError);
  expect(failure).toMatchObject({ code: "stage_failed", stage: "manager", retryable: true, usage: { calls: 1 } });
  expect(manager.called).toEqual([]);
  const broken = office(() => {
    throw new Error("no idea");
  });
  await expect(run(broken)).rejects.toThrow("stage manager failed: no idea");
});

test("a planner's settings are below its scope, which no agent may have for an id", async () => {
  const model = scriptedModel([reply(valid)]);
  const manager = office(planner({ name: "strategist", instructions: "Plan well." }));
  const overrides = { "planner/chain_of_thought.temperature": 0.1 };
  await execute(manager.program, { goal }, { modules: manager.modules, model, overrides });
  expect(model.calls[0]).toMatchObject({ temperature: 0.1 });
  expect(JSON.stringify(model.calls[0]?.messages)).toContain("Plan well.");
  const agents = { planner: { kinds: ["plan"], agent: () => ({}) } };
  expect(() => managerProgram({ name: "m", agents, planner: planner() })).toThrow("scope of the planner's settings");
  expect(() => managerProgram({ name: "m", agents, planner: () => [] })).not.toThrow();
});
