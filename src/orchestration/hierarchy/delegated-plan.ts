import type { Json } from "#foundation";
import type { Directive } from "../variables/directive.ts";
import { assigneeOf, directiveFor } from "./delegation.ts";
import type { Deadlines } from "./delegation.ts";
import { inOrder } from "./plan-step.ts";
import type { PlanStep } from "./plan-step.ts";
import { agentsOf, withoutAgent } from "./tree.ts";
import type { Tree } from "./tree.ts";

/**
 * What happens when steps fail. `fail_fast`: the first failure ends the plan; `best_effort`: what can be done is done,
 * and one result is enough; `quorum`: so many results are enough, and the rest is not waited for.
 */
export type FailurePolicy = "fail_fast" | "best_effort" | { readonly quorum: number };

export type StepProgress = {
  /** `skipped`: a step that it comes after has no result. */
  readonly status: "waiting" | "running" | "done" | "failed" | "skipped" | "cancelled";
  /** Who has it, or had it last. */
  readonly owner: string | undefined;
  readonly attempt: number;
  /** When its owner is late. */
  readonly until: number;
  /** Who had it and failed. */
  readonly tried: readonly string[];
  readonly result: Json | undefined;
  readonly reason: string | undefined;
};

export type PlanOutcome = "done" | "failed" | "timeout" | "cancelled" | "no_coordinator";

/** A plan on its way. An immutable value; plain JSON: whoever coordinates next goes on from it. */
export interface DelegatedPlan extends Deadlines {
  readonly tree: Tree;
  readonly steps: readonly PlanStep[];
  readonly policy: FailurePolicy;
  /** How many agents may have a step, one after the other. */
  readonly maxAttempts: number;
  readonly progress: Readonly<Record<string, StepProgress>>;
  readonly outcome: PlanOutcome | undefined;
}

export type PlanInput =
  | { readonly type: "begin"; readonly at: number }
  | {
      readonly type: "feedback";
      readonly at: number;
      readonly step: string;
      readonly agent: string;
      readonly attempt: number;
      readonly result: FeedbackResult;
    }
  | { readonly type: "lost"; readonly at: number; readonly agent: string }
  | { readonly type: "time"; readonly at: number }
  | { readonly type: "cancel"; readonly at: number };

export type FeedbackResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };

export type PlanEffect =
  | { readonly type: "delegate"; readonly directive: Directive; readonly step: string; readonly attempt: number }
  /** The agent is to stop: the step is another's, or nobody's. */
  | { readonly type: "cancel"; readonly step: string; readonly agent: string; readonly attempt: number }
  /** The result counts, and will whoever coordinates. */
  | { readonly type: "acknowledge"; readonly step: string; readonly agent: string; readonly attempt: number };

export interface PlanStepped {
  readonly plan: DelegatedPlan;
  readonly effects: readonly PlanEffect[];
}

/** A plan that nobody has begun. Its steps come in an order in which every one is after those that it needs. */
export function delegatedPlan(draft: Omit<DelegatedPlan, "progress" | "outcome">): DelegatedPlan {
  const steps = inOrder(draft.steps);
  return { ...draft, steps, progress: Object.fromEntries(steps.map(({ id }) => [id, untouched])), outcome: undefined };
}

/**
 * What an input makes of a plan. Every step has one owner at a time; a result counts once, and only the owner's: what
 * comes twice, late or from who had it before changes nothing. After the outcome nothing changes any more.
 */
export function stepPlan(plan: DelegatedPlan, input: PlanInput): PlanStepped {
  if (plan.outcome !== undefined) return { plan, effects: [] };
  const { at } = input;
  switch (input.type) {
    case "begin":
    case "time":
      return advance({ plan, effects: [] }, at);
    case "cancel":
      return ended({ plan, effects: [] }, "cancelled");
    case "lost":
      return advance(lost(plan, input.agent), at);
    case "feedback": {
      const now = plan.progress[input.step];
      const isOwners = now?.status === "running" && now.owner === input.agent && now.attempt === input.attempt;
      return isOwners ? advance(answered(plan, now, input), at) : { plan, effects: [] };
    }
  }
}

/** When time has something to do next. */
export function planDue(plan: DelegatedPlan): number {
  const running = Object.values(plan.progress).filter(({ status }) => status === "running");
  return Math.min(plan.endsAt, ...running.map(({ until }) => until));
}

const untouched: StepProgress = {
  status: "waiting",
  owner: undefined,
  attempt: 0,
  until: 0,
  tried: [],
  result: undefined,
  reason: undefined,
};

function answered(
  plan: DelegatedPlan,
  now: StepProgress,
  { step, agent, attempt, result }: Extract<PlanInput, { type: "feedback" }>,
): PlanStepped {
  if (!result.ok) return { plan: failedAt(plan, step, { ...now, reason: result.reason }), effects: [] };
  const next = withProgress(plan, step, { ...now, status: "done", result: result.value });
  return { plan: next, effects: [{ type: "acknowledge", step, agent, attempt }] };
}

function lost(plan: DelegatedPlan, agent: string): PlanStepped {
  const tree = withoutAgent(plan.tree, agent);
  if (tree === undefined) return ended({ plan, effects: [] }, "no_coordinator");
  const present = agentsOf(tree);
  let next: DelegatedPlan = { ...plan, tree };
  const effects: PlanEffect[] = [];
  for (const [step, now] of Object.entries(plan.progress)) {
    if (now.status !== "running" || now.owner === undefined || present.includes(now.owner)) continue;
    effects.push({ type: "cancel", step, agent: now.owner, attempt: now.attempt });
    next = failedAt(next, step, { ...now, reason: `${now.owner} has ended` });
  }
  return { plan: next, effects };
}

/** Back to waiting, for someone else, while it may have another owner. */
function failedAt(plan: DelegatedPlan, step: string, now: StepProgress): DelegatedPlan {
  const tried = now.owner === undefined ? now.tried : [...now.tried, now.owner];
  const status = now.attempt < plan.maxAttempts ? "waiting" : "failed";
  return withProgress(plan, step, { ...now, status, tried });
}

/** Late ones fail, ready ones are delegated, and the policy has its say. */
function advance(before: PlanStepped, at: number): PlanStepped {
  let now = before;
  for (const [step, { status, until, owner = "", attempt }] of Object.entries(before.plan.progress)) {
    if (status !== "running" || until > at) continue;
    const late = failedAt(now.plan, step, { ...(now.plan.progress[step] ?? untouched), reason: `${owner} was late` });
    now = { plan: late, effects: [...now.effects, { type: "cancel", step, agent: owner, attempt }] };
  }
  if (at >= now.plan.endsAt) return ended(now, "timeout");
  for (const step of now.plan.steps) {
    if (now.plan.progress[step.id]?.status !== "waiting") continue;
    now = delegated(now, step, at);
    const outcome = outcomeOf(now.plan);
    if (outcome !== undefined) return ended(now, outcome);
  }
  const outcome = outcomeOf(now.plan);
  return outcome === undefined ? now : ended(now, outcome);
}

/** The step in someone's hands, if what it needs is there and someone is able to. */
function delegated({ plan, effects }: PlanStepped, step: PlanStep, at: number): PlanStepped {
  const { id, after = [] } = step;
  const now = plan.progress[id] ?? untouched;
  const before = after.map((one) => plan.progress[one] ?? untouched);
  if (before.some(({ status }) => isOver(status) && status !== "done")) {
    const skipped = withProgress(plan, id, { ...now, status: "skipped", reason: "a step before it has no result" });
    return { plan: skipped, effects };
  }
  if (before.some(({ status }) => status !== "done")) return { plan, effects };
  const agent = assigneeOf(plan.tree, step, { load: loadOf(plan), excluded: now.tried });
  const reason = now.reason ?? "no capable agent is there";
  if (agent === undefined) return { plan: withProgress(plan, id, { ...now, status: "failed", reason }), effects };
  const attempt = now.attempt + 1;
  const inputs = Object.fromEntries(after.map((one) => [one, plan.progress[one]?.result ?? null]));
  const directive = directiveFor(plan.tree, step, { agent, attempt, at, inputs }, plan);
  if (directive.timeoutMs <= 0) {
    return { plan: withProgress(plan, id, { ...now, status: "failed", reason: "no time is left" }), effects };
  }
  const running: StepProgress = { ...now, status: "running", owner: agent, attempt, until: at + directive.timeoutMs };
  return {
    plan: withProgress(plan, id, running),
    effects: [...effects, { type: "delegate", directive, step: id, attempt }],
  };
}

function outcomeOf({ policy, progress }: DelegatedPlan): PlanOutcome | undefined {
  const all = Object.values(progress);
  const done = all.filter(({ status }) => status === "done").length;
  const open = all.filter(({ status }) => !isOver(status)).length;
  if (typeof policy === "object") {
    if (done >= policy.quorum) return "done";
    return done + open < policy.quorum ? "failed" : undefined;
  }
  if (policy === "fail_fast" && done + open < all.length) return "failed";
  if (open > 0) return undefined;
  return done > 0 || all.length === 0 ? "done" : "failed";
}

/** Nobody keeps a step: who has one is told to stop. */
function ended({ plan, effects }: PlanStepped, outcome: PlanOutcome): PlanStepped {
  const cancels = Object.entries(plan.progress).flatMap(([step, { status, owner = "", attempt }]): PlanEffect[] =>
    status === "running" ? [{ type: "cancel", step, agent: owner, attempt }] : [],
  );
  const progress = Object.fromEntries(
    Object.entries(plan.progress).map(([step, now]) => [
      step,
      isOver(now.status) ? now : { ...now, status: "cancelled" as const },
    ]),
  );
  const kept = effects.filter(
    (effect) =>
      effect.type !== "delegate" || !cancels.some((cancel) => cancel.type === "cancel" && cancel.step === effect.step),
  );
  const given = cancels.filter(
    (cancel) => !effects.some((effect) => effect.type === "delegate" && effect.step === cancel.step),
  );
  return { plan: { ...plan, progress, outcome }, effects: [...kept, ...given] };
}

function isOver(status: StepProgress["status"]): boolean {
  return status !== "waiting" && status !== "running";
}

function loadOf({ progress }: DelegatedPlan): Readonly<Record<string, number>> {
  const load: Record<string, number> = {};
  for (const { owner, status } of Object.values(progress)) {
    if (owner !== undefined && (status === "running" || status === "done")) load[owner] = (load[owner] ?? 0) + 1;
  }
  return load;
}

function withProgress(plan: DelegatedPlan, step: string, now: StepProgress): DelegatedPlan {
  return { ...plan, progress: { ...plan.progress, [step]: now } };
}
