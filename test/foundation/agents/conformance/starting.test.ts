import { describe, expect, test } from "vitest";
import { child, crash, ignore, SpecError, Supervisor, SupervisorError } from "#foundation/agents";
import type { ChildSpec, SupervisorDefinition } from "#foundation/agents";
import { Gate, W, WIgnoredFirst, WSecondFails } from "../support/kinds.ts";
import { cc, childOf, codeOf, Lab, list, settle } from "../support/lab.ts";

describe("starting", () => {
  test("1 sup_start_normal: an empty supervisor starts, and ends with shutdown", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ name: "top", children: [] });
    expect(supervisor.isAlive).toBe(true);
    await supervisor.stop();
    expect(lab.events.at(-1)).toMatchObject({ type: "supervisor_exited", reason: { kind: "shutdown" } });
  });

  test("2 sup_start_ignore_init: a definition that says ignore starts nobody, and nothing is reported", async () => {
    const lab = new Lab();
    await expect(Supervisor.start(() => ignore, { runtime: lab.runtime })).resolves.toBeUndefined();
    expect(lab.events).toEqual([]);
  });

  test("3 sup_start_ignore_child: a permanent child with nothing to do keeps its place", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    expect(await supervisor.startChild(WIgnoredFirst(lab, "c1"))).toEqual({ child: undefined });
    await supervisor.startChild(W(lab, "c2"));
    expect(await list(supervisor)).toEqual(["c2:pid", "c1:undefined"]);
    expect(await cc(supervisor)).toEqual([2, 1, 0, 2]);
  });

  test("4 sup_start_ignore_temporary_child: a temporary one does not", async () => {
    const lab = new Lab();
    const restart = "temporary";
    const supervisor = await lab.supervisor({
      children: [WIgnoredFirst(lab, "c1", { restart }), W(lab, "c2", { restart })],
    });
    expect(await list(supervisor)).toEqual(["c2:pid"]);
    expect(await cc(supervisor)).toEqual([1, 1, 0, 1]);
  });

  test("5 sup_start_ignore_temporary_child_start_child: nor when it is started by hand", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    expect(await supervisor.startChild(WIgnoredFirst(lab, "c1", { restart: "temporary" }))).toEqual({
      child: undefined,
    });
    await supervisor.startChild(W(lab, "c2", { restart: "temporary" }));
    expect(await list(supervisor)).toEqual(["c2:pid"]);
    expect(await cc(supervisor)).toEqual([1, 1, 0, 1]);
  });

  test.each([
    ["6 sup_start_ignore_temporary_child_simple", "temporary"],
    ["7 sup_start_ignore_permanent_child_simple", "permanent"],
  ] as const)("%s: a dynamic child with nothing to do is not kept", async (_, restart) => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: WIgnoredFirst(lab, "c", { restart }) });
    expect((await supervisor.startChild()).child).toBeUndefined();
    expect((await supervisor.startChild()).child?.isAlive).toBe(true);
    expect(await supervisor.whichChildren()).toHaveLength(1);
    expect(await cc(supervisor)).toEqual([1, 1, 0, 1]);
    await supervisor.stop();
    expect(lab.events.at(-1)).toMatchObject({ type: "supervisor_exited", reason: { kind: "shutdown" } });
  });

  test("8 sup_start_error_return: a definition that is none is its own error", async () => {
    const { runtime } = new Lab();
    const start = Supervisor.start(() => "garbage" as unknown as SupervisorDefinition, { runtime });
    await expect(start).rejects.toBeInstanceOf(SpecError);
  });

  test("9 sup_start_fail: a definition that throws fails the start with what it threw", async () => {
    const { runtime } = new Lab();
    const error = new Error("no definition");
    const init = (): SupervisorDefinition => {
      throw error;
    };
    await expect(Supervisor.start(init, { runtime })).rejects.toBe(error);
  });

  test("10 sup_start_restart_child_returns_error: the child stays down and the supervisor lives", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [WSecondFails(lab, "c1")] });
    await supervisor.terminateChild("c1");
    expect(await codeOf(supervisor.restartChild("c1"))).toBe("start_failed");
    expect(await list(supervisor)).toEqual(["c1:undefined"]);
    expect(supervisor.isAlive).toBe(true);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("reason"))],
    ["gives something else", () => "term" as never],
  ])("11 sup_start_child_returns_error: a start that %s leaves no child", async (_, start) => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    const error = await supervisor.startChild({ id: "c1", start }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "start_failed", message: expect.stringContaining("c1") });
    expect(await list(supervisor)).toEqual([]);
  });

  test("12 sup_start_child_returns_error_simple: the child's error is the cause", async () => {
    const lab = new Lab();
    const error = new Error("reason");
    const supervisor = lab.dynamic<void>({ template: { id: "c", start: () => Promise.reject(error) } });
    await expect(supervisor.startChild()).rejects.toMatchObject({ code: "start_failed", cause: error });
    expect(await supervisor.whichChildren()).toEqual([]);
  });

  test("13 sup_start_map: what a spec does not say", async () => {
    const lab = new Lab();
    const { start } = W(lab, "c");
    const supervisor = await lab.supervisor({
      children: [
        { id: "c1", start },
        { id: "c2", start, shutdownMs: "brutal" },
        { id: "c3", start, type: "supervisor" },
      ],
    });
    const worker = { restart: "permanent", shutdownMs: 5000, type: "worker", significant: false };
    expect(await supervisor.childSpec("c1")).toMatchObject({ id: "c1", ...worker });
    expect(await supervisor.childSpec("c2")).toMatchObject({ ...worker, shutdownMs: "brutal" });
    expect(await supervisor.childSpec("c3")).toMatchObject({ type: "supervisor", shutdownMs: "infinity" });
    expect(await codeOf(supervisor.childSpec("c4"))).toBe("not_found");
  });

  test("14 sup_start_map_simple: every child has the completed template; a foreign pid has none", async () => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: { ...W(lab, "c"), restart: "temporary" } });
    for (let started = 0; started < 3; started++) {
      const { child: one } = await supervisor.startChild();
      if (one === undefined) throw new Error("not started");
      expect(await supervisor.childSpec(one.pid)).toMatchObject({
        restart: "temporary",
        shutdownMs: 5000,
        type: "worker",
        significant: false,
      });
    }
    const foreign = await childOf(await lab.supervisor({ children: [W(lab, "other")] }), "other");
    expect(await codeOf(supervisor.childSpec(foreign.pid))).toBe("not_found");
  });

  test.each([
    ["missing_id", { start: () => ignore }],
    ["missing_start", { id: "c" }],
    ["ok", { id: "c", start: () => ignore, somethingElse: 1 }],
    ["invalid_child_spec", "spec"],
    ["invalid_child_spec", undefined],
  ])("15 sup_start_map_faulty_specs: %s", async (code, spec) => {
    const { runtime } = new Lab();
    expect(await codeOf(Supervisor.start({ children: [spec as ChildSpec] }, { runtime }))).toBe(code);
  });

  test("16 faulty_application_shutdown (no applications here: the top supervisor): the error leads to the first cause", async () => {
    const lab = new Lab();
    const original = new Error("no database");
    const faulty = child(
      "faulty",
      {
        name: "faulty",
        init: () => {
          throw original;
        },
        handle: (_, state) => state,
      },
      undefined,
    );
    const error = (await Supervisor.start({ name: "app", children: [faulty] }, { runtime: lab.runtime }).catch(
      (reason: unknown) => reason,
    )) as SupervisorError;
    expect(error).toBeInstanceOf(SupervisorError);
    expect(error).toMatchObject({ code: "start_failed", message: "app: child faulty did not start" });
    expect((error.cause as Error).cause).toBe(original);
    expect(lab.events.at(-1)).toMatchObject({ type: "supervisor_exited", reason: { kind: "shutdown", info: error } });
  });

  test("X1 a failing start ends those before it in reverse order, and those after it never start", async () => {
    const lab = new Lab();
    const fails: ChildSpec = { id: "c", start: () => Promise.reject(new Error("no")) };
    const children = [W(lab, "a"), W(lab, "b"), fails, W(lab, "d")];
    expect(await codeOf(lab.supervisor({ children }))).toBe("start_failed");
    expect(lab.log).toEqual(["start a", "start b", "stop b", "stop a"]);
  });

  test("R8 a start that takes longer than it may fails, is called off, and what it gives later is ended", async () => {
    const lab = new Lab();
    const { start } = W(lab, "late");
    const { promise, resolve } = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const supervisor = await lab.supervisor({ children: [] });
    const started = supervisor
      .startChild({
        id: "late",
        startTimeoutMs: 100,
        shutdownMs: "brutal",
        start: async (context) => {
          signals.push(context.signal);
          await promise;
          return start({ ...context, signal: new AbortController().signal });
        },
      })
      .catch((error: unknown) => error);
    await lab.clock.advance(100);
    expect(await started).toMatchObject({ code: "start_failed", cause: { code: "start_timeout" } });
    expect(signals[0]?.aborted).toBe(true);
    resolve();
    await settle();
    expect(lab.ends("late")).toEqual(["killed"]);
    expect(await list(supervisor)).toEqual([]);
  });

  test("R22 while a child starts nothing else happens, and then everything in its order", async () => {
    const lab = new Lab();
    const gate = new Gate(lab, "slow");
    const supervisor = await lab.supervisor({ children: [W(lab, "a")] });
    const a = await childOf(supervisor, "a");
    const started = supervisor.startChild(gate.spec);
    const listed = list(supervisor);
    await settle();
    a.exit(crash("x"));
    await settle();
    expect(lab.log).toEqual(["start a", "ask slow", "stop a"]);
    gate.decide(true);
    await started;
    await settle();
    expect(lab.log.slice(3)).toEqual(["start slow", "start a"]);
    expect(await listed).toEqual(["slow:pid", "a:pid"]);
  });

  test("X6 a child that has nothing to do when it is restarted stays down and is not tried again", async () => {
    const lab = new Lab();
    let starts = 0;
    const { start } = W(lab, "a");
    const supervisor = await lab.supervisor({
      children: [{ id: "a", start: (context) => (++starts === 1 ? start(context) : ignore) }],
    });
    await lab.end(await childOf(supervisor, "a"), "abnormal");
    expect(await list(supervisor)).toEqual(["a:undefined"]);
    await settle();
    expect(starts).toBe(2);
    const dynamic = lab.dynamic<void>({
      template: { id: "d", start: (context) => (++starts % 2 === 1 ? start(context) : ignore) },
    });
    const { child: one } = await dynamic.startChild();
    one?.exit(crash("x"));
    await settle();
    expect(await dynamic.whichChildren()).toEqual([]);
  });
});
