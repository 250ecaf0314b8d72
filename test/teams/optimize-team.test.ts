import { describe, expect, test } from "vitest";
import type { Store } from "#foundation";
import {
  actionsBetween,
  agentSelection,
  communicationTopology,
  LiveTeam,
  team,
  teamModule,
  teamSpace,
} from "#orchestration";
import type { ConfigurationAction, Team } from "#orchestration";
import { listRuns, readRecord, resumeRun } from "#optimize";
import type { RunEvent } from "#optimize";
import { ModelError, program, signature } from "#programs";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import {
  agentize,
  evolution,
  optimizeTeam,
  programMetric,
  programModule,
  randomSearch,
  simba,
  teamStage,
  teamTeleprompters,
} from "#teams";
import type { OptimizedTeam, OptimizeTeamOptions } from "#teams";
import { scriptedModel } from "#testing";
import { choice, float, space } from "#variables";
import { coder, counted, doubled, echo, numbers, twoCoders } from "./crews.ts";

const train = numbers(0, 20);
const validation = numbers(100, 20);
const heldOut = numbers(200, 20);

function optimized(value: Team, changes: Partial<OptimizeTeamOptions> = {}): Promise<OptimizedTeam> {
  return optimizeTeam(value, {
    store: memoryStore(),
    modules: [coder],
    metric: doubled,
    teleprompter: randomSearch({ candidates: 4 }),
    train,
    validation,
    test: heldOut,
    budget: { evaluations: 12 },
    seed: 3,
    ...changes,
  });
}

const writer = program({ name: "writer", signature: signature("task: int -> text: string") });
const writers = team({
  name: "writers",
  agents: { one: agentize(writer, { output: "text" }), two: agentize(writer, { output: "text" }) },
  variables: [agentSelection("who", { agents: ["one", "two"], select: "subset", maxConcurrent: 2 })],
});
const toStrong: ConfigurationAction = {
  type: "reconfigure_supervisor",
  variable: "coder",
  from: "weak",
  to: "strong",
};

describe("what it finds", () => {
  test.each([
    ["random search", randomSearch({ candidates: 4 })],
    ["evolution", evolution({ candidates: 6, population: 3 })],
    ["simba", simba({ generations: 2, spread: 2 })],
  ])("A8: the better of two coders, with exactly the action that brings it in, by %s", async (_, teleprompter) => {
    const { actions, configuration, team: better, report } = await optimized(twoCoders(), { teleprompter });
    expect(actions).toEqual([toStrong]);
    expect(configuration).toEqual({ "team.coder": "strong" });
    expect(better).toEqual({ ...twoCoders(), id: better.id, configuration });
    expect(report).toMatchObject({
      significant: true,
      judgedOn: "test",
      heldOut: { baseline: { score: 0.4 }, winner: { score: 0.9 } },
    });
  });

  test("A8: applied to a living team, the action leaves strong with the supervisor, and weak gone", async () => {
    const { actions } = await optimized(twoCoders());
    await using live = new LiveTeam(twoCoders(), { modules: [coder] });
    await live.startAgents();
    const children = async (): Promise<string[]> => (await live.supervisor?.whichChildren())?.map(({ id }) => id) ?? [];
    expect(await children()).toEqual(["weak"]);
    expect((await live.apply(actions)).ok).toBe(true);
    expect(await children()).toEqual(["strong"]);
    expect(await live.ask(1)).toMatchObject({ ok: true, output: 2 });
  });

  test("A9: of two equally good coders it stays with the one it has", async () => {
    const value = twoCoders({ weak: 4, strong: 4 });
    const { actions, team: same, configuration, report } = await optimized(value);
    expect(actions).toEqual([]);
    expect(same).toBe(value);
    expect(configuration).toEqual(value.configuration);
    expect(report.significant).toBe(false);
  });

  test("a gain that chance explains as well changes nothing", async () => {
    const value = twoCoders({ weak: 5, strong: 4 });
    const { actions, team: same } = await optimized(value, { validation: numbers(100, 10), test: numbers(200, 10) });
    expect([actions, same]).toEqual([[], value]);
  });

  test("A12: an action that names somebody else is refused", async () => {
    await using live = new LiveTeam(twoCoders(), { modules: [coder] });
    await live.startAgents();
    const refused = await live.apply([{ ...toStrong, to: "ghost" }]);
    expect(refused.results).toMatchObject([{ outcome: "refused", error: { code: "invalid_configuration" } }]);
    expect(live.team.configuration).toEqual({ "team.coder": "weak" });
  });

  test("the team it was given is not changed", async () => {
    const value = twoCoders();
    const before = structuredClone(value);
    await optimized(value);
    expect(value).toEqual(before);
  });
});

describe("what may change", () => {
  /** The coder and its warmth; only the warmth decides. */
  const tuned = (): Team => {
    const agent = (): { module: string; localVariableSpace: ReturnType<typeof space> } => ({
      module: "warm",
      localVariableSpace: space([choice("warmth", ["cold", "warm"]), float("beside", { min: 0, max: 1 })]),
    });
    return team({
      name: "tuned",
      agents: { one: agent(), other: agent() },
      variables: [agentSelection("who", { agents: ["one", "other"], select: "one" })],
      configuration: { "one/beside": 0.75 },
    });
  };
  const warm = teamModule("warm", ({ task, parameters }) => ({
    output: parameters["warmth"] === "warm" ? 2 * (task as number) : -1,
  }));

  test("is only what the space says; every other value stays as it is", async () => {
    const only = space([choice("one/warmth", ["cold", "warm"])]);
    const { actions, configuration, report } = await optimized(tuned(), { modules: [warm], space: only });
    expect(configuration).toEqual({ "team.who": "one", "one/warmth": "warm", "one/beside": 0.75 });
    expect(actions).toEqual([
      { type: "adjust_parameters", agent: "one", from: { warmth: "cold" }, to: { warmth: "warm" } },
    ]);
    for (const candidate of report.candidates) expect(Object.keys(candidate.configuration)).toEqual(["one/warmth"]);
  });

  test("what a restricted space selects comes with its own variables' defaults, and what it deselects goes", async () => {
    const value = tuned();
    const best = { ...value.agents["other"]?.localVariableSpace, variables: [choice("warmth", ["warm", "cold"])] };
    const agents = { ...value.agents, other: { ...value.agents["other"], localVariableSpace: best } } as Team["agents"];
    const only = space([choice("team.who", ["one", "other"])]);
    const { configuration } = await optimized({ ...value, agents }, { modules: [warm], space: only });
    expect(configuration).toEqual({ "team.who": "other", "other/warmth": "warm" });
  });

  test("is everything about the team unless told, and never what belongs to an agent that is not active", async () => {
    const { report } = await optimized(tuned(), { modules: [warm], teleprompter: randomSearch({ candidates: 8 }) });
    const known = new Set(teamSpace(tuned()).variables.map(({ name }) => name));
    for (const { configuration } of report.candidates) {
      const absent = configuration["team.who"] === "one" ? "other/" : "one/";
      expect(Object.keys(configuration).filter((path) => path.startsWith(absent) || !known.has(path))).toEqual([]);
    }
  });

  test("must be the team's", async () => {
    const strange = space([choice("team.coder", ["weak", "strong"]), float("weak/heat", { min: 0, max: 1 })]);
    await expect(optimized(twoCoders(), { space: strange })).rejects.toMatchObject({
      name: "UsageError",
      issues: ["weak/heat"],
    });
  });
});

describe("the run", () => {
  test("is in the store, with its report", async () => {
    const store = memoryStore();
    const { run, report } = await optimized(twoCoders(), { store, source: { kind: "test" } });
    const record = await readRecord(store, run);
    expect(record).toMatchObject({
      id: run,
      program: { name: "coders" },
      teleprompter: { name: "team_random_search" },
      source: { kind: "test" },
      report: { significant: true },
    });
    expect(record.report?.configuration).toEqual(report.configuration);
    expect((await listRuns(store)).map(({ id }) => id)).toEqual([run]);
  });

  /** Puts the run down after so many examples; resolves with its id. */
  async function putDown(store: Store, examples: number): Promise<string> {
    const over = new AbortController();
    let seen = 0;
    let run = "";
    const onEvent = (event: RunEvent, runner: { readonly id: string }): void => {
      run = runner.id;
      if (event.type === "example" && ++seen === examples) over.abort(new Error("put down"));
    };
    await expect(optimized(twoCoders(), { store, onEvent, signal: over.signal })).rejects.toThrow("put down");
    return run;
  }

  test("that was put down goes on from the store, and pays for nothing twice", async () => {
    const store = memoryStore();
    const run = await putDown(store, 50);
    let asked = 0;
    const counting = teamModule("coder", ({ task }, { settings }) => {
      asked++;
      return { output: (task as number) % 10 < (settings["wrong"] as number) ? -1 : 2 * (task as number) };
    });
    const { run: same, actions, report } = await optimized(twoCoders(), { store, resume: run, modules: [counting] });
    expect([same, actions]).toEqual([run, [toStrong]]);
    expect(report.spend.evaluations).toBeLessThanOrEqual(12);
    expect(asked).toBeLessThanOrEqual(report.spend.evaluations * 20 - 50);
  });

  test("also goes on with the team's stage as a module, and the teams' teleprompters", async () => {
    const store = memoryStore();
    const run = await putDown(store, 30);
    await using live = new LiveTeam(twoCoders(), { modules: [coder], isStandby: true });
    await live.startAgents();
    const runner = await resumeRun(run, {
      store,
      metric: programMetric(doubled),
      model: scriptedModel([]),
      modules: [teamStage(live)],
      teleprompters: teamTeleprompters,
    });
    const report = await runner.finished;
    expect(actionsBetween(twoCoders(), twoCoders().configuration, report.configuration)).toEqual([toStrong]);
  });

  test("of a deterministic seed takes the same way twice", async () => {
    const way = async (): Promise<unknown> => {
      const { report } = await optimized(twoCoders(), { deterministic: true, teleprompter: simba({ generations: 2 }) });
      return report.candidates;
    };
    expect(await way()).toEqual(await way());
  });
});

describe("its budget", () => {
  test("A50: counts every evaluation, the baseline's and the comparison's included, and gives the best so far", async () => {
    let evaluated = 0;
    const agents = ["a", "b", "c"];
    const value = team({
      name: "many",
      agents: Object.fromEntries(agents.map((agent) => [agent, { module: "echo" }])),
      variables: [communicationTopology("net", { agents, patterns: ["ring", "chain", "broadcast", "mesh"] })],
    });
    const { report } = await optimized(value, {
      modules: [echo],
      teleprompter: randomSearch({ candidates: 100 }),
      budget: { evaluations: 5 },
      metric: () => {
        evaluated++;
        return 1;
      },
    });
    expect(report.spend.evaluations).toBeLessThanOrEqual(5);
    expect(evaluated).toBe(report.spend.evaluations * 20);
    expect(report.configuration).toEqual(value.configuration);
  });

  const written = (): ReturnType<typeof scriptedModel> =>
    scriptedModel(() => "[[ ## text ## ]]\nx\n[[ ## completed ## ]]", { usage: { inputTokens: 10, outputTokens: 5 } });

  test("counts the agents' model calls, and never one too many is made", async () => {
    const model = written();
    const { report } = await optimized(writers, {
      model,
      modules: [programModule()],
      budget: { calls: 130 },
      teleprompter: randomSearch({ candidates: 50 }),
    });
    expect(model.calls.length).toBeGreaterThan(60);
    expect(model.calls.length).toBeLessThanOrEqual(130);
    expect(report.spend).toMatchObject({ calls: model.calls.length, tokens: 15 * model.calls.length });
  });

  test("without a model each agent asks its own, and limits on calls are refused", async () => {
    const own = written();
    const { report } = await optimized(writers, { modules: [programModule({ model: own })] });
    expect(own.calls.length).toBeGreaterThan(0);
    expect(report.heldOut?.baseline.score).toBe(0);
    for (const limit of ["calls", "tokens", "usd"] as const)
      await expect(optimized(twoCoders(), { budget: { [limit]: 100 } })).rejects.toThrow(
        `budget.${limit}: it is kept for the model that the agents ask`,
      );
  });
});

describe("what fails on the way", () => {
  test("a coder that crashes on some tasks costs these tasks, and the run completes", async () => {
    const crashing = teamModule("coder", ({ task }, { settings }) => {
      const number = task as number;
      if (settings["wrong"] === 1 && number % 10 === 0) throw new Error("stack overflow");
      return { output: number % 10 < (settings["wrong"] as number) ? -1 : 2 * number };
    });
    const { actions, report } = await optimized(twoCoders(), { modules: [crashing] });
    expect(actions).toEqual([toStrong]);
    expect(report.heldOut).toMatchObject({ winner: { score: 0.9 } });
  });

  test("a metric that throws on one example costs this example", async () => {
    const { actions, report } = await optimized(twoCoders(), {
      metric: (result, example) => {
        if (example.input === 209) throw new Error("no idea");
        return doubled(result, example);
      },
    });
    expect(actions).toEqual([toStrong]);
    expect(report.heldOut).toMatchObject({ baseline: { score: 0.35 }, winner: { score: 0.85 } });
  });

  test("a metric that always throws wins nothing, and the report says with what it failed", async () => {
    const { actions, report } = await optimized(twoCoders(), {
      metric: () => {
        throw new Error("no idea");
      },
    });
    expect(actions).toEqual([]);
    const [failure, ...others] = report.failures ?? [];
    expect(failure?.message).toMatch(/^the metric failed on example \d+: no idea$/);
    expect(failure?.count).toBeGreaterThan(1);
    expect(others).toEqual([]);
  });

  test("a team without a plan is a candidate that failed", async () => {
    const value = team({
      name: "hub",
      agents: Object.fromEntries(["a", "b", "c"].map((id) => [id, { module: "coder", settings: { wrong: 5 } }])),
      variables: [
        agentSelection("who", { agents: ["a", "b", "c"], select: "subset", min: 2, maxConcurrent: 2 }),
        communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["chain", "star"], hubs: ["a"] }),
      ],
    });
    const { report } = await optimized(value, { teleprompter: randomSearch({ candidates: 12 }), budget: {} });
    const hubless = report.candidates.filter(
      ({ configuration }) =>
        configuration["team.net.pattern"] === "star" &&
        !(configuration["team.who"] as string[]).includes("a") &&
        (configuration["team.who"] as string[]).length > 1,
    );
    for (const { score } of hubless) expect(score).toBe(0);
    expect(report).toMatchObject({ status: "completed", heldOut: { baseline: { score: 0.5 } } });
  });

  test("nobody of the team that was started for it is left, whatever happens", async () => {
    const module = counted();
    await optimized(twoCoders(), { modules: [module] });
    expect(module.alive()).toBe(0);
    const over = new AbortController();
    const metric = (): number => (over.abort(new Error("enough")), 1);
    const { signal } = over;
    await expect(optimized(twoCoders(), { modules: [module], metric, signal })).rejects.toThrow("enough");
    expect(module.alive()).toBe(0);
  });

  test("a model that is down fails the run: no configuration is to blame", async () => {
    const model: LanguageModel = {
      id: "down",
      generate: () => Promise.reject(new ModelError("unauthorized", "the key has expired")),
    };
    const failed = optimized(writers, { model, modules: [programModule()] });
    await expect(failed).rejects.toMatchObject({ code: "infrastructure" });
    await expect(failed).rejects.toThrow("the key has expired");
  });
});

describe("misuse", () => {
  test.each<[string, Partial<OptimizeTeamOptions>, string]>([
    ["no examples", { train: [] }, "train: expected at least one example"],
    ["examples that are none", { train: [{ task: 1 } as never, ...train] }, "train: 1 of 21 do not fit"],
    ["validation examples that are none", { validation: [1 as never] }, "validation: 1 of 1 do not fit"],
    ["no metric", { metric: undefined as never }, "metric: expected a function, got nothing"],
    [
      "a name for a teleprompter",
      { teleprompter: "simba" as never },
      'teleprompter: expected one, such as simba(), got "simba"',
    ],
    ["an empty budget", { budget: { evaluations: 0 } }, "budget.evaluations: expected a whole number above 0"],
    ["leaked examples", { test: train.slice(0, 3) }, "test: 3 of 3 examples also stand in train or validation"],
    ["missing code", { modules: [] }, 'agent weak: unknown module "coder"'],
  ])("%s: refused before anything is stored", async (_, changes, message) => {
    const store = memoryStore();
    await expect(optimized(twoCoders(), { store, ...changes })).rejects.toThrow(message);
    expect(await listRuns(store)).toEqual([]);
  });

  test("a living team that is not ready with every agent is refused, not scored", async () => {
    await using live = new LiveTeam(twoCoders(), { modules: [coder] });
    await expect(optimized(twoCoders(), { live })).rejects.toThrow("but weak, strong are not");
    await live.startAgents();
    await expect(optimized(twoCoders(), { live })).rejects.toThrow(
      "live: expected team coders running with every agent ready (isStandby), but strong is not",
    );
  });

  test("one that is ready is used, and stays", async () => {
    await using live = new LiveTeam(twoCoders(), { modules: [coder], isStandby: true });
    await live.startAgents();
    expect((await optimized(twoCoders(), { live })).actions).toEqual([toStrong]);
    expect((await live.ask(7)).ok).toBe(true);
    expect(live.team.configuration).toEqual({ "team.coder": "weak" });
  });

  test("a signal that has aborted starts nothing, nor does a metric that is none", async () => {
    let started = 0;
    const modules = [{ ...coder, check: () => void started++ }];
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(optimized(twoCoders(), { modules, signal })).rejects.toThrow("never mind");
    await expect(optimized(twoCoders(), { modules, metric: 1 as never })).rejects.toThrow(
      "metric: expected a function",
    );
    expect(started).toBe(0);
  });
});
