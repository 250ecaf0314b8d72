import { describe, expect, test } from "vitest";
import { shutdown, supervisorChild } from "#foundation/agents";
import type { Child, Restart, Supervisor } from "#foundation/agents";
import { Gate, shutdownX, W, WOnce } from "../support/kinds.ts";
import { cc, childOf, codeOf, Lab, list, settle, watchEnd } from "../support/lab.ts";
import type { How } from "../support/lab.ts";

async function one(restart: Restart): Promise<{ lab: Lab; supervisor: Supervisor }> {
  const lab = new Lab();
  return { lab, supervisor: await lab.supervisor({ children: [W(lab, "c1", { restart })] }) };
}

describe("restarting by kind", () => {
  test.each([
    ["30 permanent_normal", "permanent", "normal", ["c1:pid"], [1, 1, 0, 1]],
    ["31 transient_normal", "transient", "normal", ["c1:undefined"], [1, 0, 0, 1]],
    ["32 temporary_normal", "temporary", "normal", [], [0, 0, 0, 0]],
    ["36 permanent_abnormal", "permanent", "abnormal", ["c1:pid"], [1, 1, 0, 1]],
    ["37 transient_abnormal", "transient", "abnormal", ["c1:pid"], [1, 1, 0, 1]],
    ["38 temporary_abnormal", "temporary", "abnormal", [], [0, 0, 0, 0]],
  ] as const)("%s", async (_, restart, how, listed, counted) => {
    const { lab, supervisor } = await one(restart);
    const before = await childOf(supervisor, "c1");
    await lab.end(before, how);
    expect(await list(supervisor)).toEqual(listed);
    expect(await cc(supervisor)).toEqual(counted);
    if (listed[0] === "c1:pid") expect((await childOf(supervisor, "c1")).pid).not.toBe(before.pid);
  });

  test("33 permanent_shutdown: restarted both times", async () => {
    const { lab, supervisor } = await one("permanent");
    for (const reason of [shutdown, shutdownX]) {
      const before = await childOf(supervisor, "c1");
      await lab.end(before, reason);
      expect((await childOf(supervisor, "c1")).pid).not.toBe(before.pid);
    }
  });

  test("34 transient_shutdown: down both times, and its spec is kept", async () => {
    const { lab, supervisor } = await one("transient");
    for (const reason of [shutdown, shutdownX]) {
      await lab.end(await childOf(supervisor, "c1"), reason);
      expect(await list(supervisor)).toEqual(["c1:undefined"]);
      await supervisor.restartChild("c1");
    }
  });

  test("35 temporary_shutdown: removed, and the same id can be started again", async () => {
    const { lab, supervisor } = await one("temporary");
    for (const reason of [shutdown, shutdownX]) {
      await lab.end(await childOf(supervisor, "c1"), reason);
      expect(await list(supervisor)).toEqual([]);
      await supervisor.startChild(W(lab, "c1", { restart: "temporary" }));
    }
  });

  test.each(
    (["one_for_one", "one_for_all", "rest_for_one"] as const).flatMap((strategy) =>
      (["kill", "normal", "abnormal", "sup"] as const).map((how) => [strategy, how] as const),
    ),
  )("61 do_not_save_child_specs_for_temporary_children: %s, by %s", async (strategy, how) => {
    const lab = new Lab();
    const after = async (restart: Restart): Promise<string> => {
      const spec = W(lab, restart, { restart });
      const supervisor = await lab.supervisor({ strategy, children: [spec] });
      if (how === "sup") await supervisor.terminateChild(restart);
      else await lab.end(await childOf(supervisor, restart), how);
      const code = await codeOf(supervisor.startChild(spec));
      return code === "already_present" ? `${code}, ${await codeOf(supervisor.restartChild(restart))}` : code;
    };
    const isDown = how === "sup" || how === "normal";
    expect(await after("permanent")).toBe(how === "sup" ? "already_present, ok" : "already_started");
    expect(await after("transient")).toBe(isDown ? "already_present, ok" : "already_started");
    expect(await after("temporary")).toBe("ok");
  });
});

describe("intensity", () => {
  test("40 multiple_restarts: the window slides", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ intensity: 1, periodMs: 1000, children: [W(lab, "c1")] });
    for (let crash = 0; crash < 4; crash++) {
      await lab.end(await childOf(supervisor, "c1"), "abnormal");
      await lab.clock.advance(2100);
    }
    expect(supervisor.isAlive).toBe(true);
  });

  test.each([
    [1000, false],
    [1001, true],
  ])("R24 the window is in milliseconds and inclusive: %i ms apart", async (apartMs, survives) => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ intensity: 1, periodMs: 1000, children: [W(lab, "c1")] });
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    await lab.clock.advance(apartMs);
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    expect(supervisor.isAlive).toBe(survives);
  });

  test("X3 a start that always fails is tried exactly as often as the intensity says", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ intensity: 3, children: [WOnce(lab, "c1")] });
    const end = watchEnd(supervisor);
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    expect(lab.log.filter((line) => line === "fail c1")).toHaveLength(3);
    expect(end.kind).toBe("shutdown");
  });

  test("R24 ends and starts by hand, and ends of temporary children, do not count", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ intensity: 0, children: [W(lab, "c1")] });
    for (let round = 0; round < 5; round++) {
      await supervisor.terminateChild("c1");
      await supervisor.restartChild("c1");
      const { child } = await supervisor.startChild(W(lab, "t", { restart: "temporary" }));
      await lab.end(child, "abnormal");
    }
    expect(supervisor.isAlive).toBe(true);
  });

  test("R25 giving up is a clean end: only a permanent supervisor is started again by its parent", async () => {
    const lab = new Lab();
    const inner = (restart: Restart) =>
      supervisorChild(restart, { intensity: 0, children: [W(lab, `below ${restart}`)] }, { restart });
    const top = await lab.supervisor({ children: [inner("permanent"), inner("transient"), inner("temporary")] });
    for (const restart of ["permanent", "transient", "temporary"]) {
      const below = (await childOf(top, restart)) as Supervisor;
      await lab.end(await childOf(below, `below ${restart}`), "abnormal");
    }
    expect(await list(top)).toEqual(["transient:undefined", "permanent:pid"]);
  });

  test("R26 back-off: the attempt waits, counts the same, and can be called off", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      backoffMs: (restarts) => restarts * 100,
      children: [W(lab, "c1"), W(lab, "c2")],
    });
    const end = watchEnd(supervisor);
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    await lab.clock.advance(99);
    expect(await list(supervisor)).toEqual(["c2:pid", "c1:restarting"]);
    await lab.clock.advance(1);
    await settle();
    expect(await list(supervisor)).toEqual(["c2:pid", "c1:pid"]);
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    await supervisor.terminateChild("c1");
    await lab.clock.advance(10_000);
    expect(await list(supervisor)).toEqual(["c2:pid", "c1:undefined"]);
    expect(lab.clock.pending()).toBe(0);
    await lab.end(await childOf(supervisor, "c2"), "abnormal");
    expect(end.kind).toBe("shutdown");
  });
});

async function pids(supervisor: Supervisor): Promise<Record<string, number | undefined>> {
  return Object.fromEntries((await supervisor.whichChildren()).map(({ id, child }) => [id, child?.pid]));
}

async function crash(lab: Lab, supervisor: Supervisor, id: string, how: How = "abnormal"): Promise<void> {
  await lab.end(await childOf(supervisor, id), how);
}

describe("strategies", () => {
  test("41 one_for_one: only the one that crashed; the third crash is one too many", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [W(lab, "c1"), W(lab, "c2")] });
    const end = watchEnd(supervisor);
    const before = await pids(supervisor);
    await crash(lab, supervisor, "c1");
    const after = await pids(supervisor);
    expect(after["c2"]).toBe(before["c2"]);
    expect(after["c1"]).not.toBe(before["c1"]);
    await crash(lab, supervisor, "c2");
    expect(await cc(supervisor)).toEqual([2, 2, 0, 2]);
    await crash(lab, supervisor, "c1");
    expect(end.kind).toBe("shutdown");
  });

  test.each([
    ["42 one_for_one_escalation", "one_for_one", [WOnce, W], "c1"],
    ["44 one_for_all_escalation", "one_for_all", [W, WOnce], "c1"],
    ["52 rest_for_one_escalation", "rest_for_one", [W, WOnce], "c1"],
  ] as const)("%s: the start keeps failing, and supervisor and sibling end", async (_, strategy, kinds, id) => {
    const lab = new Lab();
    const children = kinds.map((kind, index) => kind(lab, `c${index + 1}`));
    const supervisor = await lab.supervisor({ strategy, intensity: 4, children });
    const all = (await supervisor.whichChildren()).map(({ child }) => child as Child);
    const end = watchEnd(supervisor);
    await crash(lab, supervisor, id);
    await settle();
    expect(end.kind).toBe("shutdown");
    expect(all.some(({ isAlive }) => isAlive)).toBe(false);
    expect(lab.count("agent_started")).toBe(lab.count("agent_exited"));
    expect(lab.log.filter((line) => line.startsWith("fail"))).toHaveLength(4);
  });

  test("43 one_for_all: both are new, none of the old lives; the third crash is one too many", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ strategy: "one_for_all", children: [W(lab, "c1"), W(lab, "c2")] });
    const end = watchEnd(supervisor);
    const before = await pids(supervisor);
    await crash(lab, supervisor, "c1");
    const after = await pids(supervisor);
    expect(after["c1"]).not.toBe(before["c1"]);
    expect(after["c2"]).not.toBe(before["c2"]);
    expect(await cc(supervisor)).toEqual([2, 2, 0, 2]);
    await crash(lab, supervisor, "c2");
    expect(end.kind).toBeUndefined();
    await crash(lab, supervisor, "c1");
    expect(end.kind).toBe("shutdown");
  });

  test("45 one_for_all_other_child_fails_restart: the one that was restarted is stopped before the next attempt", async () => {
    const lab = new Lab();
    const [g1, g2] = [new Gate(lab, "c1"), new Gate(lab, "c2")];
    const starting = lab.supervisor({ strategy: "one_for_all", intensity: 4, children: [g1.spec, g2.spec] });
    for (const gate of [g1, g2]) {
      await settle();
      gate.decide(true);
    }
    const supervisor = await starting;
    (await childOf(supervisor, "c1")).exit({ kind: "killed" });
    await settle();
    lab.log.length = 0;
    g1.decide(true);
    await settle();
    g2.decide(false);
    await settle();
    expect(lab.log).toEqual(["start c1", "ask c2", "stop c1", "ask c1"]);
    g1.decide(true);
    await settle();
    g2.decide(true);
    await settle();
    expect(lab.log.slice(4)).toEqual(["start c1", "ask c2", "start c2"]);
    expect(await list(supervisor)).toEqual(["c2:pid", "c1:pid"]);
  });

  test.each([
    ["46 simple_one_for_one", undefined],
    ["48 simple_one_for_one_extra", "info"],
  ])("%s: only the one that crashed is replaced; the third crash is one too many", async (_, info) => {
    const lab = new Lab();
    const { start } = W(lab, "c");
    const supervisor = lab.dynamic<void>({
      template: {
        id: "c",
        start: async (context) => ({ ...(await start(context)), info }),
      },
    });
    const end = watchEnd(supervisor);
    const started = [await supervisor.startChild(), await supervisor.startChild()];
    expect(started.map((result) => result.info)).toEqual([info, info]);
    const [one, two] = started.map(({ child }) => child as Child) as [Child, Child];
    await lab.end(one, "abnormal");
    expect(two.isAlive).toBe(true);
    expect(await cc(supervisor)).toEqual([1, 2, 0, 2]);
    await lab.end(two, "abnormal");
    expect(await cc(supervisor)).toEqual([1, 2, 0, 2]);
    const [last] = await supervisor.whichChildren();
    await lab.end(last?.child, "abnormal");
    expect(end.kind).toBe("shutdown");
  });

  test("47 simple_one_for_one_shutdown: all end in parallel, and the one that takes too long is killed", async () => {
    const lab = new Lab();
    const times = [1000, 1000, 5000];
    let starts = 0;
    const { slow } = await import("../support/kinds.ts");
    const supervisor = lab.dynamic<void>({
      template: {
        id: "c",
        shutdownMs: 2000,
        start: (context) => slow(lab, `c${starts}`, times[starts++] ?? 0).start(context),
      },
    });
    for (let started = 0; started < 3; started++) await supervisor.startChild();
    const end = watchEnd(supervisor);
    void supervisor.stop();
    await lab.clock.advance(1999);
    await settle();
    expect(end.kind).toBeUndefined();
    await lab.clock.advance(1);
    await settle();
    expect(end.kind).toBe("shutdown");
    expect(["c0", "c1", "c2"].map((id) => lab.ends(id)[0])).toEqual(["shutdown", "shutdown", "killed"]);
  });

  test("49 simple_one_for_one_escalation: supervisor and second child end", async () => {
    const lab = new Lab();
    let starts = 0;
    const { start } = W(lab, "c");
    const supervisor = lab.dynamic<void>({
      intensity: 4,
      template: {
        id: "c",
        start: (context) => {
          if (++starts > 2) throw new Error("fails");
          return start(context);
        },
      },
    });
    const one = (await supervisor.startChild()).child as Child;
    const two = (await supervisor.startChild()).child as Child;
    const end = watchEnd(supervisor);
    await lab.end(one, "abnormal");
    expect(starts).toBe(6);
    expect(end.kind).toBe("shutdown");
    expect(two.isAlive).toBe(false);
  });

  test("51 rest_for_one: it and those after it; the third crash is one too many", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      strategy: "rest_for_one",
      children: ["c1", "c2", "c3"].map((id) => W(lab, id)),
    });
    const end = watchEnd(supervisor);
    const before = await pids(supervisor);
    await crash(lab, supervisor, "c2");
    const after = await pids(supervisor);
    expect(after["c1"]).toBe(before["c1"]);
    expect(after["c2"]).not.toBe(before["c2"]);
    expect(after["c3"]).not.toBe(before["c3"]);
    await crash(lab, supervisor, "c3");
    expect((await pids(supervisor))["c2"]).toBe(after["c2"]);
    await crash(lab, supervisor, "c2");
    expect(end.kind).toBe("shutdown");
  });

  test("R27 rest_for_one: the order of stops and starts", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      strategy: "rest_for_one",
      children: ["a", "b", "c", "d"].map((id) => W(lab, id)),
    });
    lab.log.length = 0;
    await crash(lab, supervisor, "b", "kill");
    expect(lab.log).toEqual(["stop d", "stop c", "start b", "start c", "start d"]);
  });

  test("53 rest_for_one_other_child_fails_restart: only the one that failed is tried again", async () => {
    const lab = new Lab();
    const [g1, g2] = [new Gate(lab, "c1"), new Gate(lab, "c2")];
    const starting = lab.supervisor({ strategy: "rest_for_one", intensity: 4, children: [g1.spec, g2.spec] });
    for (const gate of [g1, g2]) {
      await settle();
      gate.decide(true);
    }
    const supervisor = await starting;
    (await childOf(supervisor, "c1")).exit({ kind: "killed" });
    await settle();
    lab.log.length = 0;
    g1.decide(true);
    await settle();
    const restarted = lab.events.findLast(({ type }) => type === "agent_started");
    g2.decide(false);
    await settle();
    expect(lab.log).toEqual(["start c1", "ask c2", "ask c2"]);
    g2.decide(true);
    await settle();
    expect(restarted).toMatchObject({ pid: (await pids(supervisor))["c1"] });
  });

  test("X4 a group restart brings back what was down on purpose, and ends temporary siblings for good", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      strategy: "one_for_all",
      intensity: 5,
      children: [
        W(lab, "a"),
        W(lab, "b"),
        W(lab, "t", { restart: "temporary" }),
        W(lab, "n", { restart: "transient" }),
      ],
    });
    await supervisor.terminateChild("b");
    await crash(lab, supervisor, "n", "normal");
    expect(await list(supervisor)).toEqual(["n:undefined", "t:pid", "b:undefined", "a:pid"]);
    await crash(lab, supervisor, "a");
    expect(await list(supervisor)).toEqual(["n:pid", "b:pid", "a:pid"]);
    expect(lab.ends("t")).toEqual(["shutdown"]);
  });

  test("R24 two that crash at once under one_for_all are one restart", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      strategy: "one_for_all",
      intensity: 1,
      children: [W(lab, "a"), W(lab, "b")],
    });
    const [a, b] = [await childOf(supervisor, "a"), await childOf(supervisor, "b")];
    a.exit({ kind: "killed" });
    b.exit({ kind: "killed" });
    await settle();
    expect(supervisor.isAlive).toBe(true);
    expect(await cc(supervisor)).toEqual([2, 2, 0, 2]);
  });
});
