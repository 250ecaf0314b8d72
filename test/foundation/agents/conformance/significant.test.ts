import { describe, expect, test } from "vitest";
import { supervisorChild } from "#foundation/agents";
import type { AutoShutdown, Child, Restart, Supervisor } from "#foundation/agents";
import { W } from "../support/kinds.ts";
import { childOf, codeOf, Lab, list, watchEnd } from "../support/lab.ts";
import type { How } from "../support/lab.ts";

const modes = ["never", "any_significant", "all_significant"] as const;
const hows = ["sup", "kill", "abnormal", "normal"] as const;

/** Two children of a kind, significant or not, under a supervisor that may end with them. */
async function pair(
  autoShutdown: AutoShutdown,
  restart: Restart,
  significant: boolean,
): Promise<{ lab: Lab; supervisor: Supervisor; end: { kind: string | undefined } }> {
  const lab = new Lab();
  const supervisor = await lab.supervisor({
    autoShutdown,
    intensity: 10,
    children: ["c1", "c2"].map((id) => W(lab, id, { restart, significant })),
  });
  return { lab, supervisor, end: watchEnd(supervisor) };
}

async function endChild(lab: Lab, supervisor: Supervisor, id: string, how: How | "sup"): Promise<void> {
  if (how === "sup") await supervisor.terminateChild(id);
  else await lab.end(await childOf(supervisor, id), how);
}

describe("significant children", () => {
  test.each(modes.flatMap((mode) => hows.map((how) => [mode, how] as const)))(
    "70 nonsignificant_temporary and _transient: under %s, by %s, the supervisor stays",
    async (mode, how) => {
      for (const restart of ["temporary", "transient"] as const) {
        const { lab, supervisor, end } = await pair(mode, restart, false);
        await endChild(lab, supervisor, "c1", how);
        expect(end.kind).toBeUndefined();
        if (restart === "transient" && (how === "kill" || how === "abnormal"))
          expect(await list(supervisor)).toEqual(["c2:pid", "c1:pid"]);
        await endChild(lab, supervisor, "c2", how);
        expect(end.kind).toBeUndefined();
      }
    },
  );

  test.each([
    ["71 significant_temporary", "temporary", { sup: false, kill: true, abnormal: true, normal: true }],
    ["72 significant_transient", "transient", { sup: false, kill: false, abnormal: false, normal: true }],
  ] as const)("%s: which ends end the supervisor", async (_, restart, ends) => {
    for (const how of hows) {
      const any = await pair("any_significant", restart, true);
      await endChild(any.lab, any.supervisor, "c1", how);
      expect(any.end.kind, `any, ${how}`).toBe(ends[how] ? "shutdown" : undefined);
      if (ends[how]) expect(any.lab.ends("c2")).toEqual(["shutdown"]);
      const all = await pair("all_significant", restart, true);
      await endChild(all.lab, all.supervisor, "c1", how);
      expect(all.end.kind, `all, first, ${how}`).toBeUndefined();
      await endChild(all.lab, all.supervisor, "c2", how);
      expect(all.end.kind, `all, second, ${how}`).toBe(ends[how] ? "shutdown" : undefined);
    }
  });

  test("R32 all_significant: one that was ended by hand is not waited for", async () => {
    const { lab, supervisor, end } = await pair("all_significant", "transient", true);
    await supervisor.terminateChild("c1");
    await endChild(lab, supervisor, "c2", "normal");
    expect(end.kind).toBe("shutdown");
  });

  test("R32 an end that a sibling caused is not the child's own", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({
      strategy: "one_for_all",
      autoShutdown: "any_significant",
      children: [W(lab, "a"), W(lab, "t", { restart: "temporary", significant: true })],
    });
    await endChild(lab, supervisor, "a", "abnormal");
    expect(await list(supervisor)).toEqual(["a:pid"]);
  });

  test("R32 it goes up through nested supervisors", async () => {
    const lab = new Lab();
    const inner = supervisorChild(
      "inner",
      { autoShutdown: "any_significant", children: [W(lab, "w", { restart: "transient", significant: true })] },
      { restart: "transient", significant: true },
    );
    const top = await lab.supervisor({ autoShutdown: "any_significant", children: [W(lab, "other"), inner] });
    const end = watchEnd(top);
    const below = (await childOf(top, "inner")) as Supervisor;
    await endChild(lab, below, "w", "normal");
    expect(end.kind).toBe("shutdown");
    expect(lab.ends("other")).toEqual(["shutdown"]);
  });

  test.each([
    ["any_significant", 1],
    ["all_significant", 2],
  ] as const)("73 significant_simple: under %s the end of %i is enough", async (autoShutdown, enough) => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({
      autoShutdown,
      template: W(lab, "c", { restart: "temporary", significant: true }),
    });
    const children = [(await supervisor.startChild()).child as Child, (await supervisor.startChild()).child as Child];
    const end = watchEnd(supervisor);
    let ended = 0;
    for (const child of children) {
      expect(end.kind).toBe(ended >= enough ? "shutdown" : undefined);
      if (child.isAlive) await lab.end(child, "normal");
      ended++;
    }
    expect(end.kind).toBe("shutdown");
  });

  test.each(modes.flatMap((from) => modes.filter((to) => to !== from).map((to) => [from, to] as const)))(
    "76 significant_upgrade: from %s to %s",
    async (from, to) => {
      const lab = new Lab();
      const children = (significant: boolean) =>
        ["c1", "c2"].map((id) => W(lab, id, { restart: "temporary", significant }));
      const supervisor = await lab.supervisor({ autoShutdown: from, children: children(from !== "never") });
      const end = watchEnd(supervisor);
      await supervisor.change({ autoShutdown: to, children: children(to !== "never") });
      expect(end.kind).toBeUndefined();
      const started = codeOf(supervisor.startChild(W(lab, "c3", { restart: "temporary", significant: true })));
      expect(await started).toBe(to === "never" ? "bad_combination" : "ok");
      await endChild(lab, supervisor, "c1", "normal");
      expect(end.kind).toBe(to === "any_significant" ? "shutdown" : undefined);
      if (to === "any_significant") return;
      await endChild(lab, supervisor, "c2", "normal");
      expect(end.kind).toBeUndefined();
      if (to === "never") return;
      await endChild(lab, supervisor, "c3", "normal");
      expect(end.kind).toBe("shutdown");
    },
  );

  test("77 significant_upgrade_child: the flag counts from the change on", async () => {
    const lab = new Lab();
    const child = (significant: boolean) => W(lab, "c1", { restart: "temporary", significant });
    const never = await lab.supervisor({ children: [child(false)] });
    expect(await codeOf(never.change({ children: [child(true)] }))).toBe("bad_combination");
    for (const [from, to] of [
      [false, true],
      [true, false],
    ] as const) {
      const supervisor = await lab.supervisor({ autoShutdown: "any_significant", children: [child(from)] });
      const end = watchEnd(supervisor);
      await supervisor.change({ autoShutdown: "any_significant", children: [child(to)] });
      expect(end.kind).toBeUndefined();
      await endChild(lab, supervisor, "c1", "abnormal");
      expect(end.kind).toBe(to ? "shutdown" : undefined);
    }
  });
});
