import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actionOf,
  actionsBetween,
  agentSelection,
  communicationTopology,
  coordinate,
  nextTeam,
  planOf,
  resourceAllocation,
  team,
  teamSpace,
} from "#orchestration";
import type { Action, ConfigurationAction, Decision, Edge, Team } from "#orchestration";
import { validateConfiguration } from "#variables";
import { randomTeam } from "./support/random-team.ts";
import { sayer, sayers } from "./support/live.ts";
import { frozen } from "./pool/exact.ts";

fc.configureGlobal({ seed: 8 });

/** The team after the actions, one after the other. */
function after(value: Team, ...actions: readonly Action[]): Team {
  return actions.reduce((present, action) => {
    const next = nextTeam(present, action);
    if (!next.ok) throw new Error(next.error.message);
    return next.value;
  }, value);
}

const refusal = (decision: Decision<unknown>): string =>
  decision.ok ? "done" : `${decision.error.code}: ${decision.error.message}`;

describe("actions between two configurations", () => {
  test("are none where they are equal", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value }) => {
        expect(actionsBetween(value, value.configuration, value.configuration)).toEqual([]);
      }),
    );
  });

  test("make exactly the other one of the one, each action once and none in vain", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value, other }) => {
        const actions = actionsBetween(value, value.configuration, other);
        const reached = applied(frozen(value), actions);
        expect(reached.configuration).toEqual(other);
        expect(Object.keys(reached.configuration)).toEqual(Object.keys(other));
        expect(new Set(actions.map((action) => JSON.stringify([action.type, idOf(action)]))).size).toBe(actions.length);
        expect(validateConfiguration(teamSpace(value), reached.configuration).ok).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("are plain data", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value, other }) => {
        const actions = actionsBetween(value, value.configuration, other);
        expect(JSON.parse(JSON.stringify(actions))).toEqual(actions);
      }),
    );
  });

  test("come in the order of the variables, then of the agents", () => {
    const value = example();
    const to = { ...value.configuration, "team.who": ["b"], "team.net.pattern": "star", "team.net.hub": "b" };
    expect(actionsBetween(value, value.configuration, to)).toEqual([
      { type: "reconfigure_supervisor", variable: "who", from: ["a", "b"], to: ["b"] },
      {
        type: "change_topology",
        variable: "net",
        from: { pattern: "ring" },
        to: { hub: "b", pattern: "star" },
      },
    ]);
  });
});

function idOf(action: ConfigurationAction): string {
  return action.type === "adjust_parameters" ? action.agent : action.variable;
}

/** Changes of one configuration belong together: only what comes of all of them has to fit. */
function applied(value: Team, actions: readonly ConfigurationAction[]): Team {
  const merged = actions.reduce<Decision<Team>>(
    (present, action) => {
      return present.ok ? nextTeam(present.value, action) : present;
    },
    { ok: true, value },
  );
  if (merged.ok) return merged.value;
  throw new Error(merged.error.message);
}

function example(): Team {
  const agents = ["a", "b", "c"];
  return team({
    name: "t",
    id: "t1",
    agents: Object.fromEntries(agents.map((id) => [id, sayer(id, { resourceRequirements: { memory: 10 } })])),
    variables: [
      agentSelection("who", { agents: ["a", "b"], select: "subset" }),
      communicationTopology("net", { agents, patterns: ["ring", "star"] }),
      resourceAllocation("share", { resource: "tokens", agents, total: [100, 200] }),
    ],
    resourcePool: { memory: 100 },
  });
}

describe("an action is refused", () => {
  test.each<[string, unknown, RegExp]>([
    ["that is none", null, /expected an action, got null/],
    ["of no type", { agent: "a" }, /expected an action/],
    ["of an unknown type", { type: "dance", agent: "a" }, /there is no action "dance"/],
    ["for an unknown agent", { type: "stop", agent: "z" }, /there is no agent "z"; agents are a, b, c/],
    ["for an agent that only a prototype has", { type: "stop", agent: "constructor" }, /there is no agent/],
    [
      "that starts from what does not hold",
      { type: "reconfigure_supervisor", variable: "who", from: ["b"], to: ["a"] },
      /team\.who: expected \["b"\] to hold now, got \["a","b"\]/,
    ],
    [
      "to an agent outside the selection",
      { type: "reconfigure_supervisor", variable: "who", from: ["a", "b"], to: ["c"] },
      /team\.who: expected/,
    ],
    [
      "of an unknown variable",
      { type: "reallocate", variable: "none", from: {}, to: { total: 1 } },
      /the team has no variable team\.none\.total/,
    ],
    ["without what to set", { type: "change_topology", variable: "net", from: {} }, /to: expected values by name/],
    ["without its variable", { type: "change_topology", from: {}, to: {} }, /variable: expected its id/],
    [
      "to a value outside the space",
      { type: "change_topology", variable: "net", from: { pattern: "ring" }, to: { pattern: "mesh" } },
      /team\.net\.pattern: expected/,
    ],
    [
      "to what the rest makes absent",
      { type: "change_topology", variable: "net", from: { pattern: "ring" }, to: { hub: "a" } },
      /team\.net\.hub: expected to be absent/,
    ],
    ["to a role that is none", { type: "change_role", agent: "a", role: "boss" }, /agent a\.role: expected one of/],
    ["to code that is no name", { type: "reconfigure", agent: "a", module: 7 }, /agent a\.module: expected/],
    ["to settings that are none", { type: "reconfigure", agent: "a", settings: [1] }, /agent a\.settings: expected/],
    ["to needs below 0", { type: "reconfigure", agent: "a", resources: { memory: -1 } }, /resourceRequirements/],
    ["to no replicas", { type: "scale_down", agent: "a" }, /agent a\.replicas: expected/],
    ["by less than one", { type: "scale_up", agent: "a", by: -1 }, /at least 1, got -1/],
    [
      "to neighbours that are no list",
      { type: "update_communication", agent: "a", neighboursIn: "b" },
      /lists of agents/,
    ],
    [
      "to itself as its neighbour",
      { type: "update_communication", agent: "a", neighboursIn: ["a"], neighboursOut: [] },
      /"a" is no other agent/,
    ],
  ])("%s", (_, action, message) => {
    const value = frozen(example());
    expect(refusal(nextTeam(value, action as Action))).toMatch(message);
    expect(refusal(nextTeam(value, action as Action))).toMatch(/^invalid_configuration/);
  });

  test("but not when the team has already come to what it wants", () => {
    const action: Action = { type: "reconfigure_supervisor", variable: "who", from: ["a", "b"], to: ["b"] };
    const done = after(example(), action);
    expect(after(done, action)).toEqual(done);
  });
});

describe("the team after an action", () => {
  const edgesOf = (value: Team): string => {
    const planned = planOf(value, value.configuration);
    if (!planned.ok) return planned.error.message;
    return planned.value.plan.edges.map(({ from, to }: Edge) => `${from}→${to}`).join(" ");
  };

  test("to stop and to start is what it was", () => {
    const stopped = after(example(), { type: "stop", agent: "b" });
    expect(stopped.stopped).toEqual(["b"]);
    expect(edgesOf(stopped)).toBe("a→c c→a");
    const again = after(stopped, { type: "start", agent: "b" });
    expect(again).not.toHaveProperty("stopped");
    expect(again.configuration).toEqual(example().configuration);
  });

  test("to start one that is not selected has selected it, in the order of the variable", () => {
    const only = after(example(), { type: "reconfigure_supervisor", variable: "who", from: ["a", "b"], to: ["b"] });
    expect(after(only, { type: "start", agent: "a" }).configuration["team.who"]).toEqual(["a", "b"]);
  });

  test("to choose a subset has it in the order of the variable, however it is told", () => {
    const only = after(example(), { type: "reconfigure_supervisor", variable: "who", from: ["b", "a"], to: ["a"] });
    const both = after(only, { type: "reconfigure_supervisor", variable: "who", from: ["a"], to: ["b", "a"] });
    expect(both.configuration["team.who"]).toEqual(["a", "b"]);
  });

  test("to update an agent's communication has its edges changed and nobody else's", () => {
    const value = sayers("a b c d", { variables: [communicationTopology("net", { agents: ["a", "b", "c", "d"] })] });
    const ring = after(value, { type: "change_topology", variable: "net", from: {}, to: { pattern: "ring" } });
    const changed = after(ring, {
      type: "update_communication",
      agent: "b",
      neighboursIn: ["a", "a"],
      neighboursOut: ["d"],
    });
    expect(edgesOf(ring)).toBe("a→b b→c c→d d→a");
    expect(edgesOf(changed)).toBe("c→d d→a a→b b→d");
  });

  test("of another topology has that one's edges again", () => {
    const own = after(example(), { type: "update_communication", agent: "a", neighboursIn: [], neighboursOut: ["b"] });
    const star = after(own, {
      type: "change_topology",
      variable: "net",
      from: { pattern: "ring" },
      to: { pattern: "star", hub: "c" },
    });
    expect(edgesOf(own)).toBe("b→c a→b");
    expect(star).not.toHaveProperty("edges");
    expect(edgesOf(star)).toBe("c→a a→c c→b b→c");
  });

  test("that a star's directives come to has a star's edges", () => {
    const agents = ["a", "b", "c", "d"];
    const net = communicationTopology("net", { agents, patterns: ["ring", "star"] });
    const ring = sayers("a b c d", { variables: [net] });
    const configuration = { "team.net.pattern": "star", "team.net.hub": "c" };
    const directives = coordinate(net, { agents: ring.agents, configuration, active: agents, totals: {} });
    if (!directives.ok) throw new Error(directives.error.message);
    expect(directives.value).toHaveLength(4);
    const star = after(ring, ...directives.value.map(actionOf));
    expect(edgesOf(star).split(" ").toSorted()).toEqual(["a→c", "b→c", "c→a", "c→b", "c→d", "d→c"]);
  });

  test("that any coordination's directive comes to has the same configuration and needs", () => {
    const value = example();
    const { agents, configuration, resourcePool: totals } = value;
    for (const variable of Object.values(value.orchestrationVariables)) {
      const directives = coordinate(variable, { agents, configuration, totals, active: ["a", "b", "c"] });
      if (!directives.ok) throw new Error(directives.error.message);
      const { edges: _, ...reached } = after(value, ...directives.value.map(actionOf));
      const still = Object.values(reached.agents).map(({ resourceRequirements }) => resourceRequirements);
      expect([reached.configuration, still]).toEqual([configuration, Array(3).fill({ memory: 10 })]);
    }
    const more: Action = { type: "reconfigure", agent: "a", resources: { tokens: 99 } };
    expect(refusal(nextTeam(value, more))).toMatch(
      /agent a has 33\.\d+ tokens by the team's shares, got 99: reallocate them/,
    );
  });

  test("to change a role has the values that the new role's space asks for", () => {
    fc.assert(
      fc.property(randomTeam(), fc.constantFrom("executor" as const, "coordinator" as const), ({ value }, role) => {
        const reached = after(value, { type: "change_role", agent: "agent0", role });
        expect(validateConfiguration(teamSpace(reached), reached.configuration)).toMatchObject({ ok: true });
        const role0 = value.agents["agent0"]?.role ?? role;
        expect(
          validateConfiguration(
            teamSpace(value),
            after(reached, { type: "change_role", agent: "agent0", role: role0 }).configuration,
          ).ok,
        ).toBe(true);
      }),
    );
  });

  test("is made without changing the one before", () => {
    const value = frozen(example());
    const actions: Action[] = [
      { type: "stop", agent: "a" },
      { type: "start", agent: "a" },
      { type: "scale_up", agent: "a", by: 2 },
      { type: "scale_down", agent: "a" },
      { type: "change_role", agent: "a", role: "evaluator" },
      { type: "reconfigure", agent: "a", module: "other", settings: { x: 1 }, resources: { memory: 20 } },
    ];
    const reached = after(value, ...actions);
    expect(reached.agents["a"]).toMatchObject({
      replicas: 2,
      role: "evaluator",
      module: "other",
      settings: { says: "a", x: 1 },
      resourceRequirements: { memory: 20 },
    });
    expect(value).toEqual(example());
  });
});

describe("coordination", () => {
  const memory = (amount: number): { resourceRequirements: { memory: number } } => ({
    resourceRequirements: { memory: amount },
  });

  test("of a selection by task starts who fits the task best, and never more than may be active", () => {
    const agents = ["python_coder", "elixir_coder", "javascript_coder"];
    const value = team({
      name: "t",
      agents: Object.fromEntries(agents.map((id) => [id, sayer(id, { capabilities: [id.replace("_coder", "")] })])),
    });
    const who = agentSelection("coder_agent", { agents, select: "by_task", maxConcurrent: 2 });
    const context = { agents: value.agents, configuration: {}, totals: {}, active: [] };
    expect(coordinate(who, { ...context, task: { type: "python" } })).toMatchObject({
      value: [
        { agent: "python_coder", action: "start", priority: 1, timeoutMs: 5000 },
        { agent: "elixir_coder", action: "start" },
      ],
    });
    expect(refusal(coordinate(who, { ...context, task: { required: ["rust"] } }))).toMatch(/^agent_unavailable/);
  });

  test("within memory takes the best that fit together", () => {
    const value = team({
      name: "t",
      agents: { a: sayer("a", memory(60)), b: sayer("b", memory(50)), c: sayer("c", memory(40)) },
      resourcePool: { memory: 100 },
    });
    const bound = { agents: ["a", "b", "c"], resourceLimit: "memory_bound" } as const;
    const context = { agents: value.agents, configuration: {}, totals: { memory: 100 }, active: [] };
    const best = { runs: { "": { successes: 9, runs: 9 } }, load: 0, cost: 0 };
    const chosen = (observed: object): string => {
      const who = agentSelection("who", { ...bound, select: "by_task" });
      const decision = coordinate(who, { ...context, observed: observed as never });
      return decision.ok ? decision.value.map(({ agent }) => agent).join(" ") : decision.error.code;
    };
    expect(chosen({})).toBe("a c");
    const twice = after(value, { type: "scale_up", agent: "c" });
    expect(
      coordinate(agentSelection("who", { ...bound, select: "by_task" }), { ...context, agents: twice.agents }),
    ).toMatchObject({ value: [{ agent: "a" }] });
    expect(chosen({ b: best })).toBe("b c");
    const all = agentSelection("who", { ...bound, select: "subset" });
    const told = coordinate(all, { ...context, configuration: { "team.who": ["a", "b"] } });
    expect(refusal(told)).toBe("resource_exhausted: team.who: a, b need 110 of 100 memory");
  });

  test("of a topology without its hub is an error, not a throw", () => {
    const agents = ["a", "b", "c"];
    const net = communicationTopology("net", { agents, patterns: ["star"], hubs: ["c"] });
    const decision = coordinate(net, { agents: {}, configuration: {}, active: ["a", "b"], totals: {} });
    expect(refusal(decision)).toBe("invalid_configuration: team.net: a star needs its hub, but c is not active");
  });
});
