import { describe, expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agentSelection, resourceAllocation, team } from "#orchestration";
import type { LiveTeam, Team } from "#orchestration";
import { code, echo, lab, sayer, started, statuses } from "./support/live.ts";
import type { Lab } from "./support/live.ts";

const needs = (memory: number): { resourceRequirements: { memory: number } } => ({ resourceRequirements: { memory } });

function value(memory: number, more: Partial<Parameters<typeof team>[0]> = {}): Team {
  return team({
    name: "t",
    agents: { a: sayer("a", needs(60)), b: sayer("b", needs(40)), c: sayer("c") },
    variables: [agentSelection("who", { agents: ["a", "b"] })],
    resourcePool: { memory },
    ...more,
  });
}

const free = (live: LiveTeam): number => live.status().resourcePool.availableMemory;

/** What was free at each event. */
function watched({ live }: Lab): number[] {
  const seen: number[] = [];
  live.events.subscribe(() => {
    const { leased = 0, total = 0 } = live.status().resourcePool.byResource["memory"] ?? {};
    seen.push(total - leased);
  });
  return seen;
}

describe("what agents need of the pool", () => {
  test("is held while they run, once for each instance", async () => {
    await using team = await started(value(200));
    expect(free(team.live)).toBe(140);
    await team.live.apply([{ type: "scale_up", agent: "a", by: 2 }]);
    expect(free(team.live)).toBe(20);
    await team.live.apply([{ type: "scale_down", agent: "a" }]);
    expect(free(team.live)).toBe(80);
    await team.live.apply([{ type: "stop", agent: "a" }]);
    expect(free(team.live)).toBe(200);
  });

  test("is held for the old and the new one while both are there, and never more than there is", async () => {
    await using team = await started(value(100));
    const seen = watched(team);
    const done = await team.live.apply([{ type: "reconfigure_supervisor", variable: "who", from: "a", to: "b" }]);
    expect(done.ok).toBe(true);
    expect(Math.min(...seen)).toBe(0);
    expect(free(team.live)).toBe(60);
  });

  test("is refused before anything starts where it is more than there is", async () => {
    await using team = await started(value(99));
    const lives = team.lives.length;
    const done = await team.live.apply([{ type: "reconfigure_supervisor", variable: "who", from: "a", to: "b" }]);
    expect(done).toMatchObject({
      ok: false,
      results: [
        {
          outcome: "refused",
          error: { code: "resource_exhausted", message: "lease of 40 memory to b: 39 of 99 are available" },
        },
      ],
    });
    expect(team.lives).toHaveLength(lives);
    expect([free(team.live), statuses(team.live)]).toEqual([39, "a active, b inactive, c active"]);
  });

  test("keeps a team from starting that needs more than there is", async () => {
    const both = agentSelection("who", { agents: ["a", "b"], select: "subset" });
    for (const policy of ["all_or_nothing", "best_effort"] as const) {
      await using team = lab(value(99, { variables: [both] }));
      expect(await team.live.startAgents({ policy })).toMatchObject({
        ok: false,
        errors: [{ agent: "", error: { code: "resource_exhausted" } }],
      });
      expect(team.lives).toEqual([]);
      expect(free(team.live)).toBe(99);
    }
  });

  test("comes back when an agent has failed, and is held again when it is started again", async () => {
    await using team = await started(value(100));
    for (let time = 0; time < 5; time++) {
      team.live.kill("a");
      await nextTurn();
    }
    expect(statuses(team.live)).toContain("a failed");
    expect(free(team.live)).toBe(100);
    await team.live.apply([{ type: "start", agent: "a" }]);
    expect(free(team.live)).toBe(40);
  });

  test("comes back when a change is rolled back", async () => {
    const unfit = code("unfit", () => ({ output: 1 }), { check: () => Promise.reject(new Error("no")) });
    await using team = await started(value(200), { modules: [echo, unfit] });
    expect(await team.live.apply([{ type: "reconfigure", agent: "a", module: "unfit" }])).toMatchObject({ ok: false });
    expect(free(team.live)).toBe(140);
  });

  test("can be changed while they run", async () => {
    await using team = await started(value(100));
    expect(await team.live.apply([{ type: "reconfigure", agent: "a", resources: { memory: 90 } }])).toMatchObject({
      ok: true,
    });
    expect(free(team.live)).toBe(10);
    expect(await team.live.apply([{ type: "reconfigure", agent: "a", resources: { memory: 101 } }])).toMatchObject({
      results: [{ outcome: "refused", error: { code: "resource_exhausted" } }],
    });
    expect(free(team.live)).toBe(10);
  });

  test("is all given back at the end", async () => {
    const team = await started(value(100));
    await team[Symbol.asyncDispose]();
    expect(free(team.live)).toBe(100);
  });
});

describe("what a team shares out among its active agents", () => {
  const shared = (total: number): Team =>
    value(200, {
      variables: [
        agentSelection("who", { agents: ["a", "b"] }),
        resourceAllocation("share", { resource: "memory", agents: ["a", "b", "c"], total, per: "team" }),
      ],
    });

  test("is held beside what they need", async () => {
    await using team = await started(shared(100));
    expect(free(team.live)).toBe(40);
    await team.live.apply([{ type: "reconfigure_supervisor", variable: "who", from: "a", to: "b" }]);
    expect(free(team.live)).toBe(60);
  });

  test("is refused where there is not enough of both", async () => {
    await using team = lab(shared(141));
    expect(await team.live.startAgents()).toMatchObject({
      ok: false,
      errors: [{ error: { code: "resource_exhausted", message: expect.stringContaining("team.share") } }],
    });
  });
});
