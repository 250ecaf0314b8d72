import type { JsonObject } from "#foundation";
import { describe, isPlainObject, UsageError } from "#foundation";
import { checkCondition, conditionText } from "./condition.ts";
import type { Conditions } from "./condition.ts";
import { checkPaths, renamedClaim } from "./constraints/claim.ts";
import { checkConstraints } from "./constraints/constraint.ts";
import type { Constraint } from "./constraints/constraint.ts";
import { checkName } from "./definition.ts";
import { conditionsOf, dependencyOrder } from "./dependency-order.ts";
import { kindOf, parseVariable } from "./variable.ts";
import type { Variable } from "./variable.ts";

/** The variables that an optimiser may set, as plain data. */
export interface Space {
  readonly variables: readonly Variable[];
  /**
   * When a variable is active, by its name; always where nothing is said. Each condition asks for the value of another
   * variable of the space. An inactive variable is absent from configurations, and so are those that ask for it.
   */
  readonly when?: Readonly<Record<string, Conditions>>;
  /** What every configuration holds, across variables; absent where there is nothing. */
  readonly constraints?: readonly Constraint[];
}

export interface SpaceOptions {
  /** Conditions by variable: `{ "net.hub": { "net.pattern": "star" } }`. */
  readonly when?: Readonly<Record<string, Conditions>>;
  /** Claims across variables: `[{ name: "shares", expect: { atMost: [{ sum: ["a", "b"] }, 1] } }]`. */
  readonly constraints?: readonly Constraint[];
}

/**
 * A space of these variables. Throws `UsageError` when two have one name, when one is computed from unknown ones, and for
 * conditions and constraints that are malformed or about unknown variables, go in a circle, or that a variable can never
 * meet.
 */
export function space(variables: readonly Variable[], { when, constraints = [] }: SpaceOptions = {}): Space {
  const byName = new Map<string, Variable>();
  for (const variable of variables) {
    if (byName.has(variable.name)) throw new UsageError(`space: two variables have the name ${variable.name}`);
    byName.set(variable.name, variable);
  }
  for (const variable of variables)
    checkPaths(`variable ${variable.name}`, kindOf(variable).computed?.inputs(variable) ?? [], byName);
  checkConstraints(constraints, byName);
  const conditional = checkedConditions(when, byName);
  dependencyOrder(variables, conditional);
  return {
    variables,
    ...(conditional === undefined ? {} : { when: conditional }),
    ...(constraints.length === 0 ? {} : { constraints }),
  };
}

/** The conditions that say something, `undefined` where none does. */
function checkedConditions(when: unknown, byName: ReadonlyMap<string, Variable>): SpaceOptions["when"] {
  if (when === undefined) return undefined;
  if (!isPlainObject(when)) throw new UsageError(`space.when: expected conditions by variable, got ${describe(when)}`);
  const told = Object.entries(when).filter(([name, conditions]) => saysSomething(byName, name, conditions));
  return told.length === 0 ? undefined : (Object.fromEntries(told) as NonNullable<SpaceOptions["when"]>);
}

/** A space from foreign JSON, as `JSON.stringify(space)` wrote it. */
export function parseSpace(value: unknown): Space {
  if (!isPlainObject(value) || !Array.isArray(value["variables"]))
    throw new UsageError(`space: expected { variables: […] }, got ${describe(value)}`);
  const variables = value["variables"].map((definition, index) =>
    parseVariable(definition, `space.variables[${index}]`),
  );
  const { when, constraints } = value as Partial<SpaceOptions>;
  return space(variables, {
    ...(when === undefined ? {} : { when }),
    ...(constraints === undefined ? {} : { constraints }),
  });
}

/** Whether a variable has conditions, which are checked here. */
function saysSomething(byName: ReadonlyMap<string, Variable>, name: string, conditions: unknown): boolean {
  if (conditions === undefined) return false;
  if (!byName.has(name))
    throw new UsageError(`space.when: expected names of variables (${[...byName.keys()].join(", ")}), got ${name}`);
  if (!isPlainObject(conditions))
    throw new UsageError(`space.when.${name}: expected conditions by path, got ${describe(conditions)}`);
  for (const [path, condition] of Object.entries(conditions)) {
    const asked = byName.get(path);
    if (asked === undefined)
      throw new UsageError(
        `space.when.${name}: expected paths of the space (${[...byName.keys()].join(", ")}), got ${path}`,
      );
    checkCondition(`space.when.${name}.${path}`, condition, asked);
  }
  return Object.keys(conditions).length > 0;
}

/**
 * The same space with `prefix` before every name: in variables, conditions, what is computed, and the names and paths of
 * constraints. `prefixedSpace(local, "coder/")` puts an agent's own space beside those of others. Throws `UsageError`
 * where that makes no names.
 */
export function prefixedSpace({ variables, when = {}, constraints = [] }: Space, prefix: string): Space {
  const rename = (path: string): string => `${prefix}${path}`;
  const renamed = (variable: Variable): Variable => ({
    ...(kindOf(variable).computed?.renamed(variable, rename) ?? variable),
    name: checkName(rename(variable.name)),
  });
  const conditions = Object.entries(when).map(
    ([name, asked]) =>
      [
        rename(name),
        Object.fromEntries(Object.entries(asked).map(([path, condition]) => [rename(path), condition])),
      ] as const,
  );
  return space(variables.map(renamed), {
    when: Object.fromEntries(conditions),
    constraints: constraints.map(({ name, expect }) => ({ name: rename(name), expect: renamedClaim(expect, rename) })),
  });
}

/**
 * The JSON Schema (draft 2020-12) of the space's configurations. A conditional variable is not required, and its
 * description says when it is there; a computed one neither, and it says from what. `validateConfiguration` is stricter
 * about both, and knows the constraints.
 */
export function spaceJsonSchema(space: Space): JsonObject {
  const properties = space.variables.map((variable) => [variable.name, propertyOf(space, variable)] as const);
  const required = space.variables
    .filter((variable) => kindOf(variable).computed === undefined && activityText(space, variable.name) === undefined)
    .map(({ name }) => name);
  return { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: false };
}

function propertyOf(space: Space, variable: Variable): JsonObject {
  const kind = kindOf(variable);
  const source = kind.computed && `Computed from ${kind.computed.inputs(variable).join(", ")}.`;
  const said = [variable.description, source, activityText(space, variable.name)].filter((text) => text !== undefined);
  return {
    ...kind.jsonSchema(variable),
    ...(said.length === 0 ? {} : { description: said.join(" ") }),
    ...(kind.computed === undefined ? { default: kind.default(variable) } : {}),
  };
}

function activityText(space: Space, name: string): string | undefined {
  const texts = Object.entries(conditionsOf(space, name)).map(([path, condition]) => conditionText(path, condition));
  return texts.length === 0 ? undefined : `Present only when ${texts.join(" and ")}.`;
}
