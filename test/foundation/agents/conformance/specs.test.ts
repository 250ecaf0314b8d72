import { describe, expect, test } from "vitest";
import { DynamicSupervisor, ignore, Supervisor } from "#foundation/agents";
import type { ChildSpec, DynamicSupervisorDefinition, SupervisorDefinition } from "#foundation/agents";
import { codeOf, Lab } from "../support/lab.ts";

const start = () => ignore;
const restarts = ["permanent", "transient", "temporary"] as const;
const modes = ["never", "any_significant", "all_significant"] as const;

const faulty: [string, unknown][] = [
  ["missing_start", { id: "c", start: "nothing" }],
  ["missing_id", { id: 7, start }],
  ["bad_restart", { id: "c", start, restart: "prmanent" }],
  ["bad_shutdown", { id: "c", start, shutdownMs: -10 }],
  ["bad_shutdown", { id: "c", start, shutdownMs: Number.NaN }],
  ["bad_shutdown", { id: "c", start, shutdownMs: "soon" }],
  ["bad_type", { id: "c", start, type: "wrker" }],
  ["bad_significant", { id: "c", start, significant: "yes" }],
  ["bad_start_timeout", { id: "c", start, startTimeoutMs: 0 }],
  ["bad_start_timeout", { id: "c", start, startTimeoutMs: "soon" }],
];

async function openDynamic(definition: unknown, lab: Lab): Promise<void> {
  new DynamicSupervisor(definition as DynamicSupervisorDefinition<void>, { runtime: lab.runtime });
}

describe("specs", () => {
  test.each(faulty)("27 child_specs: %s, by every way in", async (code, spec) => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    const bad = spec as ChildSpec;
    expect(await codeOf(supervisor.startChild(bad))).toBe(code);
    expect(await codeOf(Supervisor.start({ children: [bad] }, { runtime: lab.runtime }))).toBe(code);
    expect(await codeOf(supervisor.change({ children: [bad] }))).toBe(code);
    expect(await codeOf(openDynamic({ template: bad }, lab))).toBe(code);
  });

  test("27 child_specs: an id twice; a dynamic supervisor with no template, or several", async () => {
    const lab = new Lab();
    const children = [
      { id: "c", start },
      { id: "c", start },
    ];
    expect(await codeOf(Supervisor.start({ children }, { runtime: lab.runtime }))).toBe("duplicate_id");
    expect(await codeOf(openDynamic({}, lab))).toBe("invalid_child_spec");
    expect(await codeOf(openDynamic({ template: children }, lab))).toBe("invalid_child_spec");
  });

  test("27 child_specs: all valid combinations are accepted", async () => {
    const lab = new Lab();
    const supervisor = await lab.supervisor({ children: [] });
    let count = 0;
    for (const restart of [undefined, ...restarts])
      for (const shutdownMs of [undefined, 0, 5000, "brutal", "infinity"] as const)
        for (const type of [undefined, "worker", "supervisor"] as const) {
          const spec: Record<string, unknown> = { id: `c${count++}`, start, restart, shutdownMs, type };
          for (const key of Object.keys(spec)) if (spec[key] === undefined) delete spec[key];
          expect(await codeOf(supervisor.startChild(spec as unknown as ChildSpec))).toBe("ok");
        }
    expect(count).toBe(60);
  });

  test.each(modes.flatMap((mode) => [undefined, ...restarts].map((restart) => [mode, restart] as const)))(
    "28 child_specs_map: significant under %s with restart %s",
    async (autoShutdown, restart) => {
      const lab = new Lab();
      const isGood = autoShutdown !== "never" && (restart === "transient" || restart === "temporary");
      const spec: ChildSpec = { id: "c", start, significant: true, ...(restart === undefined ? {} : { restart }) };
      const code = await codeOf(Supervisor.start({ autoShutdown, children: [spec] }, { runtime: lab.runtime }));
      expect(code).toBe(isGood ? "ok" : "bad_combination");
      expect(
        await codeOf(
          Supervisor.start({ autoShutdown, children: [{ ...spec, significant: false }] }, { runtime: lab.runtime }),
        ),
      ).toBe("ok");
    },
  );

  test.each([
    ["bad_strategy", { strategy: "one_for_none" }],
    ["bad_intensity", { intensity: Infinity }],
    ["bad_intensity", { intensity: -1 }],
    ["bad_period", { periodMs: 0 }],
    ["bad_period", { periodMs: Infinity }],
    ["bad_auto_shutdown", { autoShutdown: "sometimes" }],
    ["bad_backoff", { backoffMs: 100 }],
    ["ok", { somethingElse: true }],
  ])("29 sup_flags: %s", async (code, flags) => {
    const { runtime } = new Lab();
    const definition = { ...flags, children: [] } as unknown as SupervisorDefinition;
    expect(await codeOf(Supervisor.start(definition, { runtime }))).toBe(code);
  });

  test("29 sup_flags: a dynamic supervisor's are checked, too", async () => {
    const lab = new Lab();
    const template = { id: "c", start };
    expect(await codeOf(openDynamic({ template, maxChildren: -1 }, lab))).toBe("bad_max_children");
    expect(await codeOf(openDynamic({ template, periodMs: -1 }, lab))).toBe("bad_period");
  });
});
