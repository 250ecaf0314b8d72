import fc from "fast-check";
import type { Configuration } from "#variables";
import { describe, expect, test } from "vitest";
import {
  agentSelection,
  communicationTopology,
  configured,
  coordinate,
  planOf,
  resourceAllocation,
  team,
} from "#orchestration";
import type { Plan, Role, Team } from "#orchestration";
import { frozen } from "./pool/exact.ts";
import { sayer, sayers } from "./support/live.ts";
import { randomTeam } from "./support/random-team.ts";

fc.configureGlobal({ seed: 5 });

function planned(value: Team): Plan {
  const decision = planOf(value, value.configuration);
  if (!decision.ok) throw new Error(decision.error.message);
  return decision.value.plan;
}

const roles: Readonly<Record<string, Role>> = {
  boss: "coordinator",
  coder: "executor",
  tester: "custom",
  judge: "evaluator",
  camera: "monitor",
};

function staffed(pattern: string, among = Object.keys(roles)): Team {
  return team({
    name: "t",
    agents: Object.fromEntries(Object.entries(roles).map(([id, role]) => [id, sayer(id, { role })])),
    variables: [
      communicationTopology("net", {
        agents: among,
        patterns: [pattern],
        hubs: ["boss"],
        graphs: { own: [["tester", "boss"]] },
      }),
    ],
  });
}

describe("a plan", () => {
  test("has those work who are there for it, and those judge who are", () => {
    expect(planned(staffed("ring"))).toMatchObject({
      members: ["coder", "tester"],
      evaluators: ["judge"],
      hub: undefined,
    });
  });

  test("has coordinators where the topology has a place for them, and where there is nobody else", () => {
    expect(planned(staffed("star"))).toMatchObject({ members: ["boss", "coder", "tester"], hub: "boss" });
    expect(planned(staffed("own")).members).toEqual(["boss", "coder", "tester"]);
    const alone = team({ name: "t", agents: { boss: sayer("boss", { role: "coordinator" }) } });
    expect(planned(alone).members).toEqual(["boss"]);
  });

  test("has nobody work whom the topology does not concern", () => {
    expect(planned(staffed("ring", ["boss", "tester"]))).toMatchObject({ members: ["tester"], evaluators: ["judge"] });
  });

  test("has the order of the selection", () => {
    const who = agentSelection("who", { agents: ["a", "b", "c"], select: "order", default: ["c", "a"] });
    expect(planned(sayers("a b c", { variables: [who] }))).toMatchObject({
      pattern: "chain",
      members: ["c", "a"],
      edges: [{ from: "c", to: "a", type: "data" }],
    });
  });

  test("shares out no more than there is, and by the shares of those who are active", () => {
    const share = resourceAllocation("share", { resource: "tokens", agents: ["a", "b", "c"], total: 100, whole: true });
    const who = agentSelection("who", { agents: ["a", "b"] });
    const value = sayers("a b c", { variables: [who, share], configuration: { "team.share.c": 0.25 } });
    expect(planned(value).grants).toEqual({ a: { tokens: 80 }, c: { tokens: 20 } });
  });

  test("gives what agents ask for, and divides max–min fairly where they ask for more than there is", () => {
    const views = resourceAllocation("views", {
      resource: "views",
      agents: ["a", "b", "c"],
      total: 12,
      by: "demand",
      least: 2,
      most: 8,
    });
    const value = sayers("a b c", { variables: [views] });
    const grants = (configuration: Configuration): unknown =>
      planned({ ...value, configuration: { ...value.configuration, ...configuration } }).grants;
    expect(grants({})).toEqual({ a: { views: 2 }, b: { views: 2 }, c: { views: 2 } });
    expect(grants({ "team.views.a": 8 })).toEqual({ a: { views: 8 }, b: { views: 2 }, c: { views: 2 } });
    expect(grants({ "team.views.a": 8, "team.views.b": 8 })).toEqual({
      a: { views: 5 },
      b: { views: 5 },
      c: { views: 2 },
    });
  });

  test("is none without anybody who could work, or without the hub", () => {
    const who = agentSelection("who", { agents: ["a", "b", "c"], select: "subset", default: ["b", "c"] });
    const net = communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["star"], hubs: ["a"] });
    const value = sayers("a b c", { variables: [who, net] });
    expect(planOf(value, value.configuration)).toMatchObject({
      ok: false,
      error: { code: "invalid_configuration", message: "team.net: a star needs its hub, but a is not active" },
    });
    expect(planOf(team({ name: "t" }), {})).toMatchObject({ ok: false, error: { code: "agent_unavailable" } });
  });

  test("has the edges that coordination tells the agents", () => {
    for (const value of [
      ...["ring", "star", "mesh", "own"].map((pattern) => staffed(pattern)),
      staffed("chain", ["tester", "boss"]),
    ]) {
      const [net] = Object.values(value.orchestrationVariables);
      const { agents, configuration } = value;
      const told = coordinate(net as never, { agents, configuration, totals: {}, active: Object.keys(agents) });
      const edges = (told.ok ? told.value : []).flatMap(({ agent, parameters }) =>
        (parameters["neighboursOut"] as string[]).map((to) => `${agent}→${to}`),
      );
      expect(edges.toSorted()).toEqual(
        planned(value)
          .edges.map(({ from, to }) => `${from}→${to}`)
          .toSorted(),
      );
    }
  });

  test("comes of every configuration without a throw, is plain data and always the same", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value, other }) => {
        for (const configuration of [value.configuration, other]) {
          const decision = planOf(frozen(value), configuration);
          expect(planOf(value, configuration)).toEqual(decision);
          if (!decision.ok) continue;
          const { hub, ...plan } = decision.value.plan;
          expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
          const members = new Set(plan.members);
          expect(hub === undefined || members.has(hub) || members.size === 1).toBe(true);
          expect(plan.edges.every(({ from, to }) => members.has(from) && members.has(to))).toBe(true);
          const granted = Object.values(plan.grants).reduce((sum, { tokens = 0 }) => sum + tokens, 0);
          expect(granted).toBeLessThanOrEqual(200 + 1e-9);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("has values for the variables of its agents, by their own names", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value, other }) => {
        const decision = planOf(value, configured(value, other).configuration);
        if (!decision.ok) return;
        for (const [agent, own] of Object.entries(decision.value.plan.parameters))
          for (const [name, setting] of Object.entries(own)) expect(setting).toEqual(other[`${agent}/${name}`]);
      }),
    );
  });
});
