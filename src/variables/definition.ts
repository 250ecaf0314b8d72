import { describe, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";

/** What every variable may be told besides its values. */
export interface DefinitionOptions {
  readonly description?: string;
  /** What belongs together for whoever changes one aspect at a time: `topology`, `resources`. */
  readonly group?: string;
}

/** What every variable has. */
export interface Definition extends DefinitionOptions {
  /** The path of its value in a configuration: `temperature`, `predict.demos`, `coder/temperature`. */
  readonly name: string;
}

/** What a kind of variable knows about itself. Everything that works on spaces goes through these answers. */
export interface VariableKind<V> {
  /** Reads a definition from foreign JSON. Throws `UsageError` where it is none. */
  readonly parse: (definition: JsonObject) => V;
  /** The value a configuration gets when nobody chose one. */
  readonly default: (variable: V) => Json;
  /** What is expected, when the value does not fit; `undefined` when it fits. */
  readonly expected: (variable: V, value: unknown) => string | undefined;
  /** A random value that fits. */
  readonly sample: (variable: V, rng: Rng) => Json;
  /** A fitting value near one that fits. It differs where the definition knows of another one. */
  readonly mutate: (variable: V, value: Json, rng: Rng) => Json;
  /** Whether a value may be a list with this item; absent where no value is a list. */
  readonly canInclude?: (variable: V, item: Json) => boolean;
  readonly jsonSchema: (variable: V) => JsonObject;
}

const namePattern = /^[A-Za-z_][\w.\-/]*$/;

/** The common part of a definition, checked, with the options that are present: absent ones stay absent in JSON. */
export function defined<T extends DefinitionOptions>(name: unknown, options: T): T & { readonly name: string } {
  const checked = checkName(name);
  const { group } = options;
  if (group !== undefined && (typeof group !== "string" || group === ""))
    throw new UsageError(`variable ${checked}.group: expected a text that is not empty, got ${describe(group)}`);
  const present = Object.entries(options).filter(([, value]) => value !== undefined);
  return { name: checked, ...(Object.fromEntries(present) as T) };
}

function checkName(name: unknown): string {
  if (typeof name !== "string" || !namePattern.test(name))
    throw new UsageError(
      `variable name: expected a letter or underscore, then letters, digits, "_", ".", "-" or "/", got ${describe(name)}`,
    );
  if (name in Object.prototype)
    throw new UsageError(`variable name: expected no name that every object has, got ${describe(name)}`);
  return name;
}

/** The entries of a definition from foreign JSON without its kind and name, as options for the constructor. */
export function definitionOptions(definition: JsonObject): JsonObject {
  const { kind: _kind, name: _name, ...options } = definition;
  return options;
}
