import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { resolveConflicts, slotAt } from "#orchestration";
import type {
  ConflictsResult,
  ConflictStrategy,
  ResolveConflictsOptions,
  Rota,
  VariableConflict,
} from "#orchestration";
import { fakeClock } from "#testing";

const temperature: VariableConflict = {
  variableId: "temperature",
  conflictingAgents: ["coder", "creative"],
  requestedValues: [0.1, 1.5],
  conflictType: "value_incompatible",
};

const format: VariableConflict = {
  variableId: "format",
  conflictingAgents: ["api", "ops", "docs"],
  requestedValues: ["json", "xml", "yaml"],
  conflictType: "value_incompatible",
};

const memory: VariableConflict = {
  variableId: "memory",
  conflictingAgents: ["a", "b"],
  requestedValues: [60, 140],
  conflictType: "resource_competition",
  available: 100,
};

const gpu: VariableConflict = {
  variableId: "gpu",
  conflictingAgents: ["train", "serve"],
  requestedValues: ["fine-tune", "answer"],
  conflictType: "temporal_constraint",
};

async function resolved(
  conflict: VariableConflict,
  strategy: ConflictStrategy,
  options?: ResolveConflictsOptions,
): Promise<unknown> {
  const result = await resolveConflicts([conflict], strategy, options);
  if (!result.ok) return result.error.code;
  const [resolution] = result.value;
  return [resolution?.resolvedValue, resolution?.compromiseType];
}

const ranked =
  (rankings: Readonly<Record<string, unknown>>) =>
  (agent: string): unknown =>
    rankings[agent];

describe("the conflicts of the requirements (A30)", () => {
  test("two numbers come together at their mean", async () => {
    expect(await resolveConflicts([temperature], "compromise")).toEqual({
      ok: true,
      value: [
        {
          variableId: "temperature",
          resolvedValue: 0.8,
          compromiseType: "weighted_average",
          affectedAgents: ["coder", "creative"],
        },
      ],
      absences: [],
    });
  });

  test("the agent of the higher priority has its way", async () => {
    const priorities = { coder: 2, creative: 1 };
    expect(await resolved(temperature, "priority_based", { priorities })).toEqual([0.1, "priority_override"]);
  });

  test("of ranked values the one with the most Borda points wins, though few like it best", async () => {
    const rank = ranked({
      api: ["json", "yaml", "xml"],
      ops: ["xml", "yaml", "json"],
      docs: ["yaml", "json", "xml"],
    });
    expect(await resolved(format, "compromise", { callbacks: { rank } })).toEqual(["yaml", "alternative_solution"]);
  });

  test("of one time each has a slot of ten minutes, the first active", async () => {
    const clock = fakeClock(1_000);
    const [value, type] = (await resolved(gpu, "compromise", { clock })) as [Rota, string];
    expect(type).toBe("time_sharing");
    expect(value).toEqual({
      slotMs: 600_000,
      slots: [
        { agent: "train", value: "fine-tune", startMs: 1_000, endMs: 601_000, active: true },
        { agent: "serve", value: "answer", startMs: 601_000, endMs: 1_201_000, active: false },
      ],
    });
    const turns = [999, 1_000, 600_999, 601_000, 1_201_000].map((at) => slotAt(value, at)?.agent);
    expect(turns).toEqual([undefined, "train", "train", "serve", "train"]);
  });
});

describe("a resource that several want", () => {
  test.each<[string, ConflictStrategy, VariableConflict, ResolveConflictsOptions, unknown]>([
    ["is divided by request", "compromise", memory, {}, [{ a: 30, b: 70 }, "weighted_average"]],
    [
      "is given in full when there is enough",
      "compromise",
      { ...memory, available: 500 },
      {},
      [{ a: 60, b: 140 }, "weighted_average"],
    ],
    [
      "is nobody's when nobody wants any",
      "compromise",
      { ...memory, requestedValues: [0, 0] },
      {},
      [{ a: 0, b: 0 }, "weighted_average"],
    ],
    [
      "goes by priority first",
      "priority_based",
      memory,
      { priorities: { a: 9 } },
      [{ a: 60, b: 40 }, "priority_override"],
    ],
    ["goes to the leader first", "leader_election", memory, { leader: "a" }, [{ a: 60, b: 40 }, "priority_override"]],
    [
      "goes first to whom most vote for",
      "voting",
      memory,
      { callbacks: { vote: () => "b" } },
      [{ a: 0, b: 100 }, "alternative_solution"],
    ],
  ])("%s", async (_claim, strategy, conflict, options, expected) => {
    expect(await resolved(conflict, strategy, options)).toEqual(expected);
  });

  test("of unknown size is divided into shares of 1", async () => {
    const { available: _, ...open } = memory;
    expect(await resolved(open, "resource_partitioning")).toEqual([{ a: 0.3, b: 0.7 }, "weighted_average"]);
  });
});

describe("a ruling", () => {
  test("by vote is the value that most vote for; ties go to the earlier wish", async () => {
    const vote = ranked({ api: "yaml", ops: "yaml", docs: "xml" });
    expect(await resolved(format, "voting", { callbacks: { vote } })).toEqual(["yaml", "alternative_solution"]);
    expect(await resolved(format, "voting")).toEqual(["json", "alternative_solution"]);
  });

  test("of a named leader is the leader's request, or what it decides, be it nobody's request", async () => {
    expect(await resolved(format, "leader_election", { leader: "ops" })).toEqual(["xml", "priority_override"]);
    const decide = (leader: string): string => `${leader} says toml`;
    expect(await resolved(format, "leader_decision", { leader: "boss", callbacks: { decide } })).toEqual([
      "boss says toml",
      "priority_override",
    ]);
    expect(await resolved(format, "leader_election", { leader: "boss" })).toBe("no_leader");
  });

  test("of an elected leader needs more than half of all agents, not of those who answered", async () => {
    const elect = ranked({ api: "docs", ops: "docs", docs: null });
    expect(await resolved(format, "leader_election", { callbacks: { elect } })).toEqual(["yaml", "priority_override"]);
    const one = ranked({ api: "docs", ops: null, docs: null });
    expect(await resolved(format, "leader_election", { callbacks: { elect: one } })).toBe("no_leader");
  });

  test("of equal priorities is the earlier's, and needs someone who has one", async () => {
    expect(await resolved(format, "priority_based", { priorities: { ops: 1, docs: 1 } })).toEqual([
      "xml",
      "priority_override",
    ]);
    expect(await resolved(format, "priority_based", { priorities: { stranger: 5 } })).toBe("no_priorities");
    expect(await resolved(format, "priority_override", { priorities: { ops: -1 } })).toEqual([
      "json",
      "priority_override",
    ]);
  });
});

describe("a compromise", () => {
  const three = { ...temperature, conflictingAgents: ["a", "b", "c"], requestedValues: [0, 1, 100] };

  test("counts weights, and is an error when they are all 0", async () => {
    expect(await resolved(temperature, "compromise", { weights: { coder: 3 } })).toEqual([0.45, "weighted_average"]);
    expect(await resolved(temperature, "compromise", { weights: { coder: 0, creative: 0 } })).toBe("zero_weight");
    expect(await resolved(format, "compromise", { weights: { api: 0, ops: 0, docs: 0 } })).toBe("zero_weight");
  });

  test("by the median is not moved by one outlier", async () => {
    expect(await resolved(three, "compromise", { numeric: "weighted_median" })).toEqual([1, "weighted_average"]);
  });

  test("by Nash bargaining is the middle for two who lose alike", async () => {
    const pair = { ...temperature, requestedValues: [0, 1] };
    expect(await resolved(pair, "compromise", { numeric: "nash_bargaining" })).toEqual([0.5, "weighted_average"]);
  });

  test("by concession ends with nothing where what is left is below someone's reservation", async () => {
    const value = (agent: string): unknown => ({ utilities: agent === "api" ? [3, 0, 2] : [0, 3, 2], disagreement: 1 });
    const callbacks = { value };
    const options = { callbacks, categorical: "monotonic_concession" as const };
    expect(await resolved(format, "compromise", options)).toEqual(["yaml", "alternative_solution"]);
    const stubborn = (agent: string): unknown => ({
      utilities: agent === "api" ? [3, 0, 2] : [0, 3, 2],
      disagreement: 3,
    });
    expect(await resolved(format, "negotiated_settlement", { ...options, callbacks: { value: stubborn } })).toBe(
      "no_agreement",
    );
  });

  test("is a value that the variable may have, or there is none", async () => {
    const feasible = (_variable: string, value: unknown): number | undefined =>
      typeof value === "number" ? Math.min(value, 0.4) : undefined;
    expect(await resolved(temperature, "compromise", { feasible })).toEqual([0.4, "weighted_average"]);
    expect(await resolved(format, "compromise", { feasible })).toBe("no_agreement");
    expect(await resolved(temperature, "priority_based", { feasible, priorities: { creative: 1 } })).toEqual([
      0.4,
      "priority_override",
    ]);
  });

  test("about time or parts can be had of any conflict that allows it", async () => {
    const [, type] = (await resolved(temperature, "time_sharing", { clock: fakeClock() })) as [Rota, string];
    expect(type).toBe("time_sharing");
    expect(await resolved(format, "resource_partitioning")).toBe("unsupported_strategy");
  });
});

describe("agents that are asked", () => {
  test("are absent, and named, when they throw, are late or answer rubbish; the others decide", async () => {
    const clock = fakeClock();
    const vote = (agent: string): unknown => {
      if (agent === "api") throw new Error("no time");
      return agent === "ops" ? new Promise(() => {}) : "yaml";
    };
    const voting = resolveConflicts([format], "voting", { callbacks: { vote }, clock, timeoutMs: 100 });
    await clock.advance(100);
    expect(await voting).toMatchObject({
      ok: true,
      value: [{ resolvedValue: "yaml" }],
      absences: [
        { agent: "api", asked: "vote on format", reason: "threw", message: "no time" },
        { agent: "ops", asked: "vote on format", reason: "late" },
      ],
    });
    expect(clock.pending()).toBe(0);
    for (const rubbish of ["toml", Number.NaN, undefined, { a: () => {} }]) {
      const result = await resolveConflicts([format], "voting", { callbacks: { vote: () => rubbish } });
      expect(result).toMatchObject({ ok: false, error: { code: "no_votes" } });
      expect(result.absences.map(({ reason }) => reason)).toEqual(["invalid", "invalid", "invalid"]);
    }
  });

  test.each<[string, ResolveConflictsOptions]>([
    ["rankings", { callbacks: { rank: () => ["json", "json"] } }],
    ["valuations", { callbacks: { value: () => [1, Number.NaN, 2] }, categorical: "monotonic_concession" }],
    ["too few utilities", { callbacks: { value: () => [1] }, categorical: "monotonic_concession" }],
    [
      "no disagreement value",
      {
        callbacks: { value: () => ({ utilities: [1, 2, 3], disagreement: "x" }) },
        categorical: "monotonic_concession",
      },
    ],
  ])("whose %s make no sense are absent", async (_what, options) => {
    const result = await resolveConflicts([format], "compromise", options);
    expect(result.ok).toBe(false);
    expect(result.absences).toHaveLength(3);
  });

  test("may insist when they are silent, so that there is no agreement", async () => {
    const value = (agent: string): unknown => (agent === "docs" ? undefined : [1, 2, 0]);
    const options = { callbacks: { value }, categorical: "monotonic_concession" as const };
    expect(await resolved(format, "compromise", options)).toEqual(["xml", "alternative_solution"]);
    expect(await resolved(format, "compromise", { ...options, silent: "insists" })).toEqual([
      "yaml",
      "alternative_solution",
    ]);
    const firm = (agent: string): unknown => (agent === "docs" ? undefined : { utilities: [1, 2, 0], disagreement: 1 });
    expect(await resolved(format, "compromise", { ...options, callbacks: { value: firm }, silent: "insists" })).toBe(
      "no_agreement",
    );
  });
});

describe("several conflicts", () => {
  test("have one resolution each, in their order; the fallback takes those with which the strategy comes to nothing", async () => {
    const options = { priorities: { coder: 1 }, fallback: "compromise" as const };
    const result = await resolveConflicts([memory, temperature, memory], "priority_based", options);
    expect(result.ok && result.value.map(({ variableId, compromiseType }) => [variableId, compromiseType])).toEqual([
      ["memory", "weighted_average"],
      ["temperature", "priority_override"],
      ["memory", "weighted_average"],
    ]);
    expect(await resolveConflicts([], "voting")).toEqual({ ok: true, value: [], absences: [] });
  });

  test("are an error that names the first which neither can resolve, and why", async () => {
    const result = await resolveConflicts([temperature, format], "priority_based", {
      priorities: { coder: 1 },
      fallback: "leader_election",
    });
    expect(result).toMatchObject({ ok: false, error: { code: "no_leader", conflict: 1 } });
    expect(!result.ok && result.error.message).toMatch(/conflict 1 on format: .*priority.*leader/);
  });

  test.each<[string, Partial<VariableConflict>]>([
    ["without agents", { conflictingAgents: [], requestedValues: [] }],
    ["with an agent twice", { conflictingAgents: ["a", "a"] }],
    ["with fewer values than agents", { requestedValues: [1] }],
    ["with NaN", { requestedValues: [Number.NaN, 1] }],
    ["of a resource with a negative amount", { conflictType: "resource_competition", requestedValues: [-1, 1] }],
    ["of a resource with a word for an amount", { conflictType: "resource_competition", requestedValues: ["much", 1] }],
    ["with an infinite capacity", { conflictType: "resource_competition", available: Infinity }],
    ["of no known type", { conflictType: "quarrel" as VariableConflict["conflictType"] }],
  ])("cannot be resolved %s, with no fallback", async (_what, wrong) => {
    const code = (result: ConflictsResult): string => (result.ok ? "ok" : result.error.code);
    expect(code(await resolveConflicts([{ ...temperature, ...wrong }], "voting", { fallback: "compromise" }))).toBe(
      "invalid_conflict",
    );
  });

  test("need a strategy, weights and times that are some", async () => {
    await expect(resolveConflicts([], "duel" as ConflictStrategy)).rejects.toThrow(UsageError);
    await expect(resolveConflicts([], "voting", { weights: { a: -1 } })).rejects.toThrow("weight of a");
    await expect(resolveConflicts([], "voting", { priorities: { a: Number.NaN } })).rejects.toThrow("priority of a");
    await expect(resolveConflicts([], "voting", { timeoutMs: 0 })).rejects.toThrow("timeoutMs");
    await expect(resolveConflicts([], "voting", { slotMs: Infinity })).rejects.toThrow("slotMs");
  });
});
