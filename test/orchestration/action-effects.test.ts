import { describe, expect, test } from "vitest";
import { agentSelection, communicationTopology, resourceAllocation, team } from "#orchestration";
import type { Action, LiveTeam, Team } from "#orchestration";
import { choice, space } from "#variables";
import { agentChildren, code, echo, started } from "./support/live.ts";

describe("every action has an effect that can be seen", () => {
  const tell = code("tell", (call, { settings }) => ({
    output: {
      says: settings["says"] ?? null,
      role: call.role,
      ...call.parameters,
      tokens: call.grants["tokens"] ?? null,
    },
  }));
  const value = (): Team =>
    team({
      name: "t",
      agents: {
        a: { module: "tell", settings: { says: "a" }, localVariableSpace: space([choice("style", ["terse", "long"])]) },
        b: { module: "tell", settings: { says: "b" } },
        c: { module: "tell", settings: { says: "c" } },
      },
      variables: [
        agentSelection("who", { agents: ["b", "c"] }),
        communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["chain", "broadcast"] }),
        resourceAllocation("share", { resource: "tokens", agents: ["a", "b", "c"], total: [100, 300] }),
      ],
    });
  const applied = async (...actions: readonly Action[]): Promise<{ live: LiveTeam } & AsyncDisposable> => {
    const opened = await started(value(), { modules: [tell, echo] });
    const done = await opened.live.apply(actions);
    if (!done.ok) throw new Error(JSON.stringify(done.results));
    expect(done).toMatchObject({ ok: true, results: actions.map((action) => ({ action, outcome: "applied" })) });
    expect(done.team).toBe(opened.live.team);
    return opened;
  };
  const callsOf = async (live: LiveTeam): Promise<unknown[]> =>
    (await live.ask(0)).trace.calls.map(({ outcome }) => outcome.ok && outcome.reply.output);

  test("stop: it has no instance, is in no plan and gets no call", async () => {
    await using team = await applied({ type: "stop", agent: "a" });
    expect(team.live.status()).toMatchObject({
      activeAgents: ["b"],
      agents: { a: { instances: 0, status: "inactive" } },
    });
    expect(await callsOf(team.live)).toMatchObject([{ says: "b" }]);
  });

  test("start: takes a stop back, and selects one that is not selected", async () => {
    await using team = await applied({ type: "stop", agent: "a" }, { type: "start", agent: "c" });
    await team.live.apply([{ type: "start", agent: "a" }]);
    expect(team.live.status()).toMatchObject({ activeAgents: ["a", "c"] });
    expect(await callsOf(team.live)).toMatchObject([{ says: "c" }, { says: "a" }]);
  });

  test("scale_up and scale_down: so many instances", async () => {
    await using team = await applied({ type: "scale_up", agent: "a", by: 2 });
    expect(team.live.status().agents["a"]?.instances).toBe(3);
    await team.live.apply([{ type: "scale_down", agent: "a" }]);
    expect(team.live.status().agents["a"]?.instances).toBe(2);
    expect(await agentChildren(team.live, "a")).toEqual(["a#2", "a#3"]);
  });

  test("change_role: it hears of it with its next call, and does what the role does", async () => {
    await using team = await applied({ type: "change_role", agent: "a", role: "optimizer" });
    expect(await callsOf(team.live)).toMatchObject([{ says: "b" }, { says: "a", role: "optimizer" }]);
    await team.live.apply([{ type: "change_role", agent: "a", role: "evaluator" }]);
    expect((await team.live.ask(0)).trace.calls.map(({ agent, kind }) => `${agent} ${kind}`)).toEqual([
      "b work",
      "a evaluate",
    ]);
  });

  test("adjust_parameters: the next call has the value", async () => {
    await using team = await applied({
      type: "adjust_parameters",
      agent: "a",
      from: { style: "terse" },
      to: { style: "long" },
    });
    expect((await callsOf(team.live))[1]).toMatchObject({ says: "a", style: "long" });
  });

  test("reconfigure: other settings, other code, other needs", async () => {
    await using team = await applied({ type: "reconfigure", agent: "a", settings: { says: "A" } });
    expect((await callsOf(team.live))[1]).toMatchObject({ says: "A" });
    await team.live.apply([{ type: "reconfigure", agent: "a", module: "echo" }]);
    expect((await callsOf(team.live))[1]).toBe("A");
  });

  test("update_communication: other edges, and other messages", async () => {
    await using team = await applied({
      type: "update_communication",
      agent: "a",
      neighboursIn: [],
      neighboursOut: ["b"],
    });
    expect(team.live.status().topology?.edges).toEqual([{ from: "a", to: "b", type: "data" }]);
    expect((await team.live.ask(0)).trace.messages).toMatchObject([{ from: "a", to: "b" }]);
  });

  test("change_topology, reallocate and reconfigure_supervisor together: one change", async () => {
    await using team = await applied(
      { type: "reconfigure_supervisor", variable: "who", from: "b", to: "c" },
      { type: "change_topology", variable: "net", from: { pattern: "chain" }, to: { pattern: "broadcast" } },
      { type: "reallocate", variable: "share", from: { total: 100 }, to: { total: 300, a: 0.5 } },
    );
    expect(team.live.status().topology).toMatchObject({ pattern: "broadcast" });
    expect(await callsOf(team.live)).toMatchObject([
      { says: "c", tokens: 200 },
      { says: "a", tokens: 100 },
    ]);
  });
});
