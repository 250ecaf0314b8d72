import { describe, isPlainObject } from "#foundation";
import { orderByNeeds } from "#programs/pipelines";
import type { Issue } from "#variables";

/** One step of a plan: what kind of work it is, and whose results it needs. */
export interface PlanStep {
  readonly id: string;
  /** `"plan"`, `"code"`, `"test"`, … : one of the kinds that somebody can do. */
  readonly kind: string;
  readonly needs: readonly string[];
}

export type StepsCheck =
  | {
      readonly ok: true;
      readonly steps: readonly PlanStep[];
      /** The ids in the order of the work; the steps of one level can run at once. */
      readonly levels: readonly (readonly string[])[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export interface CheckStepsOptions {
  /** The kinds of work that somebody can do. */
  readonly kinds: readonly string[];
}

/** The longest plan that is accepted. */
const maxSteps = 64;

const idPattern = /^\w[\w.-]{0,63}$/;

/**
 * A plan from foreign JSON, checked: a list of 1 to 64 `{ id, kind, needs }` with ids of their own, known kinds, known
 * needs and no cycle. Further keys of a step are dropped.
 */
export function checkSteps(value: unknown, { kinds }: CheckStepsOptions): StepsCheck {
  const defect = listDefect(value);
  if (defect !== undefined) return { ok: false, issues: [defect] };
  const list = value as readonly unknown[];
  const issues = list.flatMap((step, index) => stepIssues(step, `steps[${index}]`, kinds));
  if (issues.length > 0) return { ok: false, issues };
  const steps = (list as readonly PlanStep[]).map(({ id, kind, needs }) => ({ id, kind, needs: [...new Set(needs)] }));
  const order = orderByNeeds(steps, "steps");
  return order.ok ? { ok: true, steps, levels: order.levels } : order;
}

function listDefect(value: unknown): Issue | undefined {
  const expected = `a list of 1 to ${maxSteps} steps`;
  if (Array.isArray(value) && value.length > 0 && value.length <= maxSteps) return undefined;
  return { path: "steps", expected, received: describe(value) };
}

function stepIssues(step: unknown, at: string, kinds: readonly string[]): Issue[] {
  if (!isPlainObject(step)) return [{ path: at, expected: "{ id, kind, needs }", received: describe(step) }];
  const { id, kind, needs } = step;
  const issues: Issue[] = [];
  if (!isId(id))
    issues.push({
      path: `${at}.id`,
      expected: 'a short name of letters, digits, "_", "." and "-"',
      received: describe(id),
    });
  if (typeof kind !== "string" || !kinds.includes(kind))
    issues.push({ path: `${at}.kind`, expected: `one of ${kinds.join(", ")}`, received: describe(kind) });
  if (!Array.isArray(needs) || needs.length > maxSteps || !needs.every((need) => typeof need === "string"))
    issues.push({ path: `${at}.needs`, expected: "a list of ids of steps", received: describe(needs) });
  return issues;
}

/** Results are kept under the id, so names that every object has are none. */
function isId(id: unknown): id is string {
  return typeof id === "string" && idPattern.test(id) && !(id in Object.prototype);
}
