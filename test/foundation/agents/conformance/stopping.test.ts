import { describe, expect, test } from "vitest";
import { crash, killed, normal, shutdown, supervisorChild } from "#foundation/agents";
import type { ExitReason, Supervisor } from "#foundation/agents";
import { Gate, slow, term, W } from "../support/kinds.ts";
import { childOf, codeOf, Lab, list, settle, watchEnd } from "../support/lab.ts";

/** Whether the promise has been kept by now. */
function track(promise: Promise<unknown>): { isDone: boolean } {
  const state = { isDone: false };
  void promise.then(() => (state.isDone = true));
  return state;
}

describe("stopping", () => {
  test("17 sup_stop_infinity: both end with shutdown, however long they take", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      children: [
        slow(lab, "c1", 1_000_000, { type: "supervisor", shutdownMs: "infinity" }),
        slow(lab, "c2", 1_000_000, { shutdownMs: "infinity" }),
      ],
    });
    const stopped = track(supervisor.stop());
    await lab.clock.advance(1_999_999);
    expect(stopped.isDone).toBe(false);
    await lab.clock.advance(1);
    await settle();
    expect(stopped.isDone).toBe(true);
    expect([...lab.ends("c1"), ...lab.ends("c2")]).toEqual(["shutdown", "shutdown"]);
  });

  test("18 sup_stop_timeout: the busy one is killed after its 1000 ms, the other ends with shutdown", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      children: [W(lab, "c1", { shutdownMs: 1000 }), slow(lab, "c2", 200_000, { shutdownMs: 1000 })],
    });
    const stopped = track(supervisor.stop());
    await lab.clock.advance(999);
    await settle();
    expect(stopped.isDone).toBe(false);
    await lab.clock.advance(1);
    await settle();
    expect(stopped.isDone).toBe(true);
    expect(lab.ends("c1")).toEqual(["shutdown"]);
    expect(lab.ends("c2")).toEqual(["killed"]);
  });

  test("19 sup_stop_timeout_dynamic: the same, in parallel", async () => {
    const lab = new Lab();
    let starts = 0;
    const quick = W(lab, "c");
    const busy = slow(lab, "busy", 200_000);
    const supervisor = lab.dynamic<void>({
      template: {
        id: "c",
        restart: "temporary",
        shutdownMs: 1000,
        start: (context) => (++starts === 2 ? busy : quick).start(context),
      },
    });
    await supervisor.startChild();
    await supervisor.startChild();
    const end = watchEnd(supervisor);
    void supervisor.stop();
    await lab.clock.advance(1000);
    await settle();
    expect([...lab.ends("c"), ...lab.ends("busy")]).toEqual(["shutdown", "killed"]);
    expect(end.kind).toBe("shutdown");
  });

  test("20 sup_stop_brutal_kill: the brutal one is killed without cleaning up", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      children: [W(lab, "c1", { shutdownMs: 1000 }), W(lab, "c2", { shutdownMs: "brutal" })],
    });
    await supervisor.stop();
    expect(lab.ends("c1")).toEqual(["shutdown"]);
    expect(lab.ends("c2")).toEqual(["killed"]);
    expect(lab.log).toEqual(["start c1", "start c2", "stop c1"]);
  });

  test("21 sup_stop_brutal_kill_dynamic: all are killed", async () => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: W(lab, "c", { shutdownMs: "brutal" }) });
    for (let started = 0; started < 10; started++) await supervisor.startChild();
    const end = watchEnd(supervisor);
    await supervisor.stop();
    expect(lab.ends("c")).toEqual(Array.from({ length: 10 }, () => "killed"));
    expect(end.kind).toBe("shutdown");
  });

  test.each(["permanent", "transient", "temporary"] as const)(
    "23 sup_stop_non_shutdown_exit_dynamic: %s children end for reasons of their own",
    async (restart) => {
      const reasons: ExitReason[] = [normal, shutdown, { kind: "shutdown", info: "x" }, crash("abnormal")];
      for (const reason of reasons) {
        const lab = new Lab();
        const supervisor = lab.dynamic<void>({ template: term(lab, "c", reason, { restart }) });
        await supervisor.startChild();
        const end = watchEnd(supervisor);
        await supervisor.stop();
        expect(lab.events.findLast(({ type }) => type === "agent_exited")).toMatchObject({ reason });
        expect(lab.events.findLast(({ type }) => type === "child_stopped")).toMatchObject({ reason });
        expect(end.kind).toBe("shutdown");
      }
    },
  );

  test("a supervisor that is killed takes all that lives below with it, also what was on its way out", async () => {
    const lab = new Lab();
    const inner = supervisorChild("inner", { children: [slow(lab, "c1", 1000), slow(lab, "c2", 1000)] });
    const supervisor = await lab.supervisor({ children: [inner] });
    const below = (await childOf(supervisor, "inner")) as Supervisor;
    const c2 = await childOf(below, "c2");
    void below.stop();
    await settle();
    expect(c2.isAlive).toBe(false);
    supervisor.exit(killed);
    expect([...lab.ends("c2"), ...lab.ends("c1")]).toEqual(["killed", "killed"]);
    expect(below.isAlive).toBe(false);
    await lab.clock.advance(10_000);
    expect(lab.events.filter(({ type }) => type === "supervisor_exited")).toHaveLength(2);
  });

  test("55 child_unlink: ending a child waits for its end and for nothing that it could refuse", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [slow(lab, "c1", 200_000, { shutdownMs: 1000 })] });
    const stopped = track(supervisor.terminateChild("c1"));
    await lab.clock.advance(1000);
    await settle();
    expect(stopped.isDone).toBe(true);
    expect(await list(supervisor)).toEqual(["c1:undefined"]);
  });

  test("X8 an end that comes while a start is pending calls the start off", async () => {
    const lab = new Lab();
    const gate = new Gate(lab, "c1");
    const supervisor = await lab.supervisor({ children: [W(lab, "c0")] });
    const started = codeOf(supervisor.startChild(gate.spec));
    await settle();
    expect(gate.isAsked).toBe(true);
    const end = watchEnd(supervisor);
    await supervisor.stop();
    expect(await started).toBe("start_failed");
    expect(end.kind).toBe("shutdown");
    gate.decide(true);
    await settle();
    expect(lab.count("agent_started")).toBe(1);
  });

  test("X8 a start that does not care has the child's shutdown time, and what it starts later is killed", async () => {
    const lab = new Lab();
    const { start } = W(lab, "late");
    const { promise, resolve } = Promise.withResolvers<void>();
    const supervisor = await lab.supervisor({ children: [] });
    const started = codeOf(
      supervisor.startChild({
        id: "late",
        shutdownMs: 1000,
        start: (context) => promise.then(() => start({ ...context, signal: new AbortController().signal })),
      }),
    );
    await settle();
    const end = watchEnd(supervisor);
    void supervisor.stop();
    await lab.clock.advance(999);
    await settle();
    expect(end.kind).toBeUndefined();
    await lab.clock.advance(1);
    await settle();
    expect(end.kind).toBe("shutdown");
    expect(await started).toBe("start_failed");
    resolve();
    await settle();
    expect(lab.ends("late")).toEqual(["killed"]);
  });

  test("X8 a supervisor within, still starting, ends what it has started before its parent ends", async () => {
    const lab = new Lab();
    const gate = new Gate(lab, "b");
    const top = await lab.supervisor({ children: [] });
    const started = codeOf(top.startChild(supervisorChild("inner", { children: [slow(lab, "a", 500), gate.spec] })));
    await settle();
    const end = watchEnd(top);
    void top.stop();
    await settle();
    expect(end.kind).toBeUndefined();
    await lab.clock.advance(500);
    await settle();
    expect(end.kind).toBe("shutdown");
    expect(lab.log).toEqual(["start a", "ask b", "stop a"]);
    expect(await started).toBe("start_failed");
  });
});
