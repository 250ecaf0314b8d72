import { expect, test } from "vitest";
import { child } from "#foundation/agents";
import { LiveTeam, team, teamAgent, teamModule } from "#orchestration";
import { evaluateTeamPerformance } from "#teams";
import type { TeamMetric, TeamPerformanceResult } from "#teams";
import { coder, doubled, echo, numbers, twoCoders, voters } from "./crews.ts";
import type { Team, TeamModule, TeamPolicies } from "#orchestration";

/** Half of the score is A's part of the answer; B adds nothing. */
const parts: TeamMetric = ({ output }) => 0.5 + (JSON.stringify(output).includes("A") ? 0.5 : 0);
const partA = teamModule("part A", () => ({ output: "A" }));
const partB = teamModule("part B", () => ({ output: "B" }));
const pair = (policies: Partial<TeamPolicies>): Team => {
  const value = voters({ a: "part A", b: "part B" }, policies);
  const { net } = value.orchestrationVariables;
  return { ...value, orchestrationVariables: { net: { ...net, aggregates: ["concat"] } as never } };
};

function harmed(value: Team, modules: readonly TeamModule[], metric = parts): Promise<TeamPerformanceResult> {
  return evaluateTeamPerformance(value, numbers(0, 4), metric, { modules, faults: { examples: 2 } });
}

test("A44: a score of 1 that falls to .5 without A and stays without B is a tolerance of .75", async () => {
  const performance = await harmed(pair({ retries: 0 }), [partA, partB]);
  expect(performance).toMatchObject({
    overallScore: 1,
    faultToleranceScore: 0.75,
    faultToleranceMeasured: "injected",
  });
});

test("a call that is made again costs nothing", async () => {
  const { faultToleranceScore } = await harmed(pair({ retries: 1 }), [partA, partB]);
  expect(faultToleranceScore).toBe(1);
});

test("each kill meets the agent at work, late in a chain and slow ones too", async () => {
  const slow = teamModule("slow", async ({ task }) => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    return { output: task };
  });
  const value = voters({ a: "slow", b: "echo", c: "slow" }, { retries: 0 }, "chain");
  const killed: string[] = [];
  await evaluateTeamPerformance(
    value,
    numbers(0, 2),
    ({ trace }) => {
      killed.push(...trace.calls.filter(({ outcome }) => !outcome.ok).map(({ agent }) => agent));
      return 1;
    },
    { modules: [slow, echo], faults: { examples: 2 }, concurrency: 1 },
  );
  expect(killed).toEqual(["a", "a", "b", "b", "c", "c"]);
});

test("so does one for an agent elsewhere, of which only its load tells that it is at work", async () => {
  const work = async (): Promise<{ output: string }> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return { output: "A" };
  };
  const elsewhere: TeamModule = {
    name: "part A",
    restartsOnTimeout: true,
    child: (id, settings) => child(id, teamAgent("part A", work), settings),
  };
  const { faultToleranceScore } = await harmed(pair({ retries: 0 }), [elsewhere, partB]);
  expect(faultToleranceScore).toBe(0.75);
});

test("what is left is a share of what was there, and never more than all of it", async () => {
  const loudest: TeamMetric = ({ output }) => (JSON.stringify(output).includes("B") ? 0.4 : 0.8);
  const worse: TeamMetric = ({ output }) => (JSON.stringify(output).includes("A") ? 0.8 : 0.2);
  const value = pair({ retries: 0 });
  expect((await harmed(value, [partA, partB], loudest)).faultToleranceScore).toBe(1);
  expect((await harmed(value, [partA, partB], worse)).faultToleranceScore).toBeCloseTo((0.25 + 1) / 2);
});

test("agents that are killed more often than their supervision allows do not distort each other's figures", async () => {
  const value = pair({ retries: 1 });
  const agents = Object.fromEntries(
    Object.entries(value.agents).map(([id, config]) => [
      id,
      { ...config, supervision: { ...config.supervision, maxFailures: 1 } },
    ]),
  );
  const { faultToleranceScore } = await evaluateTeamPerformance({ ...value, agents }, numbers(0, 6), parts, {
    modules: [partA, partB],
    faults: { examples: 6 },
  });
  expect(faultToleranceScore).toBe(1);
});

test("only agents that took part are killed", async () => {
  const { agents } = twoCoders({ weak: 0, strong: 0 });
  const value = { ...twoCoders({ weak: 0, strong: 0 }), policies: { ...twoCoders().policies, retries: 0 }, agents };
  const { faultToleranceScore } = await harmed(value, [coder], doubled);
  expect(faultToleranceScore).toBe(0);
});

test("where nothing was there to lose, nothing is lost", async () => {
  const { faultToleranceScore } = await harmed(pair({ retries: 0 }), [partA, partB], () => 0);
  expect(faultToleranceScore).toBe(1);
});

test("agents of a living team are not killed", async () => {
  await using live = new LiveTeam(team({ name: "one", agents: { a: { module: "echo" } } }), { modules: [echo] });
  await live.startAgents();
  const evaluated = evaluateTeamPerformance(live, numbers(0, 1), doubled, { faults: { examples: 1 } });
  await expect(evaluated).rejects.toThrow("faults: expected a team that is a value");
});
