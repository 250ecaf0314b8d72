import { describe, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";

/** What every variable has. */
export interface Definition {
  /** The path of its value in a configuration: `temperature`, `predict.demos`, `coder/temperature`. */
  readonly name: string;
  readonly description?: string;
}

/** What a kind of variable knows about itself. Everything that works on spaces goes through these five answers. */
export interface VariableKind<V> {
  /** Reads a definition from foreign JSON. Throws `UsageError` where it is none. */
  readonly parse: (definition: JsonObject) => V;
  /** The value a configuration gets when nobody chose one. */
  readonly default: (variable: V) => Json;
  /** What is expected, when the value does not fit; `undefined` when it fits. */
  readonly expected: (variable: V, value: unknown) => string | undefined;
  /** A random value that fits. */
  readonly sample: (variable: V, rng: Rng) => Json;
  readonly jsonSchema: (variable: V) => JsonObject;
}

const namePattern = /^[A-Za-z_][\w.\-/]*$/;

/** The common part of a definition, checked. */
export function checkName(name: unknown): string {
  if (typeof name !== "string" || !namePattern.test(name))
    throw new UsageError(
      `variable name: expected a letter or underscore, then letters, digits, "_", ".", "-" or "/", got ${describe(name)}`,
    );
  if (name in Object.prototype)
    throw new UsageError(`variable name: expected no name that every object has, got ${describe(name)}`);
  return name;
}

/** The keys of an options object that are present, so that absent ones stay absent in JSON. */
export function present<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** The entries of a definition from foreign JSON without its kind and name, as options for the constructor. */
export function definitionOptions(definition: JsonObject): JsonObject {
  const { kind: _kind, name: _name, ...options } = definition;
  return options;
}
