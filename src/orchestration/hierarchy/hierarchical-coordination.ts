import { describe, jsonDefect, messageOf, systemClock, UsageError } from "#foundation";
import type { Clock, Json } from "#foundation";
import type { Directive } from "../variables/directive.ts";
import { aggregateUp, merged } from "./aggregation.ts";
import type { OwnedResults, Part } from "./aggregation.ts";
import { delegatedPlan } from "./delegated-plan.ts";
import type { DelegatedPlan, FailurePolicy, PlanOutcome } from "./delegated-plan.ts";
import { assigneeOf, directiveFor } from "./delegation.ts";
import { PlanRun } from "./plan-run.ts";
import type { Perform } from "./plan-run.ts";
import { planDefect } from "./plan-step.ts";
import type { CoordinationPlan } from "./plan-step.ts";
import { treeOf } from "./tree.ts";
import type { Subordinate, Tree } from "./tree.ts";

export interface HierarchicalCoordinationOptions {
  /** What an agent does with a directive. Without it nothing is done: the directives are the answer. */
  readonly perform?: Perform;
  /** What an agent passes on of its results and of what came from below; all of it by step, by default. */
  readonly aggregate?: (part: Part, how: { readonly signal: AbortSignal }) => unknown;
  /** "fail_fast" by default. */
  readonly policy?: FailurePolicy;
  /** For all of it; 60 s by default. */
  readonly timeoutMs?: number;
  /** How much earlier than its parent everyone has to be done; 50 ms by default. */
  readonly reserveMs?: number;
  /** How many agents may have a step, one after the other; 2 by default. */
  readonly maxAttempts?: number;
  /** How long agents that were told to stop, and aggregations, may take; 1 s by default. */
  readonly graceMs?: number;
  /** Levels below the coordinator; 8 by default. */
  readonly maxDepth?: number;
  /** How many may answer to one agent; 64 by default. */
  readonly maxFanOut?: number;
  /** Tells when an agent has ended; see `ResourcePoolOptions`. Whoever coordinated is replaced. */
  readonly watch?: (agent: string, onEnd: () => void) => Disposable;
  readonly clock?: Clock;
  /** Cancels the plan: everyone is told to stop. */
  readonly signal?: AbortSignal;
}

/** A step without a result, or an agent that could not pass on what it had. */
export interface CoordinationFailure {
  readonly step: string | undefined;
  readonly agent: string | undefined;
  readonly message: string;
}

export interface CoordinationFeedback {
  /** By step: every result that was acknowledged, whatever came after. */
  readonly results: Readonly<Record<string, Json>>;
  readonly failures: readonly CoordinationFailure[];
  /** Who coordinates in the end. */
  readonly coordinator: string;
}

export interface CoordinationError {
  readonly code: "no_capable_agent" | "invalid_plan" | "invalid_hierarchy" | Exclude<PlanOutcome, "done">;
  readonly message: string;
  readonly step?: string;
}

export type HierarchicalCoordinationResult =
  /** `value`: one directive for each step, again for each time that it was given to another. */
  | (CoordinationFeedback & { readonly ok: true; readonly value: readonly Directive[]; readonly output: Json })
  | (CoordinationFeedback & {
      readonly ok: false;
      readonly value: readonly Directive[];
      readonly error: CoordinationError;
    });

/**
 * A coordinator has its subordinates carry out a plan: each step goes to the least busy agent that is capable of it,
 * down the tree and with less time at every level, when the steps before it have results; the results come back up.
 * An agent that fails, is late or ends loses its step to another; what it answers later does not count. When a
 * coordinator ends, the first who answered to it takes its place, and no acknowledged result is lost: the plan, not the
 * coordinator, has them. When all is over, whoever still works has been told to stop.
 *
 * All of it lives in this process and ends with it. Throws a `UsageError` for options that are none.
 */
export async function hierarchicalCoordination(
  coordinator: string,
  subordinates: readonly Subordinate[],
  plan: CoordinationPlan,
  options: HierarchicalCoordinationOptions = {},
): Promise<HierarchicalCoordinationResult> {
  checkOptions(options);
  const { maxDepth = 8, maxFanOut = 64, clock = systemClock, perform, watch, signal, graceMs = 1_000 } = options;
  const { policy = "fail_fast", timeoutMs = 60_000, reserveMs = 50, maxAttempts = 2 } = options;
  const none: CoordinationFeedback = { results: {}, failures: [], coordinator };
  const refused = (error: CoordinationError): HierarchicalCoordinationResult => ({
    ...none,
    ok: false,
    value: [],
    error,
  });
  const read = treeOf(coordinator, subordinates, { maxDepth, maxFanOut });
  if (!read.ok) return refused({ code: "invalid_hierarchy", message: read.defect });
  const defect = planDefect(plan);
  if (defect !== undefined) return refused({ code: "invalid_plan", message: defect });
  const { tree } = read;
  const draft = { tree, steps: plan.steps, policy, maxAttempts, endsAt: clock.now() + timeoutMs, reserveMs };
  const fresh = delegatedPlan(draft);
  const assigned = assignments(fresh, clock.now());
  if (!assigned.ok) return refused(assigned.error);
  if (perform === undefined) return { ...none, ok: true, value: assigned.directives, output: null };
  const run = new PlanRun(fresh, { perform, clock, watch, signal, graceMs });
  const ran = await run.run();
  return reported(ran.plan, ran.directives, { ...options, clock, graceMs });
}

type Assignments =
  | { readonly ok: true; readonly directives: readonly Directive[] }
  | { readonly ok: false; readonly error: CoordinationError };

/** Who would get which step if all went well. */
function assignments({ tree, steps, endsAt, reserveMs }: DelegatedPlan, at: number): Assignments {
  const load: Record<string, number> = {};
  const directives: Directive[] = [];
  for (const step of steps) {
    const agent = assigneeOf(tree, step, { load, excluded: [] });
    if (agent === undefined) {
      const wanted = step.capabilities.join(", ");
      const message = `no agent is capable of ${step.id}: ${wanted}`;
      return { ok: false, error: { code: "no_capable_agent", message, step: step.id } };
    }
    load[agent] = (load[agent] ?? 0) + 1;
    directives.push(directiveFor(tree, step, { agent, attempt: 1, at, inputs: {} }, { endsAt, reserveMs }));
  }
  return { ok: true, directives };
}

type Reporting = HierarchicalCoordinationOptions & { readonly clock: Clock; readonly graceMs: number };

async function reported(
  plan: DelegatedPlan,
  value: readonly Directive[],
  options: Reporting,
): Promise<HierarchicalCoordinationResult> {
  const { tree, progress, outcome = "failed" } = plan;
  const owned: Record<string, { owner: string; result: Json }> = {};
  const failures: CoordinationFailure[] = [];
  for (const [step, { status, owner, result, reason }] of Object.entries(progress)) {
    if (status === "done" && owner !== undefined && result !== undefined) owned[step] = { owner, result };
    else failures.push({ step, agent: owner, message: reason ?? status });
  }
  const results = Object.fromEntries(Object.entries(owned).map(([step, { result }]) => [step, result]));
  const feedback = { results, failures, coordinator: tree.root };
  if (outcome === "done") {
    const output = await outputOf(tree, owned, { options, failures });
    return { ...feedback, ok: true, value, output };
  }
  const first = failures.find(({ step }) => step !== undefined && progress[step]?.status === "failed");
  const message = first === undefined ? `the plan came to ${outcome}` : `${first.step}: ${first.message}`;
  const error = { code: outcome, message, ...(first?.step === undefined ? {} : { step: first.step }) };
  return { ...feedback, ok: false, value, error };
}

/** Who throws, is late or passes on no JSON, has all that it had passed on as it is. */
function outputOf(
  tree: Tree,
  owned: OwnedResults,
  { options, failures }: { readonly options: Reporting; readonly failures: CoordinationFailure[] },
): Promise<Json> {
  const { aggregate, clock, graceMs } = options;
  return aggregateUp(tree, owned, async (part) => {
    if (aggregate === undefined) return merged(part);
    const [done, late] = [new AbortController(), new AbortController()];
    const passed = async (): Promise<Json | Error> => {
      const value: unknown = await aggregate(part, { signal: late.signal });
      const defect = value === undefined ? "value is nothing" : jsonDefect(value);
      return defect === undefined ? (value as Json) : new Error(`${describe(value)}: ${defect}`);
    };
    const timeout = clock.sleep(graceMs, { signal: done.signal }).then(
      () => new Error(`nothing passed on within ${graceMs} ms`),
      () => null,
    );
    const value = await Promise.race([passed().catch((error: unknown) => new Error(messageOf(error))), timeout]);
    done.abort();
    if (!(value instanceof Error)) return value;
    late.abort();
    failures.push({ step: undefined, agent: part.agent, message: value.message });
    return merged(part);
  });
}

function checkOptions(options: HierarchicalCoordinationOptions): void {
  const { timeoutMs = 1, reserveMs = 0, maxAttempts = 1, graceMs = 0, maxDepth = 1, maxFanOut = 1, policy } = options;
  const check = (isFine: boolean, expected: string, value: unknown): void => {
    if (!isFine) throw new UsageError(`hierarchicalCoordination: expected ${expected}, got ${describe(value)}`);
  };
  check(timeoutMs > 0 && timeoutMs < Infinity, "a finite timeoutMs above 0", timeoutMs);
  check(reserveMs >= 0 && reserveMs < Infinity, "a finite reserveMs of at least 0", reserveMs);
  check(graceMs >= 0 && graceMs < Infinity, "a finite graceMs of at least 0", graceMs);
  for (const [name, value] of Object.entries({ maxAttempts, maxDepth, maxFanOut })) {
    check(Number.isInteger(value) && value >= 1, `a whole ${name} of at least 1`, value);
  }
  if (typeof policy !== "object") return;
  check(Number.isInteger(policy.quorum) && policy.quorum >= 1, "a quorum of at least 1", policy.quorum);
}
