import { UsageError } from "#foundation";
import type { Conditions } from "./condition.ts";
import type { Variable } from "./variable.ts";

/** The variables in an order in which each stands after those that its conditions ask for. Throws on a cycle. */
export function dependencyOrder(
  variables: readonly Variable[],
  when: Readonly<Record<string, Conditions>> = {},
): readonly Variable[] {
  const asks = new Map(Object.entries(when).map(([name, conditions]) => [name, Object.keys(conditions)]));
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
  if (order.length < variables.length)
    throw new UsageError(`space.when: conditions go in a circle: ${cycle(open, asks)}`);
  return order;
}

/** `a → b → a`: every variable that still waits asks for one that waits too. */
function cycle(open: ReadonlyMap<string, number>, asks: ReadonlyMap<string, readonly string[]>): string {
  const waits = (name: string): boolean => (open.get(name) ?? 0) > 0;
  const seen: string[] = [];
  let name = open.keys().find(waits);
  while (name !== undefined && !seen.includes(name)) {
    seen.push(name);
    name = asks.get(name)?.find(waits);
  }
  return [...seen.slice(seen.indexOf(name ?? "")), name].join(" → ");
}
