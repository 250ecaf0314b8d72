import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { agentSelection, communicationTopology, LiveTeam, team, TeamError, teamModule } from "#orchestration";
import type { TeamModule } from "#orchestration";
import { evaluateTeamPerformance } from "#teams";
import type { TeamExample, TeamMetric } from "#teams";
import { fakeClock } from "#testing";
import { coder, counted, doubled, echo, numbers, twoCoders } from "./crews.ts";

describe("what it measures", () => {
  test("every field comes from the runs", async () => {
    const performance = await evaluateTeamPerformance(twoCoders(), numbers(0, 10), doubled, {
      modules: [coder],
      memoryBytes: () => 4096,
    });
    expect(performance).toMatchObject({
      overallScore: 0.4,
      individualScores: { weak: 0.4, strong: 0 },
      coordinationEfficiency: expect.any(Number),
      communicationOverhead: 0,
      communicationEfficiency: 1,
      resourceUtilization: 1,
      faultToleranceScore: 1,
      faultToleranceMeasured: "observed",
      adaptationSpeed: 1,
      memoryUsage: 4096,
      agentActivations: { weak: 10 },
      used: { steps: 100 },
      objectives: {},
    });
    expect(performance.executionTime).toBeGreaterThanOrEqual(1);
    const [low, high] = performance.interval;
    expect(low).toBeLessThan(0.4);
    expect(high).toBeGreaterThan(0.4);
    expect(performance.outcomes.map((outcome) => outcome.ok && outcome.score)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test("times are those of the team's clock", async () => {
    const clock = fakeClock();
    const slow = teamModule("slow", async ({ task }) => {
      await clock.sleep(30);
      return { output: task };
    });
    await using live = new LiveTeam(team({ name: "slow", agents: { a: { module: "slow" } } }), {
      modules: [slow],
      clock,
    });
    await live.startAgents();
    const evaluated = evaluateTeamPerformance(live, numbers(0, 3), doubled, { concurrency: 1 });
    await clock.advance(90);
    expect(await evaluated).toMatchObject({ executionTime: 90, coordinationEfficiency: 1 });
  });

  test("the process's own memory unless another figure is given", async () => {
    const { memoryUsage } = await evaluateTeamPerformance(twoCoders(), numbers(0, 2), doubled, { modules: [coder] });
    expect(memoryUsage).toBeGreaterThan(1e6);
  });

  test("a metric's further goals by their means, over the examples that have them", async () => {
    const metric: TeamMetric = (_, { input }) => ({
      score: 1,
      objectives: { size: input as number, ...(input === 3 ? { rare: 7 } : {}) },
    });
    const { objectives } = await evaluateTeamPerformance(twoCoders(), numbers(1, 3), metric, { modules: [coder] });
    expect(objectives).toEqual({ size: 2, rare: 7 });
  });

  test("how soon a living team settled after it was changed", async () => {
    await using live = new LiveTeam(twoCoders({ weak: 10, strong: 0 }), { modules: [coder] });
    await live.startAgents();
    const metric: TeamMetric = async (result, example) => {
      if (example.input === 20)
        await live.apply([{ type: "reconfigure_supervisor", variable: "coder", from: "weak", to: "strong" }]);
      return doubled(result, example);
    };
    const { adaptationSpeed, overallScore } = await evaluateTeamPerformance(live, numbers(0, 100), metric, {
      concurrency: 1,
    });
    expect(overallScore).toBeCloseTo(0.79);
    expect(adaptationSpeed).toBe(1);
  });

  test("the same examples, other values: overrides may select an agent that was not active", async () => {
    const overrides = { "team.coder": "strong" };
    const { overallScore, agentActivations } = await evaluateTeamPerformance(twoCoders(), numbers(0, 10), doubled, {
      modules: [coder],
      overrides,
    });
    expect([overallScore, agentActivations]).toEqual([0.9, { strong: 10 }]);
  });
});

describe("failures of single examples", () => {
  test("a metric that throws on one, or answers no number, is that one's failure, and the rest goes on", async () => {
    const answers: Record<number, () => unknown> = {
      1: () => {
        throw new Error("no idea");
      },
      2: () => NaN,
      3: () => "good",
      4: () => ({ score: 1, objectives: { size: NaN } }),
      5: () => Promise.reject(new UsageError("misused")),
    };
    const metric = ((_, { input }) => answers[input as number]?.() ?? 1) as TeamMetric;
    const { outcomes, overallScore } = await evaluateTeamPerformance(twoCoders(), numbers(0, 7), metric, {
      modules: [coder],
    });
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.score : outcome.message))).toEqual([
      1,
      "no idea",
      "the metric: expected a finite number or { score, feedback, objectives }, got NaN",
      'the metric: expected a finite number or { score, feedback, objectives }, got "good"',
      "the metric: expected a finite number or { score, feedback, objectives }, got NaN as objective size",
      "misused",
      1,
    ]);
    expect(outcomes.every(({ result }) => result !== undefined)).toBe(true);
    expect(overallScore).toBeCloseTo(2 / 7);
  });

  test("a team that finds no answer is scored by the metric, with the reason", async () => {
    const mute = teamModule("mute", () => ({ output: null }));
    const { outcomes, individualScores } = await evaluateTeamPerformance(
      team({ name: "mute", agents: { a: { module: "mute" } } }),
      [{ input: 1 }],
      ({ output, error }) => ({ score: output === null ? 0.25 : 1, feedback: error?.code ?? "" }),
      { modules: [mute] },
    );
    expect(outcomes).toMatchObject([{ ok: true, score: 0.25, feedback: "no_answer" }]);
    expect(individualScores).toEqual({ a: 0 });
  });

  test("a configuration without a plan, as a star whose hub is not active, is the examples' failure", async () => {
    const agents = ["a", "b", "c"];
    const value = team({
      name: "hubless",
      agents: Object.fromEntries(agents.map((agent) => [agent, { module: "echo" }])),
      variables: [
        agentSelection("who", { agents, select: "subset" }),
        communicationTopology("net", { agents, patterns: ["chain", "star"], hubs: ["a"] }),
      ],
    });
    const overrides = { "team.who": ["b", "c"], "team.net.pattern": "star" };
    const performance = await evaluateTeamPerformance(value, numbers(0, 2), doubled, { modules: [echo], overrides });
    const message = "team hubless: team.net: a star needs its hub, but a is not active";
    expect(performance.outcomes).toEqual([
      { ok: false, message },
      { ok: false, message },
    ]);
    expect(performance).toMatchObject({
      overallScore: 0,
      individualScores: { a: 0, b: 0, c: 0 },
      executionTime: 1,
      memoryUsage: 1,
      coordinationEfficiency: 1,
    });
  });

  test("an agent that crashes fails its request and serves the next", async () => {
    const moody = teamModule("moody", ({ task }) => {
      if (task === 1) throw new Error("not this one");
      return { output: 2 * (task as number) };
    });
    const value = team({ name: "moody", policies: { retries: 0 }, agents: { a: { module: "moody" } } });
    const { outcomes, faultToleranceScore } = await evaluateTeamPerformance(value, numbers(0, 3), doubled, {
      modules: [moody],
      concurrency: 1,
    });
    expect(outcomes.map((outcome) => outcome.ok && outcome.score)).toEqual([1, 0, 1]);
    expect(faultToleranceScore).toBe(0);
  });
});

describe("order and concurrency", () => {
  test("outcomes stand in the order of the examples, however long each took, and no more run at once than told", async () => {
    const clock = fakeClock();
    let [running, most] = [0, 0];
    const slow = teamModule(
      "slow",
      async ({ task }) => {
        most = Math.max(most, ++running);
        await clock.sleep(10 * (10 - (task as number)));
        running--;
        return { output: task };
      },
      { calls: "many" },
    );
    await using live = new LiveTeam(team({ name: "slow", agents: { a: { module: "slow" } } }), {
      modules: [slow],
      clock,
    });
    await live.startAgents();
    const evaluated = evaluateTeamPerformance(live, numbers(0, 9), () => 1, { concurrency: 3 });
    await clock.advance(1000);
    const { outcomes } = await evaluated;
    expect(outcomes.map(({ result }) => result?.output)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(3);
  });
});

describe("the life of the team", () => {
  test("a team that is a value is started and ended; only those who are selected are", async () => {
    const module = counted();
    let during = 0;
    const metric: TeamMetric = () => (during = module.alive());
    await evaluateTeamPerformance(twoCoders(), numbers(0, 2), metric, { modules: [module] });
    expect([during, module.alive()]).toEqual([1, 0]);
  });

  test("it is also ended when the evaluation is given up", async () => {
    const module = counted();
    const over = new AbortController();
    const metric: TeamMetric = () => {
      over.abort(new Error("enough"));
      return 1;
    };
    const { signal } = over;
    const evaluated = evaluateTeamPerformance(twoCoders(), numbers(0, 50), metric, { modules: [module], signal });
    await expect(evaluated).rejects.toThrow("enough");
    expect(module.alive()).toBe(0);
  });

  test("nothing is started for a signal that has aborted", async () => {
    let checks = 0;
    const module: TeamModule = { ...coder, check: () => void checks++ };
    const signal = AbortSignal.abort(new Error("never mind"));
    const evaluated = evaluateTeamPerformance(twoCoders(), numbers(0, 2), doubled, { modules: [module], signal });
    await expect(evaluated).rejects.toThrow("never mind");
    expect(checks).toBe(0);
  });

  test("one that lives stays alive", async () => {
    await using live = new LiveTeam(twoCoders(), { modules: [coder] });
    await live.startAgents();
    await evaluateTeamPerformance(live, numbers(0, 2), doubled);
    expect((await live.ask(7)).ok).toBe(true);
  });

  test("one that does not run is refused, not scored", async () => {
    const live = new LiveTeam(twoCoders(), { modules: [coder] });
    const evaluated = evaluateTeamPerformance(live, numbers(0, 2), doubled);
    await expect(evaluated).rejects.toMatchObject({ code: "not_running" });
  });

  test("agents that do not start reject, and nobody is left", async () => {
    const unfit = counted(() => {
      throw new Error("unfit");
    });
    const evaluated = evaluateTeamPerformance(twoCoders(), numbers(0, 2), doubled, { modules: [unfit] });
    await expect(evaluated).rejects.toThrow(
      new TeamError("start_failed", "team coders did not start: agent weak did not start: unfit"),
    );
    expect(unfit.alive()).toBe(0);
  });
});

describe("misuse", () => {
  const evaluated = (examples: unknown, options = {}): Promise<unknown> =>
    evaluateTeamPerformance(twoCoders(), examples as TeamExample[], doubled, { modules: [coder], ...options });

  test("no examples are refused", async () => {
    await expect(evaluated([])).rejects.toThrow(UsageError);
    await expect(evaluated(undefined)).rejects.toThrow("examples: expected at least one example, got nothing");
  });

  test("examples of the wrong shape are listed", async () => {
    const examples = [{ input: 1 }, { task: 1 }, "two", { input: 1n }, { input: 3, expectedOutput: new Map() }];
    await expect(evaluated(examples)).rejects.toThrow("examples: 4 of 5 do not fit");
    await expect(evaluated(examples)).rejects.toMatchObject({
      issues: [
        "examples[1]: expected { input, expectedOutput }, got an object with task",
        'examples[2]: expected { input, expectedOutput }, got "two"',
        "examples[3]: expected plain JSON, but input is 1",
        "examples[4]: expected plain JSON, but expectedOutput is a Map",
      ],
    });
  });

  test.each([
    [
      "a metric that is none",
      () => evaluateTeamPerformance(twoCoders(), numbers(0, 1), 1 as never),
      "metric: expected a function, got 1",
    ],
    ["a concurrency of 0", () => evaluated(numbers(0, 1), { concurrency: 0 }), "concurrency: expected a whole number"],
    [
      "no example to harm",
      () => evaluated(numbers(0, 1), { faults: { examples: 0 } }),
      "faults.examples: expected a whole number",
    ],
    [
      "missing code",
      () => evaluated(numbers(0, 1), { modules: [] }),
      'agent weak: unknown module "coder"; known are none',
    ],
  ])("%s is refused", async (_, misuse, message) => {
    await expect(misuse()).rejects.toThrow(UsageError);
    await expect(misuse()).rejects.toThrow(message);
  });
});
