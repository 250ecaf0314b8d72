import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import {
  addOrchestrationVariable,
  agentSelection,
  communicationTopology,
  configured,
  isLegalTransition,
  parseTeam,
  registerAgent,
  resourceAllocation,
  team,
} from "#orchestration";
import type { AgentStatus, OrchestrationVariable, Team } from "#orchestration";
import { frozen } from "./pool/exact.ts";
import { randomTeam } from "./support/random-team.ts";
import { sayer, sayers } from "./support/live.ts";

fc.configureGlobal({ seed: 42 });

const select = (agents: string[], id = "who"): OrchestrationVariable => agentSelection(id, { agents });

describe("a team", () => {
  test("begins without agents, edges and leases, under an id of its own", () => {
    const [one, other] = [team({ name: "t" }), team({ name: "t" })];
    expect(one).toEqual({
      schema: 1,
      id: expect.any(String),
      name: "t",
      agents: {},
      orchestrationVariables: {},
      configuration: {},
      resourcePool: {},
      policies: { callTimeoutMs: 30_000, retries: 1, drainMs: 5000, startMs: 5000 },
    });
    expect(one.id).not.toBe(other.id);
  });

  test("with one more agent has it inactive, and its own variables at their defaults", () => {
    const before = team({ name: "t" });
    const after = registerAgent(before, "a", sayer("a"));
    expect(after.agents["a"]).toMatchObject({ status: "inactive", role: "executor", replicas: 1, capabilities: [] });
    expect(after.agents["a"]?.supervision).toEqual({
      restart: "permanent",
      maxFailures: 3,
      failureWindowMs: 60_000,
    });
    expect(before.agents).toEqual({});
  });

  test("is never changed: what is made of it is another one", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value }) => {
        const before = JSON.stringify(value);
        const fixed = frozen(value);
        registerAgent(fixed, "newcomer", sayer("newcomer"));
        addOrchestrationVariable(registerAgent(fixed, "newcomer", sayer("x")), select(["newcomer"], "extra"));
        configured(fixed, {});
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  test("comes back from JSON as it was", () => {
    fc.assert(
      fc.property(randomTeam(), ({ value }) => {
        expect(parseTeam(JSON.parse(JSON.stringify(value)))).toEqual(value);
      }),
      { numRuns: 100 },
    );
  });

  test("comes back from JSON with what was set by hand and its agents' statuses", () => {
    const value: Team = {
      ...sayers("a b"),
      edges: [{ from: "a", to: "b", type: "command" }],
      stopped: ["a"],
    };
    const live = { ...value, agents: { ...value.agents, b: { ...value.agents["b"], status: "active" } } };
    expect(parseTeam(JSON.parse(JSON.stringify(live)))).toEqual(live);
  });

  test("by_task, with a pool and policies of its own comes back from JSON too", () => {
    const value = team({
      name: "t",
      agents: { a: sayer("a", { resourceRequirements: { memory: 10 } }), b: sayer("b") },
      variables: [agentSelection("who", { agents: ["a", "b"], select: "by_task", maxConcurrent: 2 })],
      resourcePool: { memory: 64 },
      policies: { retries: 0 },
    });
    expect(parseTeam(JSON.parse(JSON.stringify(value)))).toEqual(value);
  });
});

describe("what is no team is refused with what and where", () => {
  const json = (): Record<string, unknown> =>
    JSON.parse(JSON.stringify(sayers("a b", { variables: [select(["a", "b"])] }))) as Record<string, unknown>;
  const inAgent = (change: object): unknown => ({
    ...json(),
    agents: {
      ...(json()["agents"] as object),
      a: { ...(json()["agents"] as Record<string, object>)["a"], ...change },
    },
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a text", () => parseTeam("team"), /team: expected an object, got "team"/],
    ["another schema", () => parseTeam({ ...json(), schema: 2 }), /team\.schema: expected 1, got 2/],
    ["no schema", () => parseTeam({}), /team\.schema: expected 1, got nothing/],
    ["no agents", () => parseTeam({ ...json(), agents: [] }), /team\.agents: expected an object/],
    ["no id", () => parseTeam({ ...json(), id: 7 }), /team\.id: expected a text, got 7/],
    ["an agent that is none", () => parseTeam({ ...json(), agents: { a: null } }), /agent a: expected/],
    [
      "a status that is none",
      () => parseTeam(inAgent({ status: "asleep" })),
      /agent a\.status: expected one of inactive/,
    ],
    ["a role that is none", () => parseTeam(inAgent({ role: "boss" })), /agent a\.role: expected one of coordinator/],
    ["replicas of none", () => parseTeam(inAgent({ replicas: 0 })), /agent a\.replicas: expected a whole number/],
    ["supervision that is none", () => parseTeam(inAgent({ supervision: "kind" })), /agent a\.supervision: expected/],
    ["capabilities that are none", () => parseTeam(inAgent({ capabilities: [1] })), /agent a\.capabilities: expected/],
    ["a local space that is none", () => parseTeam(inAgent({ localVariableSpace: 5 })), /space: expected/],
    [
      "a variable under another id",
      () => parseTeam({ ...json(), orchestrationVariables: { x: select(["a", "b"]) } }),
      /team\.orchestrationVariables\.x: expected the variable x, got who/,
    ],
    [
      "a variable of no type",
      () => parseTeam({ ...json(), orchestrationVariables: { who: { id: "who" } } }),
      /team\.orchestrationVariables\.who\.type: expected one of agent_selection/,
    ],
    [
      "edges to strangers",
      () => parseTeam({ ...json(), edges: [{ from: "a", to: "z", type: "data" }] }),
      /z is no agent/,
    ],
    [
      "edges that are none",
      () => parseTeam({ ...json(), edges: [{ from: "a", to: "a", type: "data" }] }),
      /a on both ends/,
    ],
    ["strangers that are stopped", () => parseTeam({ ...json(), stopped: ["z"] }), /team\.stopped: expected ids/],
    [
      "a configuration outside the space",
      () => parseTeam({ ...json(), configuration: { "team.who": "z" } }),
      /outside its space/,
    ],
    ["options that are none", () => team("t" as never), /team: expected \{ name/],
    ["no name", () => team({ name: "" }), /team\.name: expected a name/],
    ["agents in a list", () => team({ name: "t", agents: [] as never }), /team t\.agents: expected agents by id/],
    ["a variable that is no list", () => team({ name: "t", variables: {} as never }), /variables: expected a list/],
    [
      "an unknown policy",
      () => team({ name: "t", policies: { haste: 1 } as never }),
      /policies\.haste: no such policy/,
    ],
    [
      "an endless policy",
      () => team({ name: "t", policies: { drainMs: Infinity } }),
      /drainMs: expected a finite number/,
    ],
    ["a negative pool", () => team({ name: "t", resourcePool: { cpu: -1 } }), /resourcePool\.cpu: expected an amount/],
    ["an id that is none", () => sayers("a/b"), /agent id: expected a letter/],
    ["an id that every object has", () => sayers("constructor"), /constructor is a name that every object has/],
    ["the team as an agent", () => sayers("team"), /"team" is the scope/],
    ["the same id again", () => registerAgent(sayers("a"), "a", sayer("a")), /there is an agent a already/],
    [
      "no module",
      () => team({ name: "t", agents: { a: {} as never } }),
      /agent a\.module: expected the name of its code/,
    ],
    [
      "settings that are no JSON",
      () => team({ name: "t", agents: { a: { module: "m", settings: { x: (() => 1) as never } } } }),
      /agent a\.settings: expected an object of JSON/,
    ],
    [
      "an agent that needs more than the pool ever has",
      () =>
        team({
          name: "t",
          agents: { a: sayer("a", { resourceRequirements: { memory: 65 } }) },
          resourcePool: { memory: 64 },
        }),
      /agent a\.resourceRequirements\.memory: expected at most 64, all that the pool of team t has, got 65/,
    ],
    [
      "replicas that together need more than the pool ever has",
      () =>
        team({
          name: "t",
          agents: { a: sayer("a", { resourceRequirements: { memory: 40 }, replicas: 2 }) },
          resourcePool: { memory: 64 },
        }),
      /expected at most 64.*got 80/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  test("a configuration outside the space: all that is wrong with it", () => {
    const value = sayers("a b", {
      variables: [select(["a", "b"]), communicationTopology("net", { agents: ["a", "b"], patterns: ["ring", "star"] })],
    });
    const attempt = (): Team => configured(value, { "team.who": "z", "team.net.pattern": "heap", "team.nothing": 1 });
    expect(attempt).toThrow(/outside its space/);
    expect(attempt).toThrow(/team\.who/);
    expect(attempt).toThrow(/team\.net\.pattern/);
    expect(attempt).toThrow(/team\.nothing/);
  });
});

test("a configured team has a value for what its values make active, and none for what they make absent", () => {
  const net = communicationTopology("net", { agents: ["a", "b"], patterns: ["ring", "star"] });
  const ring = sayers("a b", { variables: [net] });
  const star = configured(ring, { "team.net.pattern": "star" });
  expect(ring.configuration).toEqual({ "team.net.pattern": "ring" });
  expect(star.configuration).toEqual({ "team.net.pattern": "star", "team.net.hub": "a" });
  expect(configured(star, { ...star.configuration, "team.net.pattern": "ring" }).configuration).toEqual(
    ring.configuration,
  );
});

describe("an orchestration variable is refused", () => {
  const net =
    (options: object): (() => unknown) =>
    () =>
      communicationTopology("net", { agents: ["a", "b"], ...options });

  test.each<[string, () => unknown, RegExp]>([
    [
      "that names unknown agents",
      () => sayers("a", { variables: [select(["a", "x", "y"])] }),
      /x, y are not registered/,
    ],
    [
      "under an id that is taken",
      () => sayers("a b", { variables: [select(["a"]), select(["b"])] }),
      /there is a variable who already/,
    ],
    [
      "that selects an agent that another one selects",
      () => sayers("a b", { variables: [select(["a", "b"], "one"), select(["b"], "two")] }),
      /variable two\.agents: b is selected by one already/,
    ],
    [
      "that is the second topology",
      () =>
        sayers("a b", {
          variables: [
            communicationTopology("net", { agents: ["a", "b"] }),
            communicationTopology("mail", { agents: ["a", "b"] }),
          ],
        }),
      /net is its topology already/,
    ],
    ["without an id", () => agentSelection("", { agents: ["a"] }), /id: expected a letter/],
    ["without agents", () => agentSelection("who", { agents: [] }), /variable who\.agents: expected/],
    ["with an agent twice", () => agentSelection("who", { agents: ["a", "a"] }), /each agent once/],
    ["of no scope", () => agentSelection("who", { agents: ["a"], scope: "galaxy" as never }), /scope: expected one of/],
    [
      "that selects more than there are",
      () => agentSelection("who", { agents: ["a"], select: "subset", maxConcurrent: 2 }),
      /0 ≤ min ≤ maxConcurrent ≤ 1/,
    ],
    ["with a default that is none of its agents", () => agentSelection("who", { agents: ["a"], default: "z" }), /z/],
    ["without a hub for its star", net({ patterns: ["star"], hubs: [] }), /net\.hubs: expected at least one of a, b/],
    ["with a hub from outside", net({ hubs: ["z"] }), /net\.hubs: "z" is none of a, b/],
    ["with a pattern that is none", net({ patterns: ["heap"] }), /net\.patterns: "heap" is none of/],
    ["with a graph of strangers", net({ graphs: { own: [["a", "z"]] } }), /net\.graphs\.own: z is none of a, b/],
    ["with a graph of self-loops", net({ graphs: { own: [["a", "a"]] } }), /a on both ends/],
    [
      "with a graph that has an edge twice",
      net({
        graphs: {
          own: [
            ["a", "b"],
            ["a", "b"],
          ],
        },
      }),
      /each edge once/,
    ],
    ["with a graph called star", net({ graphs: { star: [["a", "b"]] } }), /star is the name of a topology/],
    ["with no rounds", net({ rounds: 0 }), /rounds: expected whole numbers/],
    ["with an aggregate that is none", net({ aggregates: ["sum"] }), /net\.aggregates: "sum" is none of/],
    [
      "that gives least amounts which its total cannot cover",
      () =>
        sayers("a b c", {
          variables: [
            resourceAllocation("share", { resource: "tokens", agents: ["a", "b", "c"], total: [100, 50], least: 20 }),
          ],
        }),
      /variable share: expected least · 3 agents to fit into the total of 50, got 20 · 3 = 60/,
    ],
    [
      "that gives a team more than its pool has",
      () =>
        sayers("a", {
          resourcePool: { cpu: 4 },
          variables: [resourceAllocation("share", { resource: "cpu", agents: ["a"], total: 5, per: "team" })],
        }),
      /variable share\.total: expected at most 4 cpu/,
    ],
    [
      "that shares out a resource which an agent has by another one",
      () =>
        sayers("a b c", {
          variables: [
            resourceAllocation("one", { resource: "tokens", agents: ["a", "b"], total: 10 }),
            resourceAllocation("two", { resource: "steps", agents: ["a", "b"], total: 10 }),
            resourceAllocation("three", { resource: "tokens", agents: ["b", "c"], total: 10 }),
          ],
        }),
      /variable three\.agents: b has its share of the resource by one already/,
    ],
    [
      "with an agent called as the total of its shares is",
      () => resourceAllocation("share", { resource: "tokens", agents: ["a", "total"], total: 10 }),
      /share\.agents: "total" is what the whole is called/,
    ],
    [
      "that shares out nothing",
      () => resourceAllocation("share", { resource: "tokens", agents: ["a"], total: 0 }),
      /total: expected an amount above 0/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  test("not when no more agents are ever active than the least amounts allow", () => {
    const share = resourceAllocation("share", { resource: "tokens", agents: ["a", "b", "c"], total: 50, least: 25 });
    const who = agentSelection("who", { agents: ["a", "b"], select: "one" });
    expect(sayers("a b c", { variables: [share, who] }).orchestrationVariables).toHaveProperty("share");
  });
});

test("an agent's status changes along legal ways only", () => {
  const all: AgentStatus[] = ["inactive", "starting", "active", "stopping", "migrating", "failed"];
  const legal = all.flatMap((from) => all.filter((to) => isLegalTransition(from, to)).map((to) => `${from} ${to}`));
  expect(legal).toEqual([
    "inactive starting",
    "inactive failed",
    "starting active",
    "starting stopping",
    "starting failed",
    "active stopping",
    "active migrating",
    "active failed",
    "stopping inactive",
    "stopping failed",
    "migrating active",
    "migrating failed",
    "failed starting",
  ]);
});
