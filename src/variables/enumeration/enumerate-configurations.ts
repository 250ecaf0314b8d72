import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { dependencyOrder } from "../dependency-order.ts";
import { inactiveReason } from "../walk.ts";
import type { Configuration } from "../configuration.ts";
import { constraintPaths, isBroken } from "../constraints/constraint.ts";
import type { Constraint } from "../constraints/constraint.ts";
import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";

/**
 * Every configuration that sampling can give, each once, in a fixed order: texts and demos are drawn from their
 * candidates, pool or default. Throws `UsageError` at once where a variable has a continuum of values.
 */
export function enumerateConfigurations(space: Space): Generator<Configuration> {
  const endless = space.variables.find((variable) => kindOf(variable).size(variable) === Infinity);
  if (endless !== undefined)
    throw new UsageError(
      `enumerateConfigurations: expected finitely many values, but ${endless.name} is a ${endless.kind} without step or precision`,
    );
  return configurationsOf(space);
}

/** The constraints that are decided when the variable at each place has its value, and no earlier. */
export function decidedAt({ constraints = [] }: Space, order: readonly Variable[]): readonly (readonly Constraint[])[] {
  const places = new Map(order.map(({ name }, place) => [name, place]));
  const decided: Constraint[][] = order.map(() => []);
  for (const constraint of constraints)
    decided[Math.max(0, ...constraintPaths(constraint).map((path) => places.get(path) ?? 0))]?.push(constraint);
  return decided;
}

/** The values that a variable may have beside these; one `undefined` where it is absent. */
function valuesAmong(space: Space, variable: Variable, values: ReadonlyMap<string, Json>): Iterable<Json | undefined> {
  if (inactiveReason(space, variable.name, values) !== undefined) return [undefined];
  const { computed, values: all } = kindOf(variable);
  return computed === undefined ? all(variable) : [computed.compute(variable, values)];
}

// A stack of our own: spaces may have more variables than generators nest well.
function* configurationsOf(space: Space): Generator<Configuration> {
  const order = dependencyOrder(space.variables, space.when);
  const decided = decidedAt(space, order);
  const values = new Map<string, Json>();
  const begin = (place: number): Iterator<Json | undefined> =>
    valuesAmong(space, order[place] as Variable, values)[Symbol.iterator]();
  if (order.length === 0) {
    if ((space.constraints ?? []).every((constraint) => !isBroken(constraint, values))) yield {};
    return;
  }
  const stack = [begin(0)];
  while (stack.length > 0) {
    const place = stack.length - 1;
    const { name } = order[place] as Variable;
    const next = stack[place]?.next();
    values.delete(name);
    if (next === undefined || next.done === true) {
      stack.pop();
      continue;
    }
    if (next.value !== undefined) values.set(name, next.value);
    if (decided[place]?.some((constraint) => isBroken(constraint, values))) continue;
    if (stack.length < order.length) stack.push(begin(stack.length));
    else yield inOrder(space, values);
  }
}

function inOrder({ variables }: Space, values: ReadonlyMap<string, Json>): Configuration {
  const present = variables.filter(({ name }) => values.has(name));
  return Object.fromEntries(present.map(({ name }) => [name, values.get(name) as Json]));
}
