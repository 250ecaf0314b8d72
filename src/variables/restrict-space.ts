import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { conditionsOf, dependencyOrder } from "./dependency-order.ts";
import { composite } from "./composite.ts";
import { both, meets } from "./condition.ts";
import type { Condition } from "./condition.ts";
import type { Configuration } from "./configuration.ts";
import { constraintPaths } from "./constraints/constraint.ts";
import { space as spaceOf } from "./space.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

type Conditional = ReadonlyMap<string, Condition>;

/** What becomes of the variables of the whole. */
interface Fate {
  /** What is asked of varying variables in the end, for every variable that may be there. */
  readonly asked: ReadonlyMap<string, Conditional>;
  /** The values of those that stay as they are. */
  readonly values: ReadonlyMap<string, Json>;
}

/**
 * The space in which only these variables vary, while all others keep their value of `fixed` (their default where it
 * has none that fits). A condition on a fixed variable is decided now: it goes, or its variable does. What that fixed
 * variable itself asks of varying ones is asked instead. Fixed variables that constraints or computed ones need beside
 * varying ones stand there as constants (`composite`); constraints about fixed ones alone go.
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
  const fate = fateOf(space, varying, fixed);
  const constraints = (space.constraints ?? []).filter((constraint) => {
    const paths = constraintPaths(constraint);
    return paths.length === 0 || paths.some((path) => fate.asked.has(path) && !isConstant(fate, path));
  });
  const possible = names.filter((name) => fate.asked.has(name));
  const kept = neededNames(space, [...possible, ...constraints.flatMap(constraintPaths)], fate);
  const variables = space.variables.filter(({ name }) => kept.has(name)).map((variable) => restricted(variable, fate));
  const when = variables.map(({ name }) => [name, Object.fromEntries(fate.asked.get(name) ?? [])] as const);
  return spaceOf(variables, { when: Object.fromEntries(when), constraints });
}

/** The variable, or the constant that it has become; a sum of nothing is what can never be there. */
function restricted(variable: Variable, { asked, values }: Fate): Variable {
  const { name } = variable;
  if (!asked.has(name)) return composite(name, { compute: { sum: [] } });
  const value = values.get(name);
  return value === undefined ? variable : composite(name, { compute: { value } });
}

function fateOf(space: Space, varying: ReadonlySet<string>, fixed: Configuration): Fate {
  const asked = new Map<string, Conditional>();
  const values = new Map<string, Json>();
  const fate = { asked, values };
  for (const variable of dependencyOrder(space.variables, space.when)) {
    const { name } = variable;
    const conditions = conditionsAmong(Object.entries(conditionsOf(space, name)), fate);
    if (conditions === undefined) continue;
    asked.set(name, conditions);
    if (varying.has(name)) continue;
    const value = fixedValue(variable, fixed, fate);
    if (value !== undefined) values.set(name, value);
  }
  return fate;
}

/** What is asked of varying variables in the end, `undefined` where the fixed ones already say no. */
function conditionsAmong(
  conditions: readonly (readonly [string, Condition])[],
  { asked, values }: Fate,
): Conditional | undefined {
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

/** The value that stays; `undefined` for what is computed from varying values. */
function fixedValue(variable: Variable, fixed: Configuration, fate: Fate): Json | undefined {
  const kind = kindOf(variable);
  if (kind.computed !== undefined) {
    const inputs = kind.computed.inputs(variable);
    const isDecided = inputs.every((path) => !fate.asked.has(path) || isConstant(fate, path));
    return isDecided ? kind.computed.compute(variable, fate.values) : undefined;
  }
  const value = Object.hasOwn(fixed, variable.name) ? fixed[variable.name] : undefined;
  return value !== undefined && kind.expected(variable, value) === undefined ? value : kind.default(variable);
}

/** Whether a variable is there with one value, whatever the varying ones are. */
function isConstant({ asked, values }: Fate, path: string): boolean {
  return values.has(path) && asked.get(path)?.size === 0;
}

/** These names, and what they ask for and are computed from in the end. */
function neededNames(space: Space, names: readonly string[], { asked, values }: Fate): ReadonlySet<string> {
  const byName = new Map(space.variables.map((variable) => [variable.name, variable]));
  const needed = new Set<string>();
  const open = [...names];
  for (const name of open) {
    const variable = byName.get(name);
    if (variable === undefined || needed.has(name)) continue;
    needed.add(name);
    const isComputed = asked.has(name) && !values.has(name);
    const inputs = isComputed ? (kindOf(variable).computed?.inputs(variable) ?? []) : [];
    open.push(...(asked.get(name)?.keys() ?? []), ...inputs);
  }
  return needed;
}
