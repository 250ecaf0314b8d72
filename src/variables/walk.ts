import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { objection } from "./condition.ts";
import type { Conditions } from "./condition.ts";
import type { Configuration } from "./configuration.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * The variables in an order in which each stands after those that its conditions ask for and those that it is computed
 * from. Throws on a cycle.
 */
export function dependencyOrder(
  variables: readonly Variable[],
  when: Readonly<Record<string, Conditions>> = {},
): readonly Variable[] {
  const asks = dependencies(variables, when);
  if (asks.size === 0) return variables;
  const dependents = new Map<string, Variable[]>();
  const open = new Map<string, number>();
  for (const variable of variables) {
    const paths = asks.get(variable.name) ?? [];
    open.set(variable.name, paths.length);
    for (const path of paths) {
      const others = dependents.get(path);
      if (others === undefined) dependents.set(path, [variable]);
      else others.push(variable);
    }
  }
  const order = variables.filter(({ name }) => open.get(name) === 0);
  // The list grows while it is walked: whoever has its last question answered comes behind.
  for (const { name } of order) {
    for (const dependent of dependents.get(name) ?? []) {
      const left = (open.get(dependent.name) ?? 0) - 1;
      open.set(dependent.name, left);
      if (left === 0) order.push(dependent);
    }
  }
  if (order.length < variables.length) refuseCycle(cycle(open, asks), when);
  return order;
}

/** The paths that each variable needs the values of, where it needs any. */
export function dependencies(
  variables: readonly Variable[],
  when: Readonly<Record<string, Conditions>> = {},
): ReadonlyMap<string, readonly string[]> {
  const asks = new Map<string, readonly string[]>();
  for (const variable of variables) {
    const conditions = Object.hasOwn(when, variable.name) ? Object.keys(when[variable.name] ?? {}) : [];
    const inputs = kindOf(variable).computed?.inputs(variable) ?? [];
    if (conditions.length + inputs.length > 0) asks.set(variable.name, [...new Set([...conditions, ...inputs])]);
  }
  return asks;
}

function refuseCycle(circle: readonly string[], when: Readonly<Record<string, Conditions>>): never {
  const isConditional = circle.slice(0, -1).every((name, index) => (circle[index + 1] as string) in (when[name] ?? {}));
  const what = isConditional ? "space.when: conditions go" : "space: what is computed and asked goes";
  throw new UsageError(`${what} in a circle: ${circle.join(" → ")}`);
}

/** `a → b → a`: every variable that still waits asks for one that waits too. */
function cycle(open: ReadonlyMap<string, number>, asks: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const waits = (name: string): boolean => (open.get(name) ?? 0) > 0;
  const seen: string[] = [];
  let name = open.keys().find(waits);
  while (name !== undefined && !seen.includes(name)) {
    seen.push(name);
    name = asks.get(name)?.find(waits);
  }
  return [...seen.slice(seen.indexOf(name ?? "")), name ?? ""];
}

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

/** The conditions of a variable; none where it is always active. */
export function conditionsOf({ when = {} }: Space, name: string): NonNullable<Space["when"]>[string] {
  return when[name] ?? {};
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
