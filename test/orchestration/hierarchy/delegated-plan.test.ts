import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonDefect } from "#foundation";
import { delegatedPlan, planDue, stepPlan, treeOf, withoutAgent } from "#orchestration";
import type { DelegatedPlan, FailurePolicy, PlanEffect, PlanInput, Subordinate, Tree } from "#orchestration";

fc.configureGlobal({ seed: 61 });

const limits = fc.constantFrom(
  { maxDepth: 4, maxFanOut: 3 },
  { maxDepth: 2, maxFanOut: 2 },
  { maxDepth: 6, maxFanOut: 1 },
);
const names = ["a", "b", "c", "d", "e", "f"];

/** A tree of the root r and up to six others, each below one before it. */
const tree = fc
  .tuple(
    limits,
    fc.array(fc.record({ parent: fc.nat({ max: 6 }), skills: fc.subarray(["x", "y"]) }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([most, drafts]) => {
    const agents = drafts.map(({ parent, skills }, index): Subordinate => {
      const above = ["r", ...names][Math.min(parent, index)] ?? "r";
      return { agent: names[index] ?? "", capabilities: skills, parent: above };
    });
    return treeOf("r", agents, most);
  })
  .filter((read) => read.ok)
  .map((read): Tree => read.tree);

function checkTree({ root, parents, maxDepth, maxFanOut }: Tree): void {
  expect(Object.hasOwn(parents, root)).toBe(false);
  const fans = new Map<string, number>();
  for (const child of Object.keys(parents)) {
    let [at, depth]: [string | undefined, number] = [child, 0];
    while (at !== undefined && at !== root && depth <= 10) [at, depth] = [parents[at], depth + 1];
    expect(at).toBe(root);
    expect(depth).toBeLessThanOrEqual(maxDepth);
    const parent = parents[child] ?? "";
    fans.set(parent, (fans.get(parent) ?? 0) + 1);
    expect(fans.get(parent)).toBeLessThanOrEqual(maxFanOut);
  }
}

test("a tree without one of its agents is a tree of all others within its limits, until nobody is left", () => {
  fc.assert(
    fc.property(tree, fc.shuffledSubarray(["r", ...names], { minLength: 7 }), (whole, order) => {
      let now: Tree | undefined = whole;
      for (const agent of order) {
        const before: readonly string[] = now === undefined ? [] : [now.root, ...Object.keys(now.parents)];
        now = now === undefined ? undefined : withoutAgent(now, agent);
        if (now === undefined) break;
        checkTree(now);
        expect([now.root, ...Object.keys(now.parents)].sort()).toEqual(before.filter((name) => name !== agent).sort());
        expect([now.root, ...Object.keys(now.parents)]).not.toContain(agent);
      }
      expect(now).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("a tree that is full stays whole when its root ends: a branch without room is divided", () => {
  const parents = { a: "r", b: "r", c: "a", d: "a", e: "b", f: "b" };
  const agents = Object.entries(parents).map(([agent, parent]) => ({ agent, capabilities: [], parent }));
  const read = treeOf("r", agents, { maxDepth: 2, maxFanOut: 2 });
  const next = read.ok ? withoutAgent(read.tree, "r") : undefined;
  expect(next).toMatchObject({ root: "a", parents: { c: "a", d: "a", b: "c", e: "c", f: "d" } });
});

const steps = fc
  .array(fc.record({ after: fc.array(fc.nat({ max: 5 })), skills: fc.subarray(["x", "y"], { maxLength: 1 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((drafts) =>
    drafts.map(({ after, skills }, index) => ({
      id: `s${index}`,
      capabilities: skills,
      after: [...new Set(after.filter((before) => before < index))].map((before) => `s${before}`),
      timeoutMs: 40,
    })),
  );

const policy = fc.oneof(
  fc.constantFrom<FailurePolicy>("fail_fast", "best_effort"),
  fc.integer({ min: 1, max: 4 }).map((quorum) => ({ quorum })),
);

/** What happens next: to a message under way, to an agent, or to time. */
const happening = fc.record({
  type: fc.constantFrom("deliver", "deliver", "deliver", "fail", "duplicate", "lose", "time", "end"),
  which: fc.nat({ max: 20 }),
  ms: fc.integer({ min: 0, max: 30 }),
});

interface Checked {
  readonly done: Map<string, unknown>;
  readonly working: Map<string, string>;
}

/** What holds after every step, whatever happened. */
function check(
  before: DelegatedPlan,
  plan: DelegatedPlan,
  effects: readonly PlanEffect[],
  { done, working }: Checked,
): void {
  for (const effect of effects) {
    if (effect.type === "cancel" || effect.type === "acknowledge") working.delete(effect.step);
    if (effect.type !== "delegate") continue;
    expect(working.has(effect.step), "one owner at a time").toBe(false);
    working.set(effect.step, effect.directive.agent);
    const { path, deadline } = effect.directive.parameters as { path: string[]; deadline: number };
    expect(path.at(-1)).toBe(effect.directive.agent);
    expect(path[0]).toBe(plan.tree.root);
    expect(deadline).toBeLessThanOrEqual(plan.endsAt - (path.length - 1) * plan.reserveMs);
  }
  for (const [step, { status, result }] of Object.entries(plan.progress)) {
    if (done.has(step)) expect([status, result], "no acknowledged result is lost").toEqual(["done", done.get(step)]);
    if (status === "done") done.set(step, result);
  }
  if (plan.outcome !== undefined) {
    expect(Object.values(plan.progress).some(({ status }) => status === "running" || status === "waiting")).toBe(false);
  }
  if (before.outcome !== undefined) expect([plan, effects]).toEqual([before, []]);
  expect(jsonDefect(plan)).toBeUndefined();
}

test("every step has one owner, every result counts once, and after the outcome nobody works, whatever is lost, doubled, late or ended", () => {
  fc.assert(
    fc.property(tree, steps, policy, fc.array(happening, { maxLength: 40 }), (whole, all, rule, happenings) => {
      let plan = delegatedPlan({ tree: whole, steps: all, policy: rule, maxAttempts: 3, endsAt: 200, reserveMs: 5 });
      const under: Extract<PlanInput, { type: "feedback" }>[] = [];
      const checked: Checked = { done: new Map(), working: new Map() };
      let at = 0;
      const put = (input: PlanInput): void => {
        const next = stepPlan(plan, input);
        if (input.type === "feedback" && plan.progress[input.step]?.attempt === input.attempt)
          checked.working.delete(input.step);
        for (const effect of next.effects) {
          if (effect.type !== "delegate") continue;
          const { step, attempt, directive } = effect;
          const value = `${step} by ${directive.agent}`;
          under.push({ type: "feedback", at, step, agent: directive.agent, attempt, result: { ok: true, value } });
        }
        check(plan, next.plan, next.effects, checked);
        plan = next.plan;
      };
      put({ type: "begin", at });
      for (const { type, which, ms } of happenings) {
        at += ms;
        const index = which % Math.max(1, under.length);
        const message = under[index];
        if (type === "time") put({ type: "time", at });
        else if (type === "end") put({ type: "lost", at, agent: ["r", ...names][which % 7] ?? "r" });
        else if (message !== undefined) {
          if (type !== "duplicate") under.splice(index, 1);
          if (type === "lose") continue;
          const result = type === "fail" ? { ok: false as const, reason: "broken" } : message.result;
          put({ ...message, at, result });
        }
      }
      for (let turns = 0; plan.outcome === undefined && turns < 50; turns++) {
        at = Math.max(at, planDue(plan));
        put({ type: "time", at });
      }
      expect(plan.outcome).toBeDefined();
      expect(checked.working.size).toBe(0);
      const done = Object.values(plan.progress).filter(({ status }) => status === "done").length;
      if (plan.outcome === "done")
        expect(done).toBeGreaterThanOrEqual(
          typeof rule === "object" ? rule.quorum : rule === "fail_fast" ? all.length : 1,
        );
    }),
    { numRuns: 500 },
  );
});
