import type { Json } from "#foundation";
import { objection } from "./condition.ts";
import type { Configuration } from "./configuration.ts";
import { dependencyOrder } from "./dependency-order.ts";
import type { Space } from "./space.ts";
import type { Variable } from "./variable.ts";

/**
 * The variables whose conditions hold for this configuration, in the order of the space. Values of inactive variables
 * count for nothing; a variable that asks for an active one without a value is inactive.
 */
export function activeVariables(space: Space, configuration: Configuration): readonly Variable[] {
  const reasons = inactiveReasons(space, configuration);
  return space.variables.filter(({ name }) => !reasons.has(name));
}

/** The names of the inactive variables, each with the reason: `net.pattern is "ring"`. */
export function inactiveReasons(space: Space, configuration: Configuration): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  const values = new Map<string, Json>();
  for (const { name } of dependencyOrder(space.variables, space.when)) {
    const reason = inactiveReason(space, name, values);
    if (reason !== undefined) reasons.set(name, reason);
    else if (Object.hasOwn(configuration, name)) values.set(name, configuration[name] as Json);
  }
  return reasons;
}

/** Why a variable is inactive, where these are the values of the active ones before it; `undefined` if it is active. */
export function inactiveReason(space: Space, name: string, values: ReadonlyMap<string, Json>): string | undefined {
  for (const [path, condition] of Object.entries(conditionsOf(space, name))) {
    const reason = objection(path, condition, values.get(path));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The conditions of a variable; none where it is always active. */
export function conditionsOf({ when = {} }: Space, name: string): NonNullable<Space["when"]>[string] {
  return when[name] ?? {};
}
