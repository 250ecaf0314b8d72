import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "../configuration.ts";
import { brokenConstraints } from "../constraints/constraint.ts";
import { settleConfiguration } from "../settle.ts";
import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";
import { walkSpace } from "../walk.ts";

/**
 * All valid configurations one step from a configuration, which is settled first: one variable has a neighbouring value,
 * what that activates has its default. A step is one of the grid for numbers that have one, a twentieth of the range for
 * others; any other option; one item more, less or exchanged, and in ordered lists one moved or two swapped.
 */
export function neighbours(space: Space, configuration: Configuration): Configuration[] {
  const settled = settleConfiguration(space, configuration);
  const found = new Map<string, Configuration>();
  for (const variable of space.variables) {
    const { name } = variable;
    if (!Object.hasOwn(settled, name)) continue;
    for (const value of kindOf(variable).neighbours(variable, settled[name] as Json)) {
      const kept = (each: Variable): Json => {
        if (each.name === name) return value;
        return Object.hasOwn(settled, each.name) ? (settled[each.name] as Json) : kindOf(each).default(each);
      };
      const beside = walkSpace(space, kept);
      if (brokenConstraints(space, beside).length === 0) found.set(canonicalJson(beside), beside);
    }
  }
  found.delete(canonicalJson(settled));
  return [...found.values()];
}
