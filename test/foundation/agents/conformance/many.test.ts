import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { agent, AgentRuntime, child, DynamicSupervisor, Supervisor } from "#foundation/agents";
import type { Child, ChildSpec, Pid, Restart, Strategy } from "#foundation/agents";
import { systemClock } from "#foundation";
import { W } from "../support/kinds.ts";
import { cc, Lab, settle } from "../support/lab.ts";

const idle = agent<null, never, unknown>({ name: "idle", init: () => null, handle: (_, state) => state });
const dynamicIdle: ChildSpec<unknown> = {
  id: "idle",
  restart: "temporary",
  start: (context, argument) => child("idle", idle, argument).start(context),
};

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Whether what only a weak reference holds goes away. */
async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < 20 && reference.deref() !== undefined; round++) {
    await settle(2);
    collect();
  }
  return reference.deref() === undefined;
}

/** Like Node's timers, but on the machine's time: for ratios only. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

describe("many children", () => {
  test.each([
    ["57 count_children", "worker"],
    ["58 count_children_supervisor", "supervisor"],
  ] as const)("%s: exact at each step", async (_, type) => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: W(lab, "c", { restart: "temporary", type, shutdownMs: 5000 }) });
    const children: Child[] = [];
    for (const total of [1000, 2000]) {
      while (children.length < total) children.push((await supervisor.startChild()).child as Child);
      expect(await cc(supervisor)).toEqual(type === "worker" ? [1, total, 0, total] : [1, total, total, 0]);
    }
    for (const one of children) one.exit({ kind: "killed" });
    await settle();
    expect(await cc(supervisor)).toEqual([1, 0, 0, 0]);
  });

  test("50 simple_one_for_one_corruption: the argument of a temporary child is not kept", async () => {
    const { runtime } = new Lab();
    const supervisor = new DynamicSupervisor<unknown>({ template: dynamicIdle }, { runtime });
    const start = async (): Promise<[WeakRef<object>, Child]> => {
      const argument = { text: "x".repeat(50_000) };
      const { child: one } = await supervisor.startChild(argument);
      return [new WeakRef(argument), one as Child];
    };
    const [first, one] = await start();
    one.exit({ kind: "killed" });
    await settle();
    const [second, two] = await start();
    expect(await isCollected(first)).toBe(true);
    expect(await isCollected(second)).toBe(true);
    expect(two.isAlive).toBe(true);
  });

  test.each([["one_for_one"], ["one_for_all"], ["rest_for_one"]] as const)(
    "60 do_not_save_start_parameters_for_temporary_children: %s",
    async (strategy: Strategy) => {
      const lab = new Lab();
      const start = async (restart: Restart): Promise<[WeakRef<object>, Supervisor]> => {
        const argument = { text: restart };
        const reference = new WeakRef(argument);
        return [reference, await lab.supervisor({ strategy, children: [child("c", idle, argument, { restart })] })];
      };
      const kept: Record<string, boolean> = {};
      const supervisors: Supervisor[] = [];
      for (const restart of ["permanent", "transient", "temporary"] as const) {
        const [reference, supervisor] = await start(restart);
        supervisors.push(supervisor);
        kept[restart] = !(await isCollected(reference));
      }
      expect(kept).toEqual({ permanent: true, transient: true, temporary: false });
      expect(supervisors.every(({ isAlive }) => isAlive)).toBe(true);
    },
  );

  test("62 simple_one_for_one_scale_many_temporary_children: ending them one by one is linear", async () => {
    const stop = async (total: number): Promise<number> => {
      const supervisor = new DynamicSupervisor<unknown>(
        { template: dynamicIdle },
        { runtime: new AgentRuntime({ clock: systemClock }) },
      );
      const pids: Pid[] = [];
      for (let count = 0; count < total; count++)
        pids.push(((await supervisor.startChild(undefined)).child as Child).pid);
      return timed(async () => {
        for (const pid of pids) await supervisor.terminateChild(pid);
      });
    };
    await stop(1000);
    const [few, many] = [await stop(1000), await stop(10_000)];
    expect(many / few).toBeLessThan(50);
  });

  test("63 scale_start_stop_many_children: starting and ending them in order is linear", async () => {
    const both = (total: number): Promise<number> =>
      timed(async () => {
        const children = Array.from({ length: total }, (_, index) => child(`c${index}`, idle, undefined));
        const supervisor = await Supervisor.start({ children }, { runtime: new AgentRuntime({ clock: systemClock }) });
        await supervisor?.stop();
      });
    await both(1000);
    const [few, many] = [await both(1000), await both(100_000)];
    expect(many / few).toBeLessThan(1000);
  });

  test("a large supervisor restarts one child and forgets another without looking at the rest", async () => {
    const lab = new Lab();
    const children = Array.from({ length: 20_000 }, (_, index) =>
      child(`c${index}`, idle, undefined, { restart: "temporary" }),
    );
    const supervisor = await lab.supervisor({ children });
    const all = await supervisor.whichChildren();
    const tookMs = await timed(async () => {
      for (const { child: one } of all) one?.exit({ kind: "killed" });
      await settle();
    });
    expect(await cc(supervisor)).toEqual([0, 0, 0, 0]);
    expect(tookMs).toBeLessThan(3000);
  });
});
