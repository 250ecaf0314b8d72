import type { Json } from "#foundation";
import type { AgentAction } from "../variables/directive.ts";

/** A piece of work that one agent does. */
export interface PlanStep {
  readonly id: string;
  /** What an agent must be able to do, all of it, to get the step. */
  readonly capabilities: readonly string[];
  /** The steps whose results it needs. */
  readonly after?: readonly string[];
  /** What it is about, for the agent. */
  readonly task?: Json;
  /** `start` by default. */
  readonly action?: AgentAction;
  /** Of its directive; 1 by default. */
  readonly priority?: number;
  /** How long an agent may take; as long as its level has time by default. */
  readonly timeoutMs?: number;
}

export interface CoordinationPlan {
  readonly steps: readonly PlanStep[];
}

/** What keeps steps from being a plan: an id twice, a step that is not there, a ring of dependencies, no time. */
export function planDefect({ steps }: CoordinationPlan): string | undefined {
  const ids = new Set(steps.map(({ id }) => id));
  if (ids.size < steps.length) return "a step is named twice";
  for (const { id, after = [], timeoutMs = 1, priority = 1 } of steps) {
    const missing = after.find((before) => !ids.has(before));
    if (missing !== undefined) return `${id} comes after ${missing}, which is not there`;
    if (!(timeoutMs > 0)) return `${id} has ${timeoutMs} ms`;
    if (!Number.isFinite(priority)) return `${id} has a priority of ${priority}`;
  }
  const ordered = inOrder(steps);
  const rest = steps.filter((step) => !ordered.includes(step));
  return rest.length === 0 ? undefined : `a ring of dependencies among ${rest.map(({ id }) => id).join(", ")}`;
}

/** The steps with everything that a step needs before it, else in their order; without those of a ring. */
export function inOrder(steps: readonly PlanStep[]): readonly PlanStep[] {
  const ordered: PlanStep[] = [];
  const done = new Set<string>();
  let rest = steps;
  for (;;) {
    const next = rest.find(({ after = [] }) => after.every((before) => done.has(before)));
    if (next === undefined) return ordered;
    ordered.push(next);
    done.add(next.id);
    rest = rest.filter((step) => step !== next);
  }
}
