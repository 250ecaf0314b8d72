import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { parseTeam } from "#orchestration";
import type { LiveTeam } from "#orchestration";
import { memoryStore } from "#storage/memory";
import { evaluateTeamPerformance, randomSearch } from "#teams";
import type { TeamRunResult } from "#teams";
import { allSix } from "../../../examples/synthesis/baselines.ts";
import { examplesOf } from "../../../examples/synthesis/tasks/examples.ts";
import { livePart } from "../../../examples/synthesis/live-part.ts";
import type { Phase } from "../../../examples/synthesis/live-part.ts";
import { checkResumed, optimise } from "../../../examples/synthesis/optimise.ts";
import { synthesisMetric } from "../../../examples/synthesis/synthesis-metric.ts";
import { synthesisTeam } from "../../../examples/synthesis/synthesis-team.ts";
import { workplace } from "../../../examples/synthesis/workplace.ts";
import type { Workplace } from "../../../examples/synthesis/workplace.ts";

const order: readonly Phase[] = ["before", "switch", "after", "kill"];
const team = synthesisTeam({ replicas: 1 });
const examples = examplesOf(7, { train: 10, test: 0, stream: 12 });
let place: Workplace;
let live: LiveTeam;

beforeAll(async () => {
  place = workplace({ threads: 1 });
  live = await place.open(team, { isStandby: true });
}, 60_000);

afterAll(async () => {
  await live[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test("the team is plain JSON", () => {
  expect(parseTeam(JSON.parse(JSON.stringify(team)))).toEqual(team);
});

test("costs are counted, not timed: the same set-up on the same tasks scores the same", async () => {
  const metric = synthesisMetric(place.examiner);
  const once = await evaluateTeamPerformance(live, examples.train, metric, { overrides: allSix.overrides });
  const again = await evaluateTeamPerformance(live, examples.train, metric, {
    overrides: allSix.overrides,
    concurrency: 1,
  });
  expect(again.overallScore).toBe(once.overallScore);
  expect(again.used).toEqual(once.used);
  expect(once.objectives["solved"]).toBeGreaterThan(0);
});

test("nobody uses more than it was granted, and the views of a task are never more than the pool has", async () => {
  const { outcomes } = await evaluateTeamPerformance(live, examples.train, () => 0, { overrides: allSix.overrides });
  for (const { result } of outcomes) {
    const { calls, grants, used } = (result as TeamRunResult).trace;
    expect(calls.length).toBeGreaterThan(0);
    expect(used["views"]).toBeLessThanOrEqual(24);
    for (const { agent, used: own } of calls)
      for (const [resource, amount] of Object.entries(grants[agent] ?? {}))
        expect(own[resource] ?? 0).toBeLessThanOrEqual(amount);
  }
});

test.each([[{ train: "?", probes: [] }], [{ train: [{ input: 1 }], probes: [] }], ["no task"], [null]])(
  "a task of the wrong shape (%j) is a failed call with the reason, and the coder lives on",
  async (task) => {
    const answer = await live.ask(task);
    expect(answer).toMatchObject({ ok: false, error: { code: "agents_failed" } });
    expect(answer.ok ? "" : answer.error.message).toContain("expected");
    expect(live.status().agents["enumCoder"]).toMatchObject({ status: "active", instances: 1 });
  },
);

test.each([
  "() => { for (;;); }",
  "() => { const all = []; for (;;) all.push(new Array(1e6).fill(1)); }",
  "() => process.pid",
])(
  "a returned program that misbehaves (%s) is wrong on every pair, and nothing hangs",
  async (source) => {
    const failures = await place.examiner.failures(source, [
      { input: [1], output: 1 },
      { input: [2], output: 2 },
    ]);
    expect(failures).toHaveLength(2);
    await expect(place.examiner.failures("(x) => x", [{ input: [1], output: 1 }])).resolves.toEqual([]);
  },
  30_000,
);

test("in the live part every request has one outcome, through a switch and the death of a coder", async () => {
  const actions = [
    {
      type: "reconfigure_supervisor",
      variable: "coders",
      from: ["enumCoder"],
      to: ["formatCoder", "polyCoder", "listCoder"],
    },
    { type: "change_topology", variable: "net", from: { pattern: "chain" }, to: { pattern: "ring" } },
  ] as const;
  const part = await livePart(place, { team, actions, tasks: examples.stream });
  expect(part.served).toHaveLength(12);
  expect(part.served.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  expect(part.applied?.ok).toBe(true);
  expect(part.killed).toEqual({ coder: "formatCoder", restarts: 1 });
  const phases = part.served.map(({ phase }) => phase);
  expect(phases).toEqual([...phases].toSorted((left, right) => order.indexOf(left) - order.indexOf(right)));
  expect(phases.slice(0, 4)).toEqual(["before", "before", "before", "before"]);
  expect(phases.slice(8)).toEqual(["kill", "kill", "kill", "kill"]);
  expect(part.children.before).toContain("enumCoder");
  expect(part.children.after).not.toContain("enumCoder");
  expect(part.children.after).toEqual(expect.arrayContaining(["formatCoder", "polyCoder", "listCoder"]));
}, 60_000);

test("with nothing to change, the live team serves on as it is", async () => {
  const part = await livePart(place, { team, actions: [], tasks: examples.stream.slice(0, 6) });
  expect(new Set(part.served.map(({ phase }) => phase))).toEqual(new Set(["before", "kill"]));
  expect(part.applied).toBeUndefined();
  expect(part.killed.coder).toBe("enumCoder");
  expect(part.children.after).toEqual(part.children.before);
}, 60_000);

test("a stored run goes on with the seed, the size and the search that it was started with, or not at all", async () => {
  await using store = memoryStore();
  let run = "";
  const started = { seed: 3, evaluations: 4, search: "team_random_search" };
  const search = { store, live, examples, ...started, teleprompter: randomSearch({ candidates: 8 }) };
  const first = await optimise(place, team, { ...search, onProgress: (progress) => ({ run } = progress) });
  await expect(checkResumed(store, { run, ...started })).resolves.toBeUndefined();
  await expect(checkResumed(store, { run, ...started, seed: 4 })).rejects.toThrow("--seed");
  await expect(checkResumed(store, { run, ...started, evaluations: 150 })).rejects.toThrow(UsageError);
  await expect(checkResumed(store, { run, ...started, search: "team_simba" })).rejects.toThrow(UsageError);
  expect(await optimise(place, team, { ...search, resume: run })).toEqual(first);
}, 60_000);
