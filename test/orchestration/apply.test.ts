import { describe, expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agent, child } from "#foundation/agents";
import { agentSelection, communicationTopology, team, teamModule } from "#orchestration";
import type { Action, LiveTeam, Team, TeamAnswer, TeamModule, TeamReply } from "#orchestration";
import { fakeClock } from "#testing";
import { agentChildren, code, echo, sayer, sayers, started, statuses, wayOf } from "./support/live.ts";

const switchTo = (from: string, to: string): Action => ({ type: "reconfigure_supervisor", variable: "who", from, to });

function pair(): Team {
  return sayers("old new", { variables: [agentSelection("who", { agents: ["old", "new"] })] });
}

/** Outputs of so many requests, so many at once, in the order in which they were asked; `between` comes in the middle. */
async function stream(
  live: LiveTeam,
  { count, width, between }: { count: number; width: number; between: () => Promise<unknown> },
): Promise<TeamAnswer[]> {
  const answers: TeamAnswer[] = [];
  let [next, change] = [0, Promise.resolve() as Promise<unknown>];
  const work = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++) {
      if (place === Math.floor(count / 2)) change = between();
      answers[place] = await live.ask(place);
      await nextTurn();
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  await change;
  return answers;
}

const outputs = (answers: readonly TeamAnswer[]): unknown[] => answers.map((answer) => answer.ok && answer.output);

describe("a switch from one agent to another", () => {
  test("under load loses no request and doubles none: two hundred, twenty at once, a hundred times", async () => {
    for (let time = 0; time < 100; time++) {
      const heard: unknown[] = [];
      const worker = code("echo", async (call, { settings }) => {
        heard.push(call.task);
        await nextTurn();
        return { output: settings["says"] ?? null };
      });
      await using team = await started(pair(), { modules: [worker] });
      const answers = await stream(team.live, {
        count: 200,
        width: 20,
        between: async () => expect(await team.live.apply([switchTo("old", "new")])).toMatchObject({ ok: true }),
      });
      expect(answers.filter(({ ok, isDegraded }) => !ok || isDegraded)).toEqual([]);
      expect(heard.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, place) => place));
      const said = outputs(answers);
      expect([said[0], said.at(-1)]).toEqual(["old", "new"]);
      expect(new Set(said)).toEqual(new Set(["old", "new"]));
      expect(await team.children()).toEqual(["new"]);
      expect(team.live.status()).toMatchObject({
        activeAgents: ["new"],
        requests: { inFlight: 0, answered: 200, failed: 0 },
        agents: { old: { instances: 0 }, new: { instances: 1 } },
      });
    }
  });

  test("starts the one before it stops the other, and says so", async () => {
    await using team = await started(pair());
    await team.live.apply([switchTo("old", "new")]);
    const story = team.events.flatMap((event) => {
      if (event.type === "agent_status") return [`${event.agent} ${event.to}`];
      return event.type === "actions_applied" ? ["applied"] : [];
    });
    expect(story.slice(2).join(", ")).toBe("new starting, new active, old stopping, old inactive, applied");
  });

  test("of code loses no request either", async () => {
    const [first, second] = ["one", "two"].map((name) =>
      code(name, async () => {
        await nextTurn();
        return { output: name };
      }),
    ) as [ReturnType<typeof code>, ReturnType<typeof code>];
    const value = team({ name: "t", agents: { a: { module: "one" } } });
    await using team1 = await started(value, { modules: [first, second] });
    const answers = await stream(team1.live, {
      count: 200,
      width: 20,
      between: () => team1.live.apply([{ type: "reconfigure", agent: "a", module: "two" }]),
    });
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(outputs(answers)[0]).toBe("one");
    expect(outputs(answers).at(-1)).toBe("two");
    const [instance, ...more] = (await agentChildren(team1.live, "a")) ?? [];
    expect([instance, more]).toEqual(["a#2", []]);
  });

  test("of topology lets requests that began before end the old way", async () => {
    const relay = code("echo", async ({ inbox, task }, { settings }) => {
      await nextTurn();
      return { output: `${(inbox.at(-1)?.output ?? task) as string}${settings["says"] as string}` };
    });
    const net = communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["ring", "chain"], rounds: 2 });
    await using team = await started(sayers("a b c", { variables: [net] }), { modules: [relay] });
    const before = team.live.ask(">");
    await nextTurn();
    const change = team.live.apply([
      { type: "change_topology", variable: "net", from: { pattern: "ring" }, to: { pattern: "chain" } },
    ]);
    expect(await change).toMatchObject({ ok: true });
    const after = team.live.ask(">");
    expect(await before).toMatchObject({ output: ">abcabc", trace: { pattern: "ring" } });
    expect(await after).toMatchObject({ output: ">abc", trace: { pattern: "chain" } });
  });

  test("to a ring with one agent fewer lets the old ring go round to its end", async () => {
    const relay = code("echo", async ({ inbox }, { settings }) => {
      await nextTurn();
      return { output: `${(inbox.at(-1)?.output ?? "") as string}${settings["says"] as string}` };
    });
    const net = communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["ring"], rounds: 3 });
    await using team = await started(sayers("a b c", { variables: [net] }), { modules: [relay] });
    const before = [team.live.ask(0), team.live.ask(0), team.live.ask(0)];
    await nextTurn();
    expect(await team.live.apply([{ type: "stop", agent: "b" }])).toMatchObject({ ok: true });
    expect(outputs(await Promise.all(before))).toEqual(Array(3).fill("abcabcabc"));
    expect(await team.live.ask(0)).toMatchObject({ output: "acacac" });
    expect(team.events.some(({ type }) => type === "drain_expired")).toBe(false);
  });

  test("that takes an agent away waits for requests that began several changes ago", async () => {
    const clock = fakeClock();
    const slow = code("echo", async ({ inbox }, { settings }) => {
      await clock.sleep(100);
      return { output: `${(inbox.at(-1)?.output ?? "") as string}${settings["says"] as string}` };
    });
    const net = communicationTopology("net", { agents: ["a", "b", "c"], patterns: ["ring", "chain"], rounds: 2 });
    await using team = await started(sayers("a b c", { variables: [net] }), { modules: [slow], clock });
    const before = team.live.ask(0);
    await clock.advance(50);
    const changes = [
      team.live.apply([
        { type: "change_topology", variable: "net", from: { pattern: "ring" }, to: { pattern: "chain" } },
      ]),
      team.live.apply([{ type: "change_role", agent: "c", role: "optimizer" }]),
      team.live.apply([{ type: "stop", agent: "b" }]),
    ];
    await clock.advance(0);
    const after = team.live.ask(0);
    expect(statuses(team.live)).toBe("a active, b stopping, c active");
    expect(team.live.status().requests.inFlight).toBe(2);
    await clock.advance(1000);
    expect(await Promise.all(changes)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(await before).toMatchObject({ output: "abcabc", isDegraded: false });
    expect(await after).toMatchObject({ output: "ac" });
    expect(statuses(team.live)).toBe("a active, b inactive, c active");
  });

  test("does not wait longer for requests than the policy says; those go on with who comes after", async () => {
    const clock = fakeClock();
    const hang = code("hang", () => new Promise<TeamReply>(() => {}));
    const value = team({
      name: "t",
      agents: { a: { module: "hang" } },
      policies: { drainMs: 300, retries: 1 },
    });
    await using team1 = await started(value, { modules: [hang, echo], clock });
    const asked = team1.live.ask("?");
    await clock.advance(0);
    const applied = team1.live.apply([{ type: "reconfigure", agent: "a", module: "echo" }]);
    await clock.advance(299);
    expect(team1.events.some(({ type }) => type === "drain_expired")).toBe(false);
    await clock.advance(1);
    expect(team1.events.find(({ type }) => type === "drain_expired")).toMatchObject({ agents: ["a"] });
    await clock.advance(1000);
    expect(await applied).toMatchObject({ ok: true });
    expect(await asked).toMatchObject({ ok: true, output: "?", trace: { calls: [{ attempts: 2 }] } });
  });

  test("with more behind it ends as all of them in turn", async () => {
    await using team = await started(pair());
    const done = await Promise.all([
      team.live.apply([switchTo("old", "new")]),
      team.live.apply([switchTo("new", "old")]),
      team.live.apply([switchTo("old", "new")]),
    ]);
    expect(done.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(await team.live.ask(0)).toMatchObject({ output: "new" });
    expect(await team.children()).toEqual(["new"]);
  });
});

describe("what cannot be started", () => {
  test("leaves everything as it was: the old one serves, nothing of the new one is left", async () => {
    const unfit = code("unfit", () => ({ output: 1 }), { check: () => Promise.reject(new Error("wrong version")) });
    const value = team({
      name: "t",
      agents: { old: sayer("old"), new: { module: "unfit" }, other: sayer("other") },
      variables: [agentSelection("who", { agents: ["old", "new"] })],
      resourcePool: { memory: 1 },
    });
    await using team1 = await started(value, { modules: [echo, unfit] });
    const before = team1.live.team;
    const status = team1.live.status();
    const done = await team1.live.apply([
      switchTo("old", "new"),
      { type: "change_role", agent: "other", role: "monitor" },
    ]);
    const error = { code: "agent_unavailable", message: "agent new did not start: wrong version" };
    expect(done).toEqual({
      ok: false,
      team: before,
      results: [
        { action: switchTo("old", "new"), outcome: "failed", error },
        { action: expect.anything(), outcome: "rolled_back", error },
      ],
    });
    expect(team1.live.team).toEqual(before);
    expect(team1.live.status()).toEqual(status);
    expect(team1.events.map(({ type }) => type)).toContain("actions_rolled_back");
    expect(await team1.children()).toEqual(["old", "other"]);
    expect(wayOf(team1.events, "new")).toBe("inactive → starting → stopping → inactive");
    expect(await team1.live.ask("?")).toMatchObject({ ok: true, output: "other" });
  });

  test("because its init throws is rolled back in the same way", async () => {
    const faulty = {
      ...teamModule("faulty", () => ({ output: 1 })),
      child: () => ({ id: "x", start: () => Promise.reject(new Error("boom")) }),
    };
    const value = team({ name: "t", agents: { a: sayer("a") } });
    await using team1 = await started(value, { modules: [echo, faulty] });
    const done = await team1.live.apply([{ type: "reconfigure", agent: "a", module: "faulty" }]);
    expect(done.results).toMatchObject([{ outcome: "failed", error: { message: "agent a did not start: boom" } }]);
    expect(await agentChildren(team1.live, "a")).toEqual(["a#1"]);
    expect(await team1.live.ask("?")).toMatchObject({ ok: true, output: "a" });
  });

  test("because its check hangs is given up after five seconds, and requests go on meanwhile", async () => {
    const clock = fakeClock();
    const stuck = code("stuck", () => new Promise<TeamReply>(() => {}), {
      check: async (instance) => {
        await instance.call({ kind: "work" } as never);
      },
    });
    const value = team({
      name: "t",
      agents: { old: sayer("old"), new: { module: "stuck" } },
      variables: [agentSelection("who", { agents: ["old", "new"] })],
    });
    await using team1 = await started(value, { modules: [echo, stuck], clock });
    const applied = team1.live.apply([switchTo("old", "new")]);
    await clock.advance(4999);
    expect(statuses(team1.live)).toBe("old active, new starting");
    expect(await team1.live.ask("?")).toMatchObject({ output: "old" });
    await clock.advance(1);
    await clock.advance(1000);
    expect((await applied).results).toMatchObject([
      {
        outcome: "failed",
        error: { message: "agent new did not start: the check of agent new took longer than 5000 ms" },
      },
    ]);
    expect(statuses(team1.live)).toBe("old active, new inactive");
    expect(await team1.children()).toEqual(["old"]);
  });

  test("because its start hangs is given up after five seconds too", async () => {
    const clock = fakeClock();
    const hangs = agent<void, never>({ name: "hangs", init: () => new Promise<void>(() => {}), handle: () => {} });
    const stuck: TeamModule = { ...echo, name: "stuck", child: (id) => child(id, hangs, undefined) };
    const value = team({ name: "t", agents: { a: sayer("a") } });
    await using team1 = await started(value, { modules: [echo, stuck], clock });
    const applied = team1.live.apply([{ type: "reconfigure", agent: "a", module: "stuck" }]);
    await clock.advance(5000);
    expect((await applied).results).toMatchObject([
      { outcome: "failed", error: { message: expect.stringContaining("did not start within 5000 ms") } },
    ]);
    expect(await agentChildren(team1.live, "a")).toEqual(["a#1"]);
    expect(await team1.live.ask("?")).toMatchObject({ ok: true, output: "a" });
  });

  test("can be tried again, and works once it can be started", async () => {
    let isFit = false;
    const moody = code("moody", () => ({ output: "new" }), {
      check: () => {
        if (!isFit) throw new Error("not yet");
      },
    });
    const value = team({
      name: "t",
      agents: { old: sayer("old"), new: { module: "moody" } },
      variables: [agentSelection("who", { agents: ["old", "new"] })],
    });
    await using team1 = await started(value, { modules: [echo, moody] });
    expect((await team1.live.apply([switchTo("old", "new")])).ok).toBe(false);
    isFit = true;
    expect((await team1.live.apply([switchTo("old", "new")])).ok).toBe(true);
    expect(await team1.live.ask("?")).toMatchObject({ output: "new" });
  });
});

describe("actions are refused, and nothing is tried", () => {
  test.each<[string, readonly unknown[], RegExp]>([
    ["that name code which is not there", [{ type: "reconfigure", agent: "old", module: "none" }], /no module "none"/],
    ["that start from what does not hold", [switchTo("new", "new")], /expected "new" to hold now, got "old"/],
    ["to somebody unknown", [switchTo("old", "z")], /team\.who: expected/],
    ["that are none", [null], /expected an action, got null/],
    ["that would leave nobody to answer", [{ type: "stop", agent: "old" }], /nobody is active/],
    ["of which one is wrong", [switchTo("old", "new"), { type: "stop", agent: "z" }], /there is no agent "z"/],
  ])("%s", async (_, actions, message) => {
    await using team = await started(pair());
    const before = team.live.team;
    const done = await team.live.apply(actions as Action[]);
    expect(done).toMatchObject({ ok: false, team: before });
    for (const { outcome, error } of done.results) {
      expect(outcome).toBe("refused");
      expect(error?.message).toMatch(message);
    }
    expect(done.results).toHaveLength(actions.length);
    expect(team.live.team).toBe(before);
    expect(team.events.at(-1)?.type).toBe("actions_refused");
  });

  test("with invalid_configuration as the code where code is missing", async () => {
    await using team = await started(pair());
    const done = await team.live.apply([{ type: "reconfigure", agent: "new", module: "none" }]);
    expect(done.results).toMatchObject([{ outcome: "refused", error: { code: "invalid_configuration" } }]);
  });

  test("but no actions are no change", async () => {
    await using team = await started(pair());
    expect(await team.live.apply([])).toEqual({ ok: true, team: team.live.team, results: [] });
    await expect(team.live.apply("x" as never)).rejects.toThrow("apply: expected a list of actions");
  });
});
