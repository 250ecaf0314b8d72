import { describe, expect, test } from "vitest";
import { agentSelection, communicationTopology, configured, resourceAllocation, team, teamSpace } from "#orchestration";
import type { Team } from "#orchestration";
import { activeVariables, choice, composite, float, space } from "#variables";
import { sayer, sayers } from "./support/live.ts";

const locals = space([float("warmth", { min: 0, max: 2 })]);

function example(select: "one" | "subset" | "by_task"): Team {
  const agents = ["a", "b", "c"];
  return team({
    name: "t",
    agents: Object.fromEntries(agents.map((id) => [id, sayer(id, { localVariableSpace: locals })])),
    variables: [
      agentSelection("who", { agents: ["a", "b"], select }),
      communicationTopology("net", { agents, patterns: ["ring", "star"], rounds: { min: 1, max: 3 } }),
      resourceAllocation("share", { resource: "tokens", agents, total: [100, 200] }),
    ],
  });
}

describe("a team's space", () => {
  test("has one path for everything that may change, in groups", () => {
    const groups = Object.groupBy(teamSpace(example("one")).variables, ({ group = "" }) => group);
    expect(
      Object.fromEntries(Object.entries(groups).map(([group, own]) => [group, own?.map(({ name }) => name)])),
    ).toEqual({
      agent_selection: ["team.who"],
      topology: ["team.net.pattern", "team.net.hub", "team.net.rounds"],
      resources: ["team.share.total", "team.share.a", "team.share.b", "team.share.c"],
      parameters: ["a/warmth", "b/warmth", "c/warmth"],
    });
  });

  test("of a configuration has no locals and no shares of agents that are not selected", () => {
    const value = example("one");
    expect(Object.keys(value.configuration)).toEqual([
      "team.who",
      "team.net.pattern",
      "team.net.rounds",
      "team.share.total",
      "team.share.a",
      "team.share.c",
      "a/warmth",
      "c/warmth",
    ]);
    expect(Object.keys(configured(value, { "team.who": "b" }).configuration)).not.toContain("a/warmth");
    expect(Object.keys(configured(value, { "team.who": "b" }).configuration)).toContain("team.share.b");
  });

  test("of a subset has the locals of all who are in it", () => {
    const both = configured(example("subset"), { "team.who": ["a", "b"] });
    expect(Object.keys(both.configuration).filter((path) => path.endsWith("/warmth"))).toHaveLength(3);
  });

  test("leaves the selection by task to the task, and keeps everybody's locals", () => {
    const names = activeVariables(teamSpace(example("by_task")), {}).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["a/warmth", "b/warmth", "c/warmth"]));
    expect(names).not.toContain("team.who");
  });

  test("has a hub only with the patterns that need one", () => {
    const star = configured(example("one"), { "team.net.pattern": "star" });
    expect(star.configuration).toHaveProperty(["team.net.hub"], "a");
    expect(example("one").configuration).not.toHaveProperty(["team.net.hub"]);
    const without = sayers("a b", {
      variables: [communicationTopology("net", { agents: ["a", "b"], patterns: ["mesh"] })],
    });
    expect(teamSpace(without).variables.map(({ name }) => name)).toEqual(["team.net.pattern"]);
  });

  test("keeps the conditions among an agent's own variables", () => {
    const own = space([choice("warmth", [0, 1]), float("depth", { min: 0, max: 1 })], {
      when: { depth: { warmth: 1 } },
    });
    const build = (): Team => team({ name: "t", agents: { a: sayer("a", { localVariableSpace: own }) } });
    expect(teamSpace(build()).when).toEqual({ "a/depth": { "a/warmth": 1 } });
  });

  test("keeps what an agent's own variables are computed from, and the constraints among them", () => {
    const own = space(
      [
        float("low", { min: 0, max: 1, default: 0 }),
        float("high", { min: 0, max: 1, default: 1 }),
        composite("both", { compute: { sum: ["low", "high"] } }),
      ],
      { constraints: [{ name: "order", expect: { less: ["low", "high"] } }] },
    );
    const who = agentSelection("who", { agents: ["a", "b"], default: "b" });
    const agents = { a: sayer("a", { localVariableSpace: own }), b: sayer("b", { localVariableSpace: own }) };
    const value = team({ name: "t", agents, variables: [who] });
    expect(value.configuration).toEqual({ "team.who": "b", "b/low": 0, "b/high": 1, "b/both": 1 });
    expect(() => configured(value, { "b/low": 1, "b/high": 0.5 })).toThrow("b/order");
  });
});
