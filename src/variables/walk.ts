import type { Json } from "#foundation";
import { objection } from "./condition.ts";
import type { Configuration } from "./configuration.ts";
import { conditionsOf, dependencyOrder } from "./dependency-order.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/** What counts of a configuration. */
export interface Activity {
  /** The inactive variables, each with the reason: `net.pattern is "ring"`. */
  readonly reasons: ReadonlyMap<string, string>;
  /** The values of the active ones; the computed ones as they compute, whatever the configuration says. */
  readonly values: ReadonlyMap<string, Json>;
}

/**
 * The variables whose conditions hold for this configuration, in the order of the space. Values of inactive variables
 * count for nothing; a variable that asks for an active one without a value is inactive, and so is a computed one that
 * has nothing to be computed from.
 */
export function activeVariables(space: Space, configuration: Configuration): readonly Variable[] {
  const { reasons } = activityOf(space, configuration);
  return space.variables.filter(({ name }) => !reasons.has(name));
}

/** Which variables of a configuration are inactive and why, and the values of the others. */
export function activityOf(space: Space, configuration: Configuration): Activity {
  const reasons = new Map<string, string>();
  const values = new Map<string, Json>();
  for (const variable of dependencyOrder(space.variables, space.when)) {
    const { name } = variable;
    const { computed } = kindOf(variable);
    const reason = inactiveReason(space, name, values);
    const chosen = Object.hasOwn(configuration, name) ? configuration[name] : undefined;
    const value = computed === undefined ? chosen : computed.compute(variable, values);
    if (reason !== undefined) reasons.set(name, reason);
    else if (value !== undefined) values.set(name, value);
    else if (computed !== undefined) reasons.set(name, "there is nothing to compute it from");
  }
  return { reasons, values };
}

/** Why a variable is inactive, where these are the values of the active ones before it; `undefined` if it is active. */
export function inactiveReason(space: Space, name: string, values: ReadonlyMap<string, Json>): string | undefined {
  for (const [path, condition] of Object.entries(conditionsOf(space, name))) {
    const reason = objection(path, condition, values.get(path));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

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
