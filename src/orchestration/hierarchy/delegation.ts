import { present } from "#foundation";
import type { Json } from "#foundation";
import type { Directive } from "../variables/directive.ts";
import type { PlanStep } from "./plan-step.ts";
import { depthOf, pathTo } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** How busy everyone is, in steps, and who is out of the question. */
export interface Staffing {
  readonly load: Readonly<Record<string, number>>;
  readonly excluded: readonly string[];
}

/** Who does a step: of those with all its capabilities the least busy; of equal ones the earlier. */
export function assigneeOf(tree: Tree, step: PlanStep, { load, excluded }: Staffing): string | undefined {
  const capable = Object.keys(tree.capabilities).filter(
    (agent) =>
      !excluded.includes(agent) &&
      step.capabilities.every((wanted) => tree.capabilities[agent]?.includes(wanted) === true),
  );
  const loadOf = (agent: string): number => load[agent] ?? 0;
  return capable.reduce<string | undefined>(
    (best, agent) => (best === undefined || loadOf(agent) < loadOf(best) ? agent : best),
    undefined,
  );
}

/** When everyone has to be done: the root at `endsAt`, every level below a little earlier, so that it can pass on. */
export interface Deadlines {
  readonly endsAt: number;
  readonly reserveMs: number;
}

/** By when an agent has to be done; earlier than its parent by the reserve. */
function deadlineOf(tree: Tree, agent: string, { endsAt, reserveMs }: Deadlines): number {
  return endsAt - depthOf(tree, agent) * reserveMs;
}

/** A step in an agent's hands. */
export interface Delegation {
  readonly agent: string;
  /** Counts from 1; an answer to an earlier one comes too late. */
  readonly attempt: number;
  readonly at: number;
  /** Results of the steps that it comes after. */
  readonly inputs: Readonly<Record<string, Json>>;
}

/**
 * What the agent is told. Its parameters: `step`, `task`, `inputs`, `attempt`, the `path` by which it comes down from the
 * coordinator, and the `deadline` (ms of the caller's clock). Its time is up at the deadline of its level, or sooner.
 */
export function directiveFor(tree: Tree, step: PlanStep, delegation: Delegation, deadlines: Deadlines): Directive {
  const { agent, attempt, at, inputs } = delegation;
  const { id, task, action = "start", priority = 1, timeoutMs: most = Infinity } = step;
  const timeoutMs = Math.min(most, deadlineOf(tree, agent, deadlines) - at);
  const path = pathTo(tree, agent);
  const parameters = present({ step: id, task, inputs, attempt, path, deadline: at + timeoutMs });
  return { agent, action, parameters, priority, timeoutMs };
}
