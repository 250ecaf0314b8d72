import { describe, isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { activityOf } from "./walk.ts";
import type { Activity } from "./walk.ts";
import type { Configuration } from "./configuration.ts";
import { constraintPaths, constraintText, isBroken } from "./constraints/constraint.ts";
import { isSameValue } from "./distinct-values.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/** One defect of a configuration. */
export interface Issue {
  /** The configuration's path. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

export type Validation =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Whether a configuration has a fitting value for every active variable and no other path, what is computed is what it
 * computes to, and all constraints hold. The issue of a constraint has its first path.
 */
export function validateConfiguration(space: Space, value: unknown): Validation {
  if (!isPlainObject(value))
    return { ok: false, issues: [{ path: "", expected: "expected an object", received: describe(value) }] };
  const activity = activityOf(space, value as Configuration);
  const issues: Issue[] = [];
  for (const variable of space.variables) {
    const { name } = variable;
    const expected = defectOf(variable, value[name], activity);
    if (expected !== undefined) issues.push({ path: name, expected, received: describe(value[name]) });
  }
  const known = new Set(space.variables.map(({ name }) => name));
  for (const path of Object.keys(value)) {
    if (known.has(path)) continue;
    issues.push({ path, expected: `expected one of ${[...known].join(", ")}`, received: "an unknown path" });
  }
  issues.push(...brokenClaims(space, activity, new Set(issues.map(({ path }) => path))));
  return issues.length === 0 ? { ok: true, configuration: value as Configuration } : { ok: false, issues };
}

function defectOf(variable: Variable, value: unknown, { reasons, values }: Activity): string | undefined {
  const inactive = reasons.get(variable.name);
  if (inactive !== undefined) return value === undefined ? undefined : `expected to be absent, since ${inactive}`;
  const { computed, expected } = kindOf(variable);
  if (computed === undefined) return expected(variable, value);
  const result = values.get(variable.name) as Json;
  if (value !== undefined && isSameValue(result, value as Json)) return undefined;
  return `expected ${JSON.stringify(result)}, computed from ${computed.inputs(variable).join(", ")}`;
}

/** The constraints that do not hold, apart from those about values that are wrong already. */
function brokenClaims({ constraints = [] }: Space, { values }: Activity, wrong: ReadonlySet<string>): Issue[] {
  return constraints.flatMap((constraint) => {
    const paths = constraintPaths(constraint);
    if (paths.some((path) => wrong.has(path)) || !isBroken(constraint, values)) return [];
    const received = paths.map((path) => `${path} ${values.has(path) ? JSON.stringify(values.get(path)) : "absent"}`);
    return [
      { path: paths[0] ?? "", expected: `expected ${constraintText(constraint)}`, received: received.join(", ") },
    ];
  });
}
