import { describe, expect, test } from "vitest";
import { ignore, Supervisor } from "#foundation/agents";
import type { ChildSpec, Ignore, SupervisorDefinition } from "#foundation/agents";
import { W } from "../support/kinds.ts";
import { childOf, codeOf, Lab, list, watchEnd } from "../support/lab.ts";

describe("changing a definition while it runs", () => {
  test("68 code_change: flags", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ intensity: 0, children: [W(lab, "c1")] });
    await supervisor.change({ intensity: 5, children: [W(lab, "c1")] });
    await lab.end(await childOf(supervisor, "c1"), "abnormal");
    expect(supervisor.isAlive).toBe(true);
  });

  test.each([
    ["a bad spec", { children: [{ id: "c1" }] }, "missing_start"],
    ["bad flags", { strategy: "none", children: [] }, "bad_strategy"],
    ["garbage", "garbage", "invalid_child_spec"],
    ["ignore", ignore, "ok"],
  ])("68 code_change: %s leaves everything as it was", async (_, definition, code) => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [W(lab, "c1")] });
    const before = await supervisor.childSpec("c1");
    expect(await codeOf(supervisor.change(() => definition as SupervisorDefinition))).toBe(code);
    expect(await supervisor.childSpec("c1")).toBe(before);
    expect(await list(supervisor)).toEqual(["c1:pid"]);
  });

  test("68 code_change: new children are there but do not run; those no longer named go on", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    await supervisor.change({ children: [W(lab, "c1"), W(lab, "c2")] });
    expect(await list(supervisor)).toEqual(["c2:undefined", "c1:undefined"]);
    await supervisor.restartChild("c1");
    await supervisor.restartChild("c2");
    await supervisor.change({ children: [W(lab, "c1", { shutdownMs: 1000 }), W(lab, "c3")] });
    expect(await list(supervisor)).toEqual(["c2:pid", "c3:undefined", "c1:pid"]);
    expect(await supervisor.childSpec("c1")).toMatchObject({ shutdownMs: 1000 });
  });

  test("68 code_change: a definition that is a function is asked again", async () => {
    const lab = new Lab();
    let children: ChildSpec[] = [W(lab, "c1")];
    const init = (): SupervisorDefinition | Ignore => ({ children });
    const supervisor = (await Supervisor.start(init, { runtime: lab.runtime })) as Supervisor;
    children = [W(lab, "c1"), W(lab, "c2")];
    await supervisor.change();
    expect(await list(supervisor)).toEqual(["c2:undefined", "c1:pid"]);
  });

  test("69 code_change_simple: a new template counts from the next start on; several or none are errors", async () => {
    const lab = new Lab();
    const supervisor = lab.dynamic<void>({ template: W(lab, "old") });
    const { child } = await supervisor.startChild();
    await supervisor.change({ template: W(lab, "new", { shutdownMs: 1000 }) });
    expect(supervisor.template).toMatchObject({ id: "new", shutdownMs: 1000 });
    await lab.end(child, "abnormal");
    expect(lab.log.at(-1)).toBe("start new");
    for (const template of [[W(lab, "a"), W(lab, "b")], undefined])
      expect(await codeOf(supervisor.change({ template: template as unknown as ChildSpec }))).toBe(
        "invalid_child_spec",
      );
    expect(supervisor.template).toMatchObject({ id: "new" });
    const end = watchEnd(supervisor);
    await supervisor.stop();
    expect(end.kind).toBe("shutdown");
  });
});
