import type { Json } from "#foundation";
import { inactiveReason } from "./active-variables.ts";
import type { Configuration } from "./configuration.ts";
import { dependencyOrder } from "./dependency-order.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * A configuration in which every active variable has the value that was chosen for it, or that it computes to, in the
 * order of the space. It is valid but for the constraints, where every chosen value fits.
 */
export function walkSpace(space: Space, choose: (variable: Variable) => Json): Configuration {
  const values = new Map<string, Json>();
  for (const variable of dependencyOrder(space.variables, space.when)) {
    const { name } = variable;
    if (inactiveReason(space, name, values) !== undefined) continue;
    const { computed } = kindOf(variable);
    const value = computed === undefined ? choose(variable) : computed.compute(variable, values);
    if (value !== undefined) values.set(name, value);
  }
  const names = space.variables.map(({ name }) => name).filter((name) => values.has(name));
  return Object.fromEntries(names.map((name) => [name, values.get(name) as Json]));
}
