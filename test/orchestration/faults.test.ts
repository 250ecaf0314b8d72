import { afterAll, describe, expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agentModule, AgentRuntime, inlineHost, workerHost } from "#foundation/agents";
import type { Ref } from "#foundation/agents";
import { agentSelection, communicationTopology, hostedModule, resourceAllocation, team } from "#orchestration";
import type { LiveTeam, Team, TeamAnswer, TeamCall, TeamModule, TeamReply } from "#orchestration";
import { fakeClock } from "#testing";
import type { looper, thrower } from "./fixtures/hosted-coders.ts";
import { code, echo, lab, sayer, sayers, started, statuses, wayOf } from "./support/live.ts";

/** One agent that crashes, hangs, overspends, … when the task says so. */
const moody = code("moody", async (call: TeamCall): Promise<TeamReply> => {
  await nextTurn();
  if (call.task === "throw") throw new Error("no idea");
  if (call.task === "hang") return new Promise(() => {});
  if (call.task === "nonsense") return "nonsense" as never;
  if (call.task === "no json") return { output: Number.NaN };
  if (call.task === "fail") return { output: null, used: { tokens: 3 }, failure: { code: "http", message: "503" } };
  if (call.task === "spend") return { output: "dear", used: { tokens: 51 } };
  return { output: call.task, used: { tokens: 1 } };
});

function one(policies: Partial<Team["policies"]> = {}, supervision = {}): Team {
  return team({
    name: "t",
    agents: { a: { module: "moody", supervision } },
    variables: [resourceAllocation("share", { resource: "tokens", agents: ["a"], total: 50 })],
    policies,
  });
}

const first = ({ trace }: TeamAnswer): unknown => trace.calls[0];

describe("a call has one outcome, and the trace says which", () => {
  test.each<[string, string, object]>([
    ["an agent that throws", "throw", { outcome: { code: "agent_down", message: /no idea/ }, attempts: 2, used: {} }],
    ["a reply that is none", "nonsense", { outcome: { code: "bad_reply", message: /got "nonsense"/ }, attempts: 1 }],
    ["an output that is no JSON", "no json", { outcome: { code: "bad_reply", message: /output is NaN/ }, attempts: 1 }],
    [
      "a failure of the world",
      "fail",
      { outcome: { code: "failed", message: /503/ }, attempts: 1, used: { tokens: 3 } },
    ],
    [
      "more spent than granted",
      "spend",
      { outcome: { code: "budget_exceeded", message: /used 51 tokens of 50/ }, attempts: 1, used: { tokens: 51 } },
    ],
  ])("%s", async (_, task, { outcome, ...record }: { outcome?: { code?: string; message?: RegExp } }) => {
    await using team = await started(one(), { modules: [moody] });
    const answer = await team.live.ask(task);
    expect(answer).toMatchObject({ ok: false, error: { code: "agents_failed" }, isDegraded: true });
    expect(first(answer)).toMatchObject({ ...record, outcome: { ok: false, code: outcome?.code } });
    expect((first(answer) as { outcome: { message: string } }).outcome.message).toMatch(outcome?.message as RegExp);
    expect(await team.live.ask("fine")).toMatchObject({ ok: true, output: "fine", isDegraded: false });
  });

  test("a grant is for the whole request: what earlier rounds used is gone", async () => {
    const spender = code("spender", ({ grants }): TeamReply => ({
      output: grants["tokens"] ?? 0,
      used: { tokens: 4 },
    }));
    const value = team({
      name: "t",
      agents: { a: { module: "spender" }, b: { module: "spender" } },
      variables: [
        communicationTopology("net", { agents: ["a", "b"], patterns: ["ring"], rounds: 3, aggregates: ["last"] }),
        resourceAllocation("share", { resource: "tokens", agents: ["a", "b"], total: 20 }),
      ],
    });
    await using ring = await started(value, { modules: [spender] });
    const { trace } = await ring.live.ask("?");
    expect(trace.calls.map(({ outcome }) => (outcome.ok ? outcome.reply.output : outcome.code))).toEqual([
      10,
      10,
      6,
      6,
      "budget_exceeded",
      "budget_exceeded",
    ]);
  });

  test("no answer in time: the instance is ended, and the next one serves those that waited behind it", async () => {
    const clock = fakeClock();
    await using team = await started(one({ callTimeoutMs: 1000 }), { modules: [moody], clock });
    const answers = Promise.all(["hang", 1, 2, 3].map((task) => team.live.ask(task)));
    await clock.advance(999);
    expect(team.live.status()).toMatchObject({ requests: { inFlight: 4 }, agents: { a: { load: 4 } } });
    await clock.advance(1);
    const [hung, ...others] = await answers;
    expect(first(hung as TeamAnswer)).toMatchObject({
      outcome: { code: "timeout" },
      attempts: 1,
      startedAt: 0,
      endedAt: 1000,
    });
    expect(others).toMatchObject([1, 2, 3].map((output) => ({ ok: true, output, isDegraded: false })));
    expect(team.lives.map(({ type }) => type)).toEqual(expect.arrayContaining(["child_exited", "child_restarted"]));
  });

  test("no answer in time of one that takes many calls: only the call is given up", async () => {
    const clock = fakeClock();
    const many = code("moody", (call) => (call.task === "hang" ? new Promise(() => {}) : { output: call.task }), {
      calls: "many",
    });
    await using team = await started(one({ callTimeoutMs: 1000 }), { modules: [many], clock });
    const [hung, other] = [team.live.ask("hang"), team.live.ask(1)];
    expect(await other).toMatchObject({ ok: true, output: 1 });
    await clock.advance(1000);
    expect(first(await hung)).toMatchObject({ outcome: { code: "timeout" } });
    expect(team.lives.some(({ type }) => type === "child_exited")).toBe(false);
  });
});

describe("an agent that crashes", () => {
  test("is started again, and takes along no call but the one that it was at", async () => {
    await using team = await started(one({}, { maxFailures: 10 }), { modules: [moody] });
    const tasks = Array.from({ length: 40 }, (_, place) => (place % 10 === 3 ? "throw" : place));
    const answers = await Promise.all(tasks.map((task) => team.live.ask(task)));
    for (const [place, answer] of answers.entries())
      expect(answer).toMatchObject(
        tasks[place] === "throw" ? { ok: false } : { ok: true, output: place, trace: { calls: [{ attempts: 1 }] } },
      );
    expect(team.live.status()).toMatchObject({ requests: { inFlight: 0, answered: 36, failed: 4 } });
    const restarts = team.lives.filter(({ type }) => type === "child_restarted");
    expect(restarts).toHaveLength(8);
  });

  test("under a call that is repeated answers it after all", async () => {
    let crashes = 0;
    const once = code("moody", () => {
      if (crashes++ === 0) throw new Error("first time");
      return { output: "done" };
    });
    await using team = await started(one(), { modules: [once] });
    expect(await team.live.ask(0)).toMatchObject({
      ok: true,
      output: "done",
      isDegraded: false,
      trace: { calls: [{ attempts: 2 }] },
    });
  });

  test("is not asked again where the policy has no retries", async () => {
    await using team = await started(one({ retries: 0 }), { modules: [moody] });
    expect(first(await team.live.ask("throw"))).toMatchObject({ attempts: 1 });
  });

  test("more often than its supervision allows has failed: the team goes on without it, degraded", async () => {
    const clock = fakeClock();
    const agents = { a: { module: "moody" }, b: sayer("b") };
    const net = communicationTopology("net", { agents: ["a", "b"], patterns: ["chain"] });
    const value = team({ name: "t", agents, variables: [net], policies: { retries: 0 } });
    await using team1 = await started(value, { modules: [moody, echo], clock });
    for (const _ of [1, 2, 3]) {
      const answer = await team1.live.ask("throw");
      expect(answer).toMatchObject({ ok: true, output: "b", isDegraded: true });
      await clock.advance(1000);
      expect(statuses(team1.live)).toBe("a active, b active");
    }
    await team1.live.ask("throw");
    await clock.advance(0);
    expect(statuses(team1.live)).toBe("a failed, b active");
    expect(team1.events.filter(({ type }) => type === "agent_failed")).toEqual([
      { type: "agent_failed", agent: "a", at: 3000 },
    ]);
    expect(team1.lives.filter(({ type }) => type === "supervisor_gave_up")).toHaveLength(1);
    const answer = await team1.live.ask("?");
    expect(answer).toMatchObject({ ok: true, output: "b", isDegraded: true });
    expect(answer.trace.calls).toHaveLength(1);
    expect(team1.live.status()).toMatchObject({
      activeAgents: ["b"],
      agents: { a: { instances: 0, status: "failed" } },
    });
    expect(await team1.children()).toEqual(["b"]);
  });

  test("seldom enough goes on for ever", async () => {
    const clock = fakeClock();
    await using team = await started(one({ retries: 0 }), { modules: [moody], clock });
    for (let time = 0; time < 10; time++) {
      await team.live.ask("throw");
      await clock.advance(25_000);
    }
    expect(statuses(team.live)).toBe("a active");
  });

  test("and that was not selected does not make the team degraded", async () => {
    const who = agentSelection("who", { agents: ["a", "b"] });
    await using team = await started(sayers("a b", { variables: [who] }), { isStandby: true });
    await exhausted(team.live, "b");
    expect(statuses(team.live)).toBe("a active, b failed");
    expect(await team.live.ask("?")).toMatchObject({ ok: true, output: "a", isDegraded: false });
    await team.live.apply([{ type: "reconfigure", agent: "b", settings: { says: "B" } }]);
    expect(statuses(team.live)).toBe("a active, b inactive");
    expect(await team.live.ask("?", { overrides: { "team.who": "b" } })).toMatchObject({ ok: true, output: "B" });
    expect(await team.children()).toEqual(["a", "b"]);
  });

  test("and has failed is started again by hand, by new code, or by a selection of it", async () => {
    const who = agentSelection("who", { agents: ["a", "b"], select: "subset" });
    await using team = await started(sayers("a b c", { variables: [who] }));
    await exhausted(team.live, "a");
    expect(statuses(team.live)).toBe("a failed, b active, c active");
    expect(await team.live.apply([{ type: "start", agent: "a" }])).toMatchObject({ ok: true });
    expect(statuses(team.live)).toBe("a active, b active, c active");
    expect(wayOf(team.events, "a")).toBe("inactive → starting → active → failed → starting → active");
    expect(team.live.status().agents["a"]?.instances).toBe(1);
    await exhausted(team.live, "c");
    expect(await team.live.apply([{ type: "reconfigure", agent: "c", settings: { says: "C" } }])).toMatchObject({
      ok: true,
    });
    expect(await team.live.ask("?")).toMatchObject({ ok: true, output: "C", isDegraded: false });
    await exhausted(team.live, "b");
    const again = await team.live.apply([
      { type: "reconfigure_supervisor", variable: "who", from: ["a", "b"], to: ["b"] },
    ]);
    expect(again).toMatchObject({ ok: true });
    expect(statuses(team.live)).toBe("a inactive, b active, c active");
  });

  test("and has failed stays so when its next start fails", async () => {
    let isFit = true;
    const fickle = code("echo", () => ({ output: 1 }), {
      check: () => (isFit ? undefined : Promise.reject(new Error("unfit"))),
    });
    await using team = await started(sayers("a b"), { modules: [fickle] });
    await exhausted(team.live, "a");
    const before = team.live.team;
    isFit = false;
    expect(await team.live.apply([{ type: "start", agent: "a" }])).toMatchObject({
      ok: false,
      results: [{ outcome: "failed" }],
    });
    expect(team.live.team).toEqual(before);
    expect(await team.children()).toEqual(["b"]);
  });

  test("for good while others are still being started has failed as soon as they serve", async () => {
    const plain = code("weak", () => Promise.reject(new Error("weak")));
    const refs: Ref<unknown>[] = [];
    const weak: TeamModule = {
      ...plain,
      child: (...place) => {
        const spec = plain.child(...place);
        const start: typeof spec.start = async (context) => {
          const begun = await spec.start(context);
          refs.push(Reflect.get(begun, "info") as Ref<unknown>);
          return begun;
        };
        return { ...spec, start };
      },
    };
    const slow = code("echo", (_, { settings }) => ({ output: settings["says"] ?? null }), {
      check: async () => {
        for (let time = 0; time < 5; time++) await refs.at(-1)?.call({}).catch(nextTurn);
      },
    });
    const value = team({ name: "t", agents: { a: { module: "weak" }, b: sayer("b") } });
    await using team1 = await started(value, { modules: [weak, slow] });
    expect(statuses(team1.live)).toBe("a failed, b active");
    expect(team1.events.filter(({ type }) => type === "agent_failed")).toHaveLength(1);
    expect(await team1.live.ask("?")).toMatchObject({ ok: true, output: "b", isDegraded: true });
  });

  test("and that is never started again has failed at once", async () => {
    for (const restart of ["temporary", "transient"] as const) {
      const value = team({
        name: "t",
        agents: { a: { module: "moody", supervision: { restart }, replicas: 2 }, b: sayer("b") },
        policies: { retries: 0 },
      });
      await using team1 = await started(value, { modules: [moody, echo] });
      await team1.live.ask("throw");
      await nextTurn();
      expect(team1.live.status().agents["a"]).toMatchObject({
        status: "active",
        instances: restart === "temporary" ? 1 : 2,
      });
      if (restart === "transient") continue;
      await team1.live.ask("throw");
      await nextTurn();
      expect(statuses(team1.live)).toBe("a failed, b active");
      expect(await team1.live.apply([{ type: "start", agent: "a" }])).toMatchObject({ ok: true });
      expect(team1.live.status().agents["a"]).toMatchObject({ status: "active", instances: 2 });
    }
  });
});

/** Kills an agent until its supervisor gives it up. */
async function exhausted(live: LiveTeam, agent: string): Promise<void> {
  for (let time = 0; time < 10 && live.team.agents[agent]?.status !== "failed"; time++) {
    live.kill(agent);
    await nextTurn();
  }
}

describe("an agent that is killed", () => {
  test("while requests run: each has one outcome, and the others do not notice", async () => {
    await using team = await started(one({}, { maxFailures: 100 }), { modules: [moody] });
    const answers = Promise.all(Array.from({ length: 60 }, (_, place) => team.live.ask(place)));
    for (let time = 0; time < 8; time++) {
      await nextTurn();
      team.live.kill("a");
    }
    const given = await answers;
    expect(given.map((answer) => answer.ok && answer.output)).toEqual(Array.from({ length: 60 }, (_, place) => place));
    expect(given.some(({ trace }) => trace.calls[0]?.attempts === 2)).toBe(true);
    expect(team.live.status()).toMatchObject({
      requests: { inFlight: 0, answered: 60 },
      agents: { a: { instances: 1, load: 0 } },
    });
  });

  test("in its check is a start that failed", async () => {
    const checked = code("echo", () => Promise.reject(new Error("not even that")), {
      check: async (instance) => void (await instance.call({ task: "?" } as TeamCall)),
    });
    await using team = lab(sayers("a"), { modules: [checked] });
    team.live.kill("a");
    expect(await team.live.startAgents()).toMatchObject({
      ok: false,
      errors: [{ agent: "a", error: { message: expect.stringContaining("not even that") } }],
    });
    expect(await team.children()).toEqual([]);
  });

  test("and nobody else: the team is what it was", async () => {
    await using team = await started(sayers("a b"));
    team.live.kill("a");
    team.live.kill("nobody");
    expect(await team.live.ask("?")).toMatchObject({ ok: true, isDegraded: false });
    expect(statuses(team.live)).toBe("a active, b active");
  });
});

test("an agent whose start takes a while is waited for, and time need not pass", async () => {
  const clock = fakeClock();
  const runtime = new AgentRuntime({ clock });
  await using host = inlineHost({ runtime });
  const where = new URL("./fixtures/hosted-coders.ts", import.meta.url);
  const coder = hostedModule("coder", agentModule<typeof thrower>(where, "thrower"), { hosts: [host] });
  const value = team({ name: "t", agents: { a: { module: "coder", replicas: 2 } }, policies: { retries: 0 } });
  await using team1 = await started(value, { modules: [coder], runtime });
  const answers = await Promise.all(["throw", "throw", 1, 2].map((task) => team1.live.ask(task)));
  expect(answers).toMatchObject([{ ok: false }, { ok: false }, { ok: true, output: 1 }, { ok: true, output: 2 }]);
  expect(clock.now()).toBe(0);
  expect(team1.live.status().agents["a"]?.instances).toBe(2);
});

describe("an agent in a thread of its own", () => {
  const runtime = new AgentRuntime();
  const host = workerHost({ runtime, maxBlockedMs: 2000 });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  test("that loops for ever is ended with its thread, and the next one serves", { timeout: 60_000 }, async () => {
    const where = new URL("./fixtures/hosted-coders.ts", import.meta.url);
    const coder = hostedModule("coder", agentModule<typeof looper>(where, "looper"), { hosts: [host] });
    const value = team({
      name: "t",
      agents: { a: { module: "coder" }, b: sayer("b") },
      policies: { retries: 0, startMs: 30_000 },
    });
    await using team1 = await started(value, { modules: [coder, echo], runtime });
    const answers = await Promise.all(["loop", 1, 2].map((task) => team1.live.ask(task)));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(first(answers[0] as TeamAnswer)).toMatchObject({ agent: "a", outcome: { ok: false, code: "agent_down" } });
    expect(first(answers[1] as TeamAnswer)).toMatchObject({ agent: "a", outcome: { ok: true, reply: { output: 1 } } });
    expect(answers[0]?.isDegraded).toBe(true);
    expect(answers[2]?.isDegraded).toBe(false);
    const exited = team1.lives.find((event) => event.type === "child_exited");
    expect(exited).toMatchObject({ reason: { kind: "crash", error: { code: "blocked" } } });
    expect(team1.lives.map(({ type }) => type)).toContain("child_restarted");
  });
});
