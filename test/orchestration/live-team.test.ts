import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { AgentRuntime } from "#foundation/agents";
import { agentSelection, communicationTopology, LiveTeam, team, TeamError, teamModule } from "#orchestration";
import type { TeamCall, TeamReply } from "#orchestration";
import { fakeClock } from "#testing";
import { choice, space } from "#variables";
import { code, echo, lab, sayer, sayers, started, statuses, wayOf } from "./support/live.ts";

const agents = ["a", "b", "c", "d"];

describe("starting", () => {
  test("takes each agent from inactive over starting to active", async () => {
    await using team = lab(sayers("a b"));
    expect(statuses(team.live)).toBe("a inactive, b inactive");
    expect(await team.live.startAgents()).toEqual({ ok: true, team: team.live.team });
    expect(statuses(team.live)).toBe("a active, b active");
    expect(wayOf(team.events, "a")).toBe("inactive → starting → active");
    expect(team.live.status()).toMatchObject({ activeAgents: ["a", "b"], agents: { a: { instances: 1, load: 0 } } });
  });

  test("twice is starting once", async () => {
    await using team = lab(sayers("a b"));
    const [first, second] = await Promise.all([team.live.startAgents(), team.live.startAgents()]);
    expect(second).toEqual(first);
    expect(team.lives.filter(({ type }) => type === "agent_started")).toHaveLength(2);
  });

  test("starts those that are selected and nobody else", async () => {
    const who = agentSelection("who", { agents: ["a", "b"], default: "b" });
    await using team = await started(sayers("a b c", { variables: [who] }));
    expect(statuses(team.live)).toBe("a inactive, b active, c active");
    expect(await team.children()).toEqual(["b", "c"]);
  });

  const broken = (): ReturnType<typeof lab> => {
    const faulty = teamModule("faulty", () => ({ output: 1 }));
    const fails = { ...faulty, child: () => ({ id: "x", start: () => Promise.reject(new Error("no licence")) }) };
    const value = team({ name: "t", agents: { a: sayer("a"), b: { module: "faulty" }, c: sayer("c") } });
    return lab(value, { modules: [echo, fails] });
  };

  test("all or nothing: one that does not start is named, the others stop again, and it can be tried again", async () => {
    await using team = broken();
    const result = await team.live.startAgents();
    expect(result).toEqual({
      ok: false,
      errors: [{ agent: "b", error: { code: "agent_unavailable", message: "agent b did not start: no licence" } }],
    });
    expect(statuses(team.live)).toBe("a inactive, b inactive, c inactive");
    expect(wayOf(team.events, "c")).toBe("inactive → starting → stopping → inactive");
    expect(await team.children()).toEqual([]);
    expect((await team.live.startAgents()).ok).toBe(false);
    await expect(team.live.ask("?")).rejects.toMatchObject({ code: "not_running" });
  });

  test("with best effort those that can go on without the others, which have failed", async () => {
    await using team = broken();
    expect((await team.live.startAgents({ policy: "best_effort" })).ok).toBe(true);
    expect(statuses(team.live)).toBe("a active, b failed, c active");
    expect(await team.live.ask("?")).toMatchObject({ ok: true, output: "c", isDegraded: true });
    expect(team.events.find(({ type }) => type === "agent_start_failed")).toMatchObject({ agent: "b" });
    expect(await team.children()).toEqual(["a", "c"]);
  });

  test("with best effort and nobody who starts is no start", async () => {
    const faulty = { ...echo, child: () => ({ id: "x", start: () => Promise.reject(new Error("no")) }) };
    await using team = lab(sayers("a b"), { modules: [faulty] });
    expect(await team.live.startAgents({ policy: "best_effort" })).toMatchObject({ ok: false, errors: { length: 2 } });
    expect(statuses(team.live)).toBe("a inactive, b inactive");
  });

  test("a check that rejects is a start that failed", async () => {
    const checked = code("echo", () => ({ output: 1 }), { check: () => Promise.reject(new Error("not fit")) });
    await using team = lab(sayers("a"), { modules: [checked] });
    expect(await team.live.startAgents()).toMatchObject({
      errors: [{ agent: "a", error: { message: "agent a did not start: not fit" } }],
    });
  });

  test("unknown code, two modules of one name and another clock than the runtime's are refused at once", () => {
    expect(() => new LiveTeam(sayers("a"), { modules: [] })).toThrow(/agent a: unknown module "echo"; known are none/);
    expect(() => new LiveTeam(sayers("a"), { modules: [echo, echo] })).toThrow(/each name once, got echo again/);
    const runtime = new AgentRuntime();
    expect(() => new LiveTeam(sayers("a"), { modules: [echo], runtime, clock: fakeClock() })).toThrow(UsageError);
    runtime[Symbol.dispose]();
  });
});

describe("a request", () => {
  test("to a team of one is answered as the plain agent would, in one call", async () => {
    const calls: TeamCall[] = [];
    const double = code("double", (call) => {
      calls.push(call);
      return { output: (call.task as number) * 2 };
    });
    for (const pattern of ["broadcast", "ring", "star", "mesh", "chain"]) {
      const net = communicationTopology("net", { agents: ["a"], patterns: [pattern], rounds: 3 });
      const one = team({ name: "t", agents: { a: { module: "double" } }, variables: [net] });
      await using alone = await started(one, { modules: [double] });
      const answer = await alone.live.ask(21);
      expect(answer).toMatchObject({ ok: true, output: 42, isDegraded: false, trace: { messages: [], rounds: 1 } });
      expect(answer.trace.calls).toHaveLength(1);
      expect(answer.trace.provenance).toEqual([0]);
    }
    expect(new Set(calls.map((call) => JSON.stringify({ ...call, request: 0 }))).size).toBe(1);
    expect(calls[0]).toEqual({
      request: 1,
      call: 0,
      kind: "work",
      task: 21,
      inbox: [],
      parameters: {},
      role: "executor",
      round: 0,
      grants: {},
    });
  });

  test("before the start and after the end is refused", async () => {
    const team = lab(sayers("a"));
    await expect(team.live.ask("?")).rejects.toThrow(/is not running: call startAgents\(\) first/);
    await team.live.startAgents();
    await team[Symbol.asyncDispose]();
    await expect(team.live.ask("?")).rejects.toThrow(/is not running: it has been closed/);
    await expect(team.live.startAgents()).rejects.toThrow(/it has been closed/);
    await expect(team.live.apply([])).rejects.toMatchObject({ name: "TeamError", code: "not_running" });
    expect(() => team.live.send("a", "b", 1)).toThrow(TeamError);
  });

  test("of something that is no JSON is refused with what is wrong", async () => {
    await using team = await started(sayers("a"));
    await expect(team.live.ask({ n: NaN })).rejects.toThrow("ask: expected a task that is JSON, but n is NaN");
    await expect(team.live.ask(undefined as never)).rejects.toThrow(UsageError);
    expect(team.live.status().requests).toEqual({ inFlight: 0, answered: 0, failed: 0 });
  });

  test("with values that the space does not have is refused by their path", async () => {
    const who = agentSelection("who", { agents: ["a", "b"] });
    await using team = await started(sayers("a b", { variables: [who] }));
    await expect(team.live.ask("?", { overrides: { "team.how": 1 } })).rejects.toThrow(
      /team\.how: the team has no such/,
    );
    const strange = team.live.ask("?", { overrides: { "team.who": "z" } });
    await expect(strange).rejects.toMatchObject({ code: "no_plan", message: expect.stringContaining("team.who") });
  });

  test("may have values of its own, which are nobody else's", async () => {
    const who = agentSelection("who", { agents: ["a", "b"] });
    await using team = await started(sayers("a b", { variables: [who] }), { isStandby: true });
    const overrides = { "team.who": "b" };
    const answers = await Promise.all([team.live.ask(0), team.live.ask(0, { overrides }), team.live.ask(0)]);
    expect(answers.map((answer) => answer.ok && answer.output)).toEqual(["a", "b", "a"]);
    expect(statuses(team.live)).toBe("a active, b inactive");
    expect(team.live.status().agents["b"]?.instances).toBe(1);
    await team.live.apply([{ type: "stop", agent: "b" }]);
    expect(team.live.status().agents["b"]?.instances).toBe(0);
  });

  test("for an agent that does not run fails at once, and says so", async () => {
    const who = agentSelection("who", { agents: ["a", "b"] });
    await using team = await started(sayers("a b", { variables: [who] }));
    const answer = await team.live.ask("?", { overrides: { "team.who": "b" } });
    expect(answer).toMatchObject({ ok: false, error: { code: "agents_failed" } });
    expect(answer.trace.calls[0]).toMatchObject({ outcome: { ok: false, code: "agent_down" }, attempts: 0 });
  });

  test("that is given up rejects with the signal's reason, while it works and while it waits for its turn", async () => {
    const hang = code("hang", () => new Promise<TeamReply>(() => {}));
    const clock = fakeClock();
    await using team = await started(sayersOf("hang"), { modules: [hang], clock });
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [team.live.ask(1, { signal: first.signal }), team.live.ask(2, { signal: second.signal })];
    const settled = Promise.allSettled(asked);
    await clock.advance(0);
    expect(team.live.status()).toMatchObject({ requests: { inFlight: 2 }, agents: { a: { load: 2 } } });
    second.abort(new Error("too slow"));
    first.abort(new Error("no longer wanted"));
    expect(await settled).toMatchObject([
      { reason: { message: "no longer wanted" } },
      { reason: { message: "too slow" } },
    ]);
    expect(team.live.status()).toMatchObject({ requests: { inFlight: 0, failed: 2 }, agents: { a: { load: 0 } } });
    expect(team.events.filter(({ type }) => type === "request_ended")).toHaveLength(2);
    await expect(team.live.ask(3, { signal: AbortSignal.abort("never") })).rejects.toBe("never");
    await closing(team, clock);
  });

  test("brings its services to the agents of this thread", async () => {
    const ask = code("ask", (_, { services }) => ({ output: (services as { name: string }).name }));
    await using team = await started(sayersOf("ask"), { modules: [ask] });
    const answers = await Promise.all(["x", "y"].map((name) => team.live.ask(0, { services: { name } })));
    expect(answers).toMatchObject([{ output: "x" }, { output: "y" }]);
  });

  test("gets what the topology wants of it: a ring of four hands it on", async () => {
    const relay = code("relay", ({ inbox, task }, { settings }) => ({
      output: `${(inbox.at(-1)?.output ?? task) as string}${settings["says"] as string}`,
    }));
    const net = communicationTopology("net", { agents, patterns: ["ring"], rounds: 2 });
    const ring = team({
      name: "t",
      agents: Object.fromEntries(agents.map((id) => [id, sayer(id, { module: "relay" })])),
      variables: [net],
    });
    await using team4 = await started(ring, { modules: [relay] });
    const answer = await team4.live.ask(">");
    expect(answer).toMatchObject({ ok: true, output: ">abcdabcd", trace: { rounds: 2 } });
    expect(answer.trace.messages.map(({ from, to }) => `${from}${to}`).join(" ")).toBe("ab bc cd da ab bc cd");
  });
});

function sayersOf(module: string): ReturnType<typeof team> {
  return team({ name: "t", agents: { a: { module } } });
}

/** Ends a team whose agents do not answer, on its clock. */
async function closing(team: { live: LiveTeam }, clock: ReturnType<typeof fakeClock>): Promise<void> {
  const closed = team.live[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await closed;
}

describe("coordination", () => {
  const coders = (): ReturnType<typeof team> => {
    const names = ["python_coder", "elixir_coder", "javascript_coder"];
    return team({
      name: "t",
      agents: Object.fromEntries(names.map((id) => [id, sayer(id, { capabilities: [id.replace("_coder", "")] })])),
      variables: [agentSelection("coder_agent", { agents: names, select: "by_task", maxConcurrent: 2 })],
    });
  };

  test("for a task starts who fits it, at most as many as may be active, and stops the others", async () => {
    await using team = await started(coders());
    const done = await team.live.coordinateAgents({ task: { type: "javascript" } });
    expect(done.errors).toEqual([]);
    expect(done.directives).toMatchObject([
      { agent: "javascript_coder", action: "start" },
      { agent: "elixir_coder", action: "stop" },
    ]);
    expect(team.live.status().activeAgents.toSorted()).toEqual(["javascript_coder", "python_coder"]);
    expect(await team.children()).toEqual(["javascript_coder", "python_coder"]);
    await team.live.coordinateAgents({ task: { type: "python" } });
    expect(team.live.status().activeAgents).toContain("python_coder");
    expect(team.live.status().activeAgents).toHaveLength(2);
    expect(done.team.agents["elixir_coder"]?.status).toBe("inactive");
  });

  test("of one variable that fails is reported and keeps nobody else from theirs", async () => {
    const variables = [
      agentSelection("who", { agents: ["a", "b"], select: "by_task", min: 1, maxConcurrent: 1 }),
      communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["ring"] }),
    ];
    const skilled = { ...sayer("b"), capabilities: ["rust"] };
    const value = team({ name: "t", agents: { a: sayer("a"), b: skilled, c: sayer("c") }, variables });
    await using live = await started(value);
    const done = await live.live.coordinateAgents({ task: { required: ["cobol"] } });
    expect(done.errors).toMatchObject([{ code: "agent_unavailable" }]);
    expect(done.directives).toMatchObject([
      { agent: "a", action: "update_communication", parameters: { neighboursIn: ["c"], neighboursOut: ["c"] } },
      { agent: "c", action: "update_communication" },
    ]);
    expect(live.events.find(({ type }) => type === "coordination_failed")).toMatchObject({ variable: "who" });
    expect(await live.live.ask("?")).toMatchObject({ ok: true, output: "c" });
  });

  test("does not start whom somebody has stopped by hand, and does not say so", async () => {
    await using team = await started(coders());
    await team.live.apply([{ type: "stop", agent: "python_coder" }]);
    const done = await team.live.coordinateAgents({ task: { type: "python" } });
    expect(done.directives.filter(({ agent }) => agent === "python_coder")).toEqual([]);
    expect(team.live.status().activeAgents).not.toContain("python_coder");
  });

  test("agrees with what is live: edges, active agents, resources", async () => {
    const net = communicationTopology("net", { agents, patterns: ["star"], hubs: ["b"] });
    await using team = await started(sayers("a b c d", { variables: [net] }));
    const done = await team.live.coordinateAgents();
    const told = done.directives.flatMap(({ agent, parameters }) =>
      (parameters["neighboursOut"] as string[]).map((to) => `${agent}→${to}`),
    );
    const live = team.live.status().topology?.edges.map(({ from, to }) => `${from}→${to}`);
    expect(told.toSorted()).toEqual(live?.toSorted());
    expect(done.team).toBe(team.live.team);
  });
});

describe("a message from agent to agent", () => {
  test("goes along the topology's edges only, and is read with the next call", async () => {
    const read = code("echo", ({ inbox }) => ({ output: inbox as never }));
    const net = communicationTopology("net", { agents, patterns: ["ring", "star"] });
    await using team = await started(sayers("a b c d", { variables: [net] }), { modules: [read] });
    expect(team.live.status().topology?.edges).toHaveLength(4);
    expect(team.live.send("b", "c", "hello")).toMatchObject({ ok: true });
    await team.live.apply([
      { type: "change_topology", variable: "net", from: { pattern: "ring" }, to: { pattern: "star", hub: "a" } },
    ]);
    expect(team.live.status().topology).toMatchObject({ pattern: "star", hub: "a", edges: { length: 6 } });
    expect(team.live.send("b", "c", "psst")).toMatchObject({
      ok: false,
      error: { message: "a star has no edge from b to c" },
    });
    expect(team.live.send("z", "a", "who am I")).toMatchObject({ ok: false });
    expect(team.events.filter(({ type }) => type === "message_refused")).toHaveLength(2);
    expect(team.live.send("b", "a", "to the hub")).toMatchObject({ ok: true, value: { type: "data" } });
    const { trace } = await team.live.ask("?");
    expect(trace.calls[0]).toMatchObject({
      agent: "a",
      kind: "plan",
      outcome: { reply: { output: [{ from: "b", output: "to the hub" }] } },
    });
    expect((await team.live.ask("?")).trace.calls[0]).toMatchObject({ outcome: { reply: { output: [] } } });
    expect(() => team.live.send("b", "a", NaN)).toThrow(UsageError);
  });
});

describe("the end of a team", () => {
  test("ends its agents and their supervisors, and is the same however often it is asked for", async () => {
    const team = await started(sayers("a b"));
    const [first, second] = [team.live[Symbol.asyncDispose](), team.live[Symbol.asyncDispose]()];
    expect(second).toBe(first);
    await first;
    expect(team.live.supervisor?.isAlive).toBe(false);
    expect(statuses(team.live)).toBe("a inactive, b inactive");
    const count = (type: string): number => team.lives.filter((event) => event.type === type).length;
    expect(count("agent_exited")).toBe(count("agent_started"));
    expect(count("supervisor_exited")).toBe(count("supervisor_started"));
    expect(team.live.status()).toMatchObject({ activeAgents: [], agents: { a: { instances: 0 } } });
  });

  test("before the start is nothing special", async () => {
    const team = lab(sayers("a"));
    await team[Symbol.asyncDispose]();
    expect(team.lives).toEqual([]);
  });

  test("leaves no timer and no request behind", async () => {
    const clock = fakeClock();
    const hang = code("hang", () => new Promise<TeamReply>(() => {}));
    const team = await started(sayersOf("hang"), { modules: [hang], clock });
    const asked = [team.live.ask(1), team.live.ask(2), team.live.ask(3)];
    await clock.advance(0);
    await closing(team, clock);
    const answers = await Promise.all(asked);
    expect(answers).toMatchObject(Array(3).fill({ ok: false, error: { code: "agents_failed" } }));
    await clock.advance(60_000);
    expect(clock.pending()).toBe(0);
  });

  test("while it starts calls the start off", async () => {
    const clock = fakeClock();
    const slow = code("echo", () => ({ output: 1 }), { check: () => new Promise<void>(() => {}) });
    const team = lab(sayers("a"), { modules: [slow], clock });
    const start = team.live.startAgents();
    await clock.advance(0);
    await team.live[Symbol.asyncDispose]();
    expect(await start).toMatchObject({ ok: false, errors: [{ agent: "a" }] });
    expect(statuses(team.live)).toBe("a inactive");
    expect(team.live.supervisor?.isAlive).toBe(false);
    await clock.advance(0);
    expect(clock.pending()).toBe(0);
  });

  test("at any moment of its start leaves nothing behind", async () => {
    for (let moment = 0; moment < 60; moment++) {
      const team = lab(sayers("a b"));
      const start = team.live.startAgents().catch(() => {});
      for (let time = 0; time < moment; time++) await Promise.resolve();
      await team[Symbol.asyncDispose]();
      await start;
      const count = (type: string): number => team.lives.filter((event) => event.type === type).length;
      expect([moment, count("agent_exited")]).toEqual([moment, count("agent_started")]);
      expect([moment, count("supervisor_exited")]).toEqual([moment, count("supervisor_started")]);
      expect(statuses(team.live)).toBe("a inactive, b inactive");
    }
  });

  test("at the moment when the last agent is found fit fails nobody", async () => {
    let end = (): void => {};
    const fit = code("echo", () => ({ output: 1 }), { check: () => end() });
    const team = lab(sayers("a"), { modules: [fit] });
    end = () => void team.live[Symbol.asyncDispose]();
    await team.live.startAgents();
    await team.live[Symbol.asyncDispose]();
    expect(statuses(team.live)).toBe("a inactive");
    expect(team.events.filter(({ type }) => type === "agent_failed")).toEqual([]);
    await expect(team.live.ask("?")).rejects.toMatchObject({ code: "not_running" });
  });

  test("while a change drains does not wait for it", async () => {
    const clock = fakeClock();
    const hang = code("hang", () => new Promise<TeamReply>(() => {}));
    const value = team({ name: "t", agents: { a: { module: "hang" }, b: sayer("b") } });
    const live = await started(value, { modules: [hang, echo], clock });
    const asked = live.live.ask("?");
    const applied = live.live.apply([{ type: "stop", agent: "a" }]);
    const behind = live.live.apply([{ type: "start", agent: "a" }]);
    const rejected = expect(behind).rejects.toMatchObject({ code: "not_running" });
    await clock.advance(0);
    const closed = live.live[Symbol.asyncDispose]();
    await clock.advance(1000);
    await closed;
    expect((await applied).ok).toBe(true);
    await rejected;
    expect((await asked).trace.calls[0]).toMatchObject({ agent: "a", outcome: { ok: false } });
    expect(clock.now()).toBeLessThan(5000);
  });
});

test("an agent's parameters are its own variables' values by name", async () => {
  const locals = space([choice("style", ["terse", "long"])]);
  const tell = code("tell", ({ parameters }) => ({ output: parameters as never }));
  const value = team({ name: "t", agents: { a: { module: "tell", localVariableSpace: locals } } });
  await using live = await started(value, { modules: [tell] });
  expect(await live.live.ask(0)).toMatchObject({ output: { style: "terse" } });
  expect(await live.live.ask(0, { overrides: { "a/style": "long" } })).toMatchObject({ output: { style: "long" } });
});
