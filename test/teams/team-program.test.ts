import { describe, expect, test } from "vitest";
import { agentSelection, LiveTeam, team, teamModule } from "#orchestration";
import { evaluate, execute, program, signature } from "#programs";
import { agentize, programModule, teamProgram, teamStage } from "#teams";
import type { TeamRunResult } from "#teams";
import { scriptedModel } from "#testing";
import { float } from "#variables";
import { coder, echo, said, twoCoders } from "./crews.ts";

async function alive(value = twoCoders(), modules = [coder]): Promise<LiveTeam> {
  const live = new LiveTeam(value, { modules, isStandby: true });
  await live.startAgents();
  return live;
}

describe("a team as a program", () => {
  test("is executed as any program is: output, measures, and the configuration that was used", async () => {
    await using live = await alive();
    const execution = await execute(teamProgram(live.team), { task: 7 }, { modules: [teamStage(live)] });
    const { output, run } = execution.outputs;
    expect(output).toBe(14);
    expect(run).toMatchObject({ output: 14, isDegraded: false, agentActivations: { weak: 1 }, used: { steps: 10 } });
    expect(execution.config).toEqual({ "team.coder": "weak" });
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
  });

  test("answers by its overrides, without changing the team", async () => {
    await using live = await alive();
    const options = { modules: [teamStage(live)], overrides: { "team.coder": "strong" } };
    const { outputs } = await execute(teamProgram(live.team), { task: 1 }, options);
    expect(said(outputs.run as TeamRunResult)).toEqual([["strong", 2]]);
    expect(live.team.configuration).toEqual({ "team.coder": "weak" });
  });

  test("keeps its own values of agents that the overrides select away out of the request", async () => {
    const value = team({
      name: "tuned",
      agents: {
        one: { module: "echo", localVariableSpace: { variables: [float("warmth", { min: 0, max: 1 })] } },
        other: { module: "echo", localVariableSpace: { variables: [float("warmth", { min: 0, max: 1 })] } },
      },
      variables: [agentSelection("who", { agents: ["one", "other"], select: "one" })],
      configuration: { "one/warmth": 0.7 },
    });
    const warm = teamModule("echo", ({ parameters }) => ({ output: parameters }));
    await using live = await alive(value, [warm]);
    const overrides = { "team.who": "other", "other/warmth": 0.2 };
    const { outputs } = await execute(teamProgram(value), { task: 1 }, { modules: [teamStage(live)], overrides });
    expect(outputs.output).toEqual({ warmth: 0.2 });
  });

  test("may call its variables as the settings of a program's stages are called", async () => {
    const asking = agentize(program({ name: "p", signature: signature("task: int -> text") }), { output: "text" });
    const value = team({
      name: "named",
      agents: { small: asking, large: asking },
      variables: [agentSelection("model", { agents: ["small", "large"], select: "one" })],
    });
    const model = scriptedModel(() => "[[ ## text ## ]]\nx\n[[ ## completed ## ]]");
    await using live = await alive(value, [programModule()]);
    const options = { model, modules: [teamStage(live)], overrides: { "team.model": "large" } };
    const { outputs } = await execute(teamProgram(value), { task: 1 }, options);
    expect(said(outputs.run as TeamRunResult)).toEqual([["large", "x"]]);
  });

  test("without an answer has null, and says why", async () => {
    const mute = teamModule("mute", () => ({ output: null }));
    await using live = await alive(team({ name: "mute", agents: { a: { module: "mute" } } }), [mute]);
    const { outputs } = await execute(teamProgram(live.team), { task: 1 }, { modules: [teamStage(live)] });
    expect(outputs).toMatchObject({ output: null, run: { error: { code: "no_answer" } } });
  });

  test("is evaluated as any program is; a configuration outside the team's is the candidate's failure", async () => {
    await using live = await alive();
    const value = teamProgram(live.team);
    const evaluated = evaluate(value, [{ inputs: { task: 7 }, expected: { output: 14 } }], () => 1, {
      modules: [teamStage(live)],
      overrides: { "team.coder": "nobody" },
    });
    expect(await evaluated.summary()).toMatchObject({ score: 0, candidateFailures: 1, infrastructureFailures: 0 });
  });

  test("that does not run is misuse, not a failure", async () => {
    const live = await alive();
    await live[Symbol.asyncDispose]();
    const executed = execute(teamProgram(live.team), { task: 7 }, { modules: [teamStage(live)] });
    await expect(executed).rejects.toThrow("team coders is not running: it has been closed");
    await expect(executed).rejects.toMatchObject({ name: "UsageError" });
  });

  test("measures the memory as it is told to", async () => {
    await using live = await alive();
    const modules = [teamStage(live, { memoryBytes: () => 99 })];
    const { outputs } = await execute(teamProgram(live.team), { task: 7 }, { modules });
    expect(outputs.run).toMatchObject({ memoryUsage: 99 });
  });

  test("gives up with the signal's reason", async () => {
    const idle = teamModule("idle", () => new Promise(() => {}), { calls: "many" });
    await using live = await alive(team({ name: "idle", agents: { a: { module: "idle" } } }), [idle]);
    const over = new AbortController();
    const { signal } = over;
    const executed = execute(teamProgram(live.team), { task: 7 }, { modules: [teamStage(live)], signal });
    over.abort(new Error("enough"));
    await expect(executed).rejects.toThrow("enough");
    expect(live.status().requests.inFlight).toBe(0);
  });
});

describe("the models of a team's agents", () => {
  const writer = program({ name: "writer", signature: signature("task: string -> text: string") });
  const answer = "[[ ## text ## ]]\nwritten\n[[ ## completed ## ]]";
  const value = team({
    name: "writers",
    agents: { one: agentize(writer, { output: "text" }), two: agentize(writer, { output: "text" }) },
  });

  test("are those of the execution, rollout and seeds included, and no two calls draw the same lot", async () => {
    const model = scriptedModel(() => answer);
    await using live = await alive(value, [programModule()]);
    const options = { model, modules: [teamStage(live)], rollout: 3, overrides: { seed: 5 } };
    const { outputs } = await execute(teamProgram(value), { task: "go" }, options);
    const first = model.calls.map(({ seed }) => seed);
    await execute(teamProgram(value), { task: "go" }, options);
    expect(outputs.output).toBe("written");
    expect(model.calls.map(({ rollout }) => rollout)).toEqual([3, 3, 3, 3]);
    expect(new Set(first).size).toBe(2);
    expect(model.calls.map(({ seed }) => seed)).toEqual([...first, ...first]);
  });

  test("are their own where the stage says so", async () => {
    const [own, given] = [scriptedModel(() => answer), scriptedModel([])];
    await using live = await alive(value, [programModule({ model: own })]);
    const modules = [teamStage(live, { models: "own" })];
    await execute(teamProgram(value), { task: "go" }, { model: given, modules });
    expect([own.calls.length, given.calls.length]).toEqual([2, 0]);
  });

  test("agents without one need none", async () => {
    await using live = await alive(team({ name: "plain", agents: { a: { module: "echo" } } }), [echo]);
    const { outputs } = await execute(teamProgram(live.team), { task: 1 }, { modules: [teamStage(live)] });
    expect(outputs.output).toBe(1);
  });
});
