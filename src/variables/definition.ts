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
export interface VariableKind<V> extends Listed<V>, Drawn<V>, Coded<V> {
  /** Reads a definition from foreign JSON. Throws `UsageError` where it is none. */
  readonly parse: (definition: JsonObject) => V;
  /** The value a configuration gets when nobody chose one. */
  readonly default: (variable: V) => Json;
  /** What is expected, when the value does not fit; `undefined` when it fits. */
  readonly expected: (variable: V, value: unknown) => string | undefined;
  /** The fitting value that one that does not fit stands for; absent or `undefined` where it stands for none. */
  readonly nearest?: (variable: V, value: Json) => Json | undefined;
  /** A random value that fits. */
  readonly sample: (variable: V, rng: Rng) => Json;
  /** A fitting value near one that fits. It differs where the definition knows of another one. */
  readonly mutate: (variable: V, value: Json, rng: Rng) => Json;
  /** Whether a value may be a list with this item; absent where no value is a list. */
  readonly canInclude?: (variable: V, item: Json) => boolean;
  readonly jsonSchema: (variable: V) => JsonObject;
  /** Where values are not chosen but computed: from which paths, and what. */
  readonly computed?: Computed<V>;
}

interface Computed<V> {
  /** The paths of the values that it needs. */
  readonly inputs: (variable: V) => readonly string[];
  /** The value; `undefined` where the inputs leave nothing to compute. */
  readonly compute: (variable: V, values: ReadonlyMap<string, Json>) => Json | undefined;
  /** The same, computed from values at other paths. */
  readonly renamed: (variable: V, rename: (path: string) => string) => V;
}

/** The values that sampling can give, one after another. */
export interface Listed<V> {
  /** How many they are; `Infinity` for a continuum. */
  readonly size: (variable: V) => number;
  /** Each once, in a fixed order; asked for only where there are finitely many. */
  readonly values: (variable: V) => Iterable<Json>;
  /** The different values one step away from a fitting one. */
  readonly neighbours: (variable: V, value: Json) => readonly Json[];
}

/** Values from evenly spread numbers, as sampling would spread them. */
export interface Drawn<V> {
  /** How many numbers decide a value; the first decides most. */
  readonly shares: (variable: V) => number;
  /** The value for that many numbers in [0, 1). */
  readonly draw: (variable: V, shares: readonly number[]) => Json;
}

/** Values as numbers for whoever searches. */
export interface Coded<V> {
  /** How many numbers stand for a value. */
  readonly width: (variable: V) => number;
  /** Whether these numbers lose digits, so that the value itself is kept beside them. */
  readonly isRounded?: true;
  /** A fitting value in numbers; `undefined` where it is none of the known ones. */
  readonly encode: (variable: V, value: Json) => readonly number[] | undefined;
  /** The fitting value nearest to any finite numbers. */
  readonly decode: (variable: V, numbers: readonly number[]) => Json;
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

/** The name, if it is one. Throws `UsageError` otherwise. */
export function checkName(name: unknown): string {
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
