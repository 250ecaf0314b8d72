import { renamedClaim } from "./constraints/claim.ts";
import { checkName } from "./definition.ts";
import { space as spaceOf } from "./space.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * The same space with `prefix` before every name: in variables, conditions, what is computed, and the names and paths of
 * constraints. `prefixedSpace(local, "coder/")` puts an agent's own space beside those of others. Throws `UsageError`
 * where that makes no names.
 */
export function prefixedSpace({ variables, when = {}, constraints = [] }: Space, prefix: string): Space {
  const rename = (path: string): string => `${prefix}${path}`;
  const renamed = (variable: Variable): Variable => ({
    ...(kindOf(variable).computed?.renamed(variable, rename) ?? variable),
    name: checkName(rename(variable.name)),
  });
  const conditions = Object.entries(when).map(
    ([name, asked]) =>
      [
        rename(name),
        Object.fromEntries(Object.entries(asked).map(([path, condition]) => [rename(path), condition])),
      ] as const,
  );
  return spaceOf(variables.map(renamed), {
    when: Object.fromEntries(conditions),
    constraints: constraints.map(({ name, expect }) => ({ name: rename(name), expect: renamedClaim(expect, rename) })),
  });
}
