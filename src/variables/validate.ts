import { describe, isPlainObject } from "#foundation";
import { inactiveReasons } from "./active-variables.ts";
import type { Configuration } from "./configuration.ts";
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

/** Whether a configuration has a fitting value for every active variable and no other path. */
export function validateConfiguration(space: Space, value: unknown): Validation {
  if (!isPlainObject(value))
    return { ok: false, issues: [{ path: "", expected: "expected an object", received: describe(value) }] };
  const reasons = inactiveReasons(space, value as Configuration);
  const issues: Issue[] = [];
  for (const variable of space.variables) {
    const { name } = variable;
    const expected = defectOf(variable, value[name], reasons.get(name));
    if (expected !== undefined) issues.push({ path: name, expected, received: describe(value[name]) });
  }
  const known = new Set(space.variables.map(({ name }) => name));
  for (const path of Object.keys(value)) {
    if (known.has(path)) continue;
    issues.push({ path, expected: `expected one of ${[...known].join(", ")}`, received: "an unknown path" });
  }
  return issues.length === 0 ? { ok: true, configuration: value as Configuration } : { ok: false, issues };
}

function defectOf(variable: Variable, value: unknown, inactive: string | undefined): string | undefined {
  if (inactive === undefined) return kindOf(variable).expected(variable, value);
  return value === undefined ? undefined : `expected to be absent, since ${inactive}`;
}
