import { describe, expect, test } from "vitest";
import { agent, child, named, Registry, supervisorChild } from "#foundation/agents";
import type { Child, ChildSpec, Supervisor } from "#foundation/agents";
import { dead, W } from "../support/kinds.ts";
import { cc, childOf, codeOf, Lab, list, pidOf, settle } from "../support/lab.ts";

/** W whose start gives something besides the child. */
function extra(lab: Lab, id: string): ChildSpec {
  const { start } = W(lab, id);
  return {
    id,
    start: async (context) => ({ ...(await start(context)), info: "extra" }),
  };
}

describe("administration", () => {
  test("24 extra_return: what a start gives besides the child comes back unchanged", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [extra(lab, "c1")] });
    expect(await codeOf(supervisor.startChild(extra(lab, "c1")))).toBe("already_started");
    expect(await codeOf(supervisor.restartChild("c2"))).toBe("not_found");
    expect(await codeOf(supervisor.restartChild("c1"))).toBe("running");
    expect(await codeOf(supervisor.deleteChild("c1"))).toBe("running");
    expect(await codeOf(supervisor.terminateChild("c1"))).toBe("ok");
    expect(await codeOf(supervisor.terminateChild("c1"))).toBe("ok");
    expect(await supervisor.restartChild("c1")).toMatchObject({ info: "extra" });
    await supervisor.terminateChild("c1");
    await supervisor.deleteChild("c1");
    expect(await list(supervisor)).toEqual([]);
    const started = await supervisor.startChild(extra(lab, "c1"));
    expect(started.info).toBe("extra");
    await lab.end(started.child, "abnormal");
    expect((await childOf(supervisor, "c1")).pid).not.toBe(pidOf(started));
  });

  test("25 child_adm: every administrative call in every state of a child", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [W(lab, "c1")] });
    const first = await childOf(supervisor, "c1");
    await expect(supervisor.startChild(W(lab, "c1"))).rejects.toMatchObject({ code: "already_started", child: first });
    await supervisor.terminateChild("c1");
    expect(first.isAlive).toBe(false);
    expect(await cc(supervisor)).toEqual([1, 0, 0, 1]);
    expect(await codeOf(supervisor.terminateChild("c1"))).toBe("ok");
    expect(await codeOf(supervisor.startChild(W(lab, "c1")))).toBe("already_present");
    const restarted = await supervisor.restartChild("c1");
    expect(await codeOf(supervisor.restartChild("c1"))).toBe("running");
    expect(await codeOf(supervisor.deleteChild("c1"))).toBe("running");
    expect(await codeOf(supervisor.terminateChild(pidOf(restarted) as unknown as string))).toBe("not_found");
    expect(restarted.child?.isAlive).toBe(true);
    await supervisor.terminateChild("c1");
    expect(await codeOf(supervisor.deleteChild("c1"))).toBe("ok");
    expect(await codeOf(supervisor.deleteChild("c1"))).toBe("not_found");
    await supervisor.stop();
    for (const call of callsOf(supervisor, W(lab, "c1"))) expect(await codeOf(call)).toBe("noproc");
  });

  test("25 a child that is restarted keeps its position", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [W(lab, "a"), W(lab, "b"), W(lab, "c")] });
    await supervisor.terminateChild("b");
    await supervisor.restartChild("b");
    expect(await list(supervisor)).toEqual(["c:pid", "b:pid", "a:pid"]);
  });

  test("25 ending one child leaves its siblings alone, also under one_for_all", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ strategy: "one_for_all", children: [W(lab, "a"), W(lab, "b")] });
    const a = await childOf(supervisor, "a");
    await supervisor.terminateChild("b");
    expect(a.isAlive).toBe(true);
    expect((await childOf(supervisor, "a")).pid).toBe(a.pid);
  });

  test("25 a supervisor that is ending answers at once", async () => {
    const lab = new Lab();
    const answers: string[] = [];
    const supervisor: Supervisor = await lab.supervisor({
      children: [
        child(
          "asks",
          agent<null, never, unknown>({
            name: "asks",
            init: () => null,
            handle: (_, state) => state,
            terminate: async () => void answers.push(await codeOf(supervisor.whichChildren())),
          }),
          undefined,
          { shutdownMs: "infinity" },
        ),
      ],
    });
    await supervisor.stop();
    expect(answers).toEqual(["noproc"]);
  });

  test("26 child_adm_simple: children are known by their pids", async () => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: W(lab, "c") });
    expect(await cc(supervisor)).toEqual([1, 0, 0, 0]);
    const one = (await supervisor.startChild()).child as Child;
    expect(await cc(supervisor)).toEqual([1, 1, 0, 1]);
    const two = (await supervisor.startChild()).child as Child;
    expect(await cc(supervisor)).toEqual([1, 2, 0, 2]);
    expect(await codeOf(supervisor.terminateChild("c" as unknown as Child))).toBe("not_found");
    expect(await codeOf(supervisor.terminateChild(one.pid))).toBe("ok");
    expect(one.isAlive).toBe(false);
    expect(await codeOf(supervisor.terminateChild(one))).toBe("ok");
    expect(await codeOf(supervisor.terminateChild(two))).toBe("ok");
    const foreign = await childOf(await lab.supervisor({ children: [W(lab, "other")] }), "other");
    expect(await codeOf(supervisor.terminateChild(foreign))).toBe("not_found");
    expect(await codeOf(supervisor.terminateChild(foreign.pid))).toBe("not_found");
    expect(foreign.isAlive).toBe(true);
    expect("restartChild" in supervisor || "deleteChild" in supervisor).toBe(false);
    await supervisor.stop();
    expect(await codeOf(supervisor.startChild())).toBe("noproc");
  });

  test("R31 a dynamic supervisor takes no more than maxChildren, those between two attempts included", async () => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: W(lab, "c"), maxChildren: 1 });
    const { child: one } = await supervisor.startChild();
    expect(await codeOf(supervisor.startChild())).toBe("max_children");
    await supervisor.terminateChild(one as Child);
    expect(await codeOf(supervisor.startChild())).toBe("ok");
  });

  test("64 simple_global_supervisor (a registry of this process for the global names): names come back with every restart", async () => {
    const lab = new Lab();
    const names = new Registry<void, string>(lab.runtime);
    const worker = named(
      names,
      "worker",
      agent<null, string, void>({
        name: "worker",
        init: () => null,
        handle: () => {
          throw new Error("thrown");
        },
      }),
    );
    const inner = supervisorChild("inner", { children: [child("worker", worker, undefined)] });
    const top = await lab.supervisor({ strategy: "one_for_all", intensity: 10, children: [inner] });
    const pid = (): number | undefined => names.whereis("worker")?.pid;
    const changed: (number | undefined)[] = [pid()];
    await lab.end(await childOf(top, "inner"), "kill");
    changed.push(pid());
    const below = (await childOf(top, "inner")) as Supervisor;
    await lab.end(await childOf(below, "worker"), "kill");
    changed.push(pid());
    names.ref<string>("worker").send("throw");
    await settle();
    changed.push(pid());
    await top.terminateChild("inner");
    expect(pid()).toBeUndefined();
    await top.restartChild("inner");
    changed.push(pid());
    expect(new Set(changed).size).toBe(5);
    expect(changed).not.toContain(undefined);
    top.exit({ kind: "killed" });
    expect(names.size).toBe(0);
  });

  test("X10 when a child starts again its own name is free", async () => {
    const lab = new Lab();
    const names = new Registry<void, string>(lab.runtime);
    const free: boolean[] = [];
    const definition = agent<null, never, void>({
      name: "worker",
      init: (_, { self }) => {
        free.push(names.whereis("worker") === undefined && names.register("worker", self).ok);
        return null;
      },
      handle: (_, state) => state,
    });
    const supervisor = await lab.supervisor({ children: [child("worker", definition, undefined)] });
    await lab.end(await childOf(supervisor, "worker"), "kill");
    await lab.end(await childOf(supervisor, "worker"), "abnormal");
    expect(free).toEqual([true, true, true]);
  });

  test("65 hanging_restart_loop: while a child is being restarted the supervisor answers", async () => {
    const lab = new Lab();
    const flag = { isDead: false };
    const supervisor = await lab.supervisor({ intensity: 8, periodMs: 10_000, children: [dead(lab, "c1", flag)] });
    flag.isDead = true;
    (await childOf(supervisor, "c1")).exit({ kind: "killed" });
    await settle();
    const asked = [
      codeOf(supervisor.startChild(dead(lab, "c1", flag))),
      codeOf(supervisor.restartChild("c1")),
      codeOf(supervisor.deleteChild("c1")),
    ];
    const listed = list(supervisor);
    const counted = cc(supervisor);
    await lab.clock.advance(2000);
    await settle();
    expect(await Promise.all(asked)).toEqual(["already_present", "restarting", "restarting"]);
    expect(await listed).toEqual(["c1:restarting"]);
    expect(await counted).toEqual([1, 0, 0, 1]);
    const ended = codeOf(supervisor.terminateChild("c1"));
    await lab.clock.advance(2000);
    expect(await ended).toBe("ok");
    expect(await list(supervisor)).toEqual(["c1:undefined"]);
    flag.isDead = false;
    expect(await codeOf(supervisor.restartChild("c1"))).toBe("ok");
    flag.isDead = true;
    (await childOf(supervisor, "c1")).exit({ kind: "killed" });
    await settle();
    await supervisor.stop();
    expect(supervisor.isAlive).toBe(false);
  });

  test("67 hanging_restart_loop_simple: the same under a dynamic supervisor, by the old pid", async () => {
    const lab = new Lab();
    const flag = { isDead: false };
    const supervisor = lab.dynamic<void>({ intensity: 8, periodMs: 10_000, template: dead(lab, "c", flag) });
    const one = (await supervisor.startChild()).child as Child;
    flag.isDead = true;
    one.exit({ kind: "killed" });
    await settle();
    const listed = supervisor.whichChildren();
    const counted = cc(supervisor);
    await lab.clock.advance(2000);
    expect(await listed).toEqual([{ pid: one.pid, child: undefined, status: "restarting" }]);
    expect(await counted).toEqual([1, 0, 0, 1]);
    const ended = codeOf(supervisor.terminateChild(one.pid));
    await lab.clock.advance(2000);
    expect(await ended).toBe("ok");
    expect(await supervisor.whichChildren()).toEqual([]);
    await supervisor.stop();
  });

  test("78 format_log (events instead of reports): they carry the supervisor, the child, what happened and why", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ name: "top", intensity: 0, children: [W(lab, "c1")] });
    const one = await childOf(supervisor, "c1");
    await lab.end(one, "abnormal");
    expect(lab.events.map(({ type }) => type)).toEqual([
      "supervisor_started",
      "agent_started",
      "child_started",
      "agent_exited",
      "child_exited",
      "supervisor_gave_up",
      "supervisor_exited",
    ]);
    expect(lab.events).toContainEqual({
      type: "child_exited",
      at: 0,
      supervisor: "top",
      child: "c1",
      pid: one.pid,
      reason: { kind: "crash", error: expect.objectContaining({ message: "died" }) },
    });
    expect(lab.events).toContainEqual({
      type: "supervisor_gave_up",
      at: 0,
      supervisor: "top",
      child: "c1",
      intensity: 0,
      periodMs: 3_600_000,
    });
  });
});

function callsOf(supervisor: Supervisor, spec: ChildSpec): Promise<unknown>[] {
  return [
    supervisor.startChild(spec),
    supervisor.terminateChild("c1"),
    supervisor.restartChild("c1"),
    supervisor.deleteChild("c1"),
    supervisor.whichChildren(),
    supervisor.countChildren(),
    supervisor.childSpec("c1"),
    supervisor.change(),
  ];
}
