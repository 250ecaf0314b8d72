import { UsageError } from "#foundation";
import type { Conditions } from "./condition.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/** Whatever says when its variables are active, by their names. */
interface Conditional {
  readonly when?: Readonly<Record<string, Conditions>>;
}

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

/** The conditions of a variable; none where it is always active. */
export function conditionsOf({ when = {} }: Conditional, name: string): Conditions {
  return when[name] ?? {};
}
