import type { Json, Rng } from "#foundation";
import { inactiveReason } from "./active-variables.ts";
import type { Configuration } from "./configuration.ts";
import { dependencyOrder } from "./dependency-order.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";

/** The default value of every variable that the others' defaults activate. */
export function defaultConfiguration(space: Space): Configuration {
  return settleConfiguration(space, {});
}

/**
 * A random configuration of the variables that its own values activate. Each variable draws from its own fork: a new
 * variable leaves the others' samples alone.
 */
export function sampleConfiguration(space: Space, rng: Rng): Configuration {
  return settleConfiguration(space, {}, rng);
}

/**
 * The nearest valid configuration: unknown and inactive paths go, values that fit stay, active variables without a
 * fitting value get their default, or a random value where an `rng` is given. A valid configuration stays as it is.
 */
export function settleConfiguration(space: Space, configuration: Configuration, rng?: Rng): Configuration {
  const values = new Map<string, Json>();
  for (const variable of dependencyOrder(space.variables, space.when)) {
    const { name } = variable;
    if (inactiveReason(space, name, values) !== undefined) continue;
    const kind = kindOf(variable);
    const value = Object.hasOwn(configuration, name) ? configuration[name] : undefined;
    const fits = value !== undefined && kind.expected(variable, value) === undefined;
    if (fits) values.set(name, value);
    else values.set(name, rng === undefined ? kind.default(variable) : kind.sample(variable, rng.fork(name)));
  }
  const names = space.variables.map(({ name }) => name).filter((name) => values.has(name));
  return Object.fromEntries(names.map((name) => [name, values.get(name) as Json]));
}
