import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import type { Configuration } from "./configuration.ts";
import { kindOf, parseVariable } from "./variable.ts";
import type { Variable } from "./variable.ts";

/** The variables that an optimiser may set, as plain data. */
export interface Space {
  readonly variables: readonly Variable[];
}

/** One defect of a configuration. */
export interface Issue {
  /** The configuration's path. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

export type Validation =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A space of these variables. Throws `UsageError` when two have one name. */
export function space(variables: readonly Variable[]): Space {
  const names = new Set<string>();
  for (const { name } of variables) {
    if (names.has(name)) throw new UsageError(`space: two variables have the name ${name}`);
    names.add(name);
  }
  return { variables };
}

/** A space from foreign JSON, as `JSON.stringify(space)` wrote it. */
export function parseSpace(value: unknown): Space {
  if (!isPlainObject(value) || !Array.isArray(value["variables"]))
    throw new UsageError(`space: expected { variables: […] }, got ${describe(value)}`);
  return space(value["variables"].map((definition, index) => parseVariable(definition, `space.variables[${index}]`)));
}

/** The default value of every variable. */
export function defaultConfiguration({ variables }: Space): Configuration {
  return fill(variables, (variable) => kindOf(variable).default(variable));
}

/** A random configuration. Each variable draws from its own fork: a new variable leaves the others' samples alone. */
export function sampleConfiguration({ variables }: Space, rng: Rng): Configuration {
  return fill(variables, (variable) => kindOf(variable).sample(variable, rng.fork(variable.name)));
}

/** Whether a configuration has a fitting value for every variable and no other path. */
export function validateConfiguration({ variables }: Space, value: unknown): Validation {
  if (!isPlainObject(value))
    return { ok: false, issues: [{ path: "", expected: "expected an object", received: describe(value) }] };
  const issues: Issue[] = [];
  for (const variable of variables) {
    const { name } = variable;
    const expected = kindOf(variable).expected(variable, value[name]);
    if (expected !== undefined) issues.push({ path: name, expected, received: describe(value[name]) });
  }
  const known = new Set(variables.map(({ name }) => name));
  for (const path of Object.keys(value)) {
    if (known.has(path)) continue;
    issues.push({ path, expected: `expected one of ${[...known].join(", ")}`, received: "an unknown path" });
  }
  return issues.length === 0 ? { ok: true, configuration: value as Configuration } : { ok: false, issues };
}

/** The JSON Schema (draft 2020-12) of the space's configurations. */
export function spaceJsonSchema({ variables }: Space): JsonObject {
  const properties = fill(variables, (variable) => ({
    ...kindOf(variable).jsonSchema(variable),
    ...(variable.description === undefined ? {} : { description: variable.description }),
    default: kindOf(variable).default(variable),
  }));
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function fill(variables: readonly Variable[], value: (variable: Variable) => Json): Configuration {
  return Object.fromEntries(variables.map((variable) => [variable.name, value(variable)]));
}
