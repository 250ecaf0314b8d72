import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { conditionsOf } from "./active-variables.ts";
import { both, meets } from "./condition.ts";
import type { Condition } from "./condition.ts";
import type { Configuration } from "./configuration.ts";
import { dependencyOrder } from "./dependency-order.ts";
import { space as spaceOf } from "./space.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * The space in which only these variables vary, while all others keep their value of `fixed` (their default where it
 * has none that fits). A condition on a fixed variable is decided now: it goes, or its variable does. What that fixed
 * variable itself asks of varying ones is asked instead.
 *
 * A configuration of it becomes one of the whole by `settleConfiguration(space, { ...fixed, ...configuration })`, which
 * keeps all its values. Throws `UsageError` for a name that the space does not have.
 */
export function restrictSpace(space: Space, names: readonly string[], fixed: Configuration): Space {
  const varying = new Set(names);
  const known = new Set(space.variables.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new UsageError(`restrictSpace: expected names of ${[...known].join(", ")}, got ${unknown}`);
  const asked = new Map<string, ReadonlyMap<string, Condition>>();
  const values = new Map<string, Json>();
  for (const variable of dependencyOrder(space.variables, space.when)) {
    const { name } = variable;
    const conditions = conditionsAmong(Object.entries(conditionsOf(space, name)), asked, values);
    if (conditions === undefined) continue;
    asked.set(name, conditions);
    if (!varying.has(name)) values.set(name, fixedValue(variable, fixed));
  }
  const variables = space.variables.filter(({ name }) => varying.has(name) && asked.has(name));
  const when = variables.map(({ name }) => [name, Object.fromEntries(asked.get(name) ?? [])] as const);
  return spaceOf(variables, { when: Object.fromEntries(when) });
}

/** What is asked of varying variables in the end, `undefined` where the fixed ones already say no. */
function conditionsAmong(
  conditions: readonly (readonly [string, Condition])[],
  asked: ReadonlyMap<string, ReadonlyMap<string, Condition>>,
  values: ReadonlyMap<string, Json>,
): ReadonlyMap<string, Condition> | undefined {
  const among = new Map<string, Condition>();
  const ask = (path: string, condition: Condition): void => {
    const before = among.get(path);
    among.set(path, before === undefined ? condition : both(before, condition));
  };
  for (const [path, condition] of conditions) {
    const inherited = asked.get(path);
    if (inherited === undefined) return undefined;
    const value = values.get(path);
    if (value === undefined) ask(path, condition);
    else if (!meets(condition, value)) return undefined;
    else for (const [each, own] of inherited) ask(each, own);
  }
  return among;
}

function fixedValue(variable: Variable, fixed: Configuration): Json {
  const kind = kindOf(variable);
  const value = Object.hasOwn(fixed, variable.name) ? fixed[variable.name] : undefined;
  return value !== undefined && kind.expected(variable, value) === undefined ? value : kind.default(variable);
}
