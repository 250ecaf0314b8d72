import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Coded, Definition, DefinitionOptions, Drawn, Listed, VariableKind } from "./definition.ts";
import { checkDistinctValues, indexOfValue, listed } from "./distinct-values.ts";

/** One of a few JSON values, without an order. */
export interface ChoiceVariable extends Definition {
  readonly kind: "choice";
  readonly options: readonly Json[];
  readonly weights?: readonly number[];
  readonly default?: Json;
}

export interface ChoiceOptions extends DefinitionOptions {
  /** How often each option is sampled, relative to the others; equal unless told. */
  readonly weights?: readonly number[];
  /** The first option unless told. */
  readonly default?: Json;
}

/** One of several values: `choice("adapter", ["chat", "json"])`. */
export function choice(name: string, options: readonly Json[], settings: ChoiceOptions = {}): ChoiceVariable {
  const variable: ChoiceVariable = { kind: "choice", options, ...defined(name, settings) };
  checkOptions(variable);
  if (variable.default !== undefined && !contains(variable, variable.default))
    throw new UsageError(`variable ${name}.default: ${expectation(variable)}, got ${describe(variable.default)}`);
  return variable;
}

export const choiceKind: VariableKind<ChoiceVariable> = {
  parse(definition) {
    const { options, ...settings } = definitionOptions(definition);
    return choice(definition["name"] as string, options as readonly Json[], settings);
  },
  default: (variable) => (variable.default === undefined ? (variable.options[0] as Json) : variable.default),
  expected: (variable, value) => (contains(variable, value) ? undefined : expectation(variable)),
  sample: ({ options, weights }, rng) => optionAt(options, rng.next(), weights),
  mutate: otherOption,
  canInclude: ({ options }, item) => options.some((option) => Array.isArray(option) && indexOfValue(option, item) >= 0),
  jsonSchema: (variable) => ({ enum: variable.options }),
  ...oneOf<ChoiceVariable>({ drawn: ({ options }) => options, weights: ({ weights }) => weights }),
};

/** Throws `UsageError` unless these are different options, with a weight for each where there are weights. */
function checkOptions({ name, options, weights }: Pick<ChoiceVariable, "name" | "options" | "weights">): void {
  checkDistinctValues(`variable ${name}.options`, options);
  if (weights === undefined) return;
  const positive = Array.isArray(weights) && weights.every((weight) => Number.isFinite(weight) && weight > 0);
  if (!positive || weights.length !== options.length)
    throw new UsageError(
      `variable ${name}.weights: expected ${options.length} positive numbers, got ${JSON.stringify(weights)}`,
    );
}

function contains({ options }: ChoiceVariable, value: unknown): boolean {
  return indexOfValue(options, value) >= 0;
}

function expectation({ options }: ChoiceVariable): string {
  return `expected one of ${listed(options)}`;
}

/** Another option by the weights; the same where there is no other. */
function otherOption({ options, weights }: Pick<ChoiceVariable, "options" | "weights">, value: Json, rng: Rng): Json {
  if (options.length === 1) return value;
  const now = indexOfValue(options, value);
  return optionAt(options.toSpliced(now, 1), rng.next(), weights?.toSpliced(now, 1));
}

/** The name of one of several implementations, which whoever builds the program looks up in its own registry. */
export interface ModuleVariable extends Definition {
  readonly kind: "module";
  readonly options: readonly string[];
  readonly weights?: readonly number[];
  readonly default?: string;
}

export interface ModuleOptions extends DefinitionOptions {
  /** How often each implementation is sampled, relative to the others; equal unless told. */
  readonly weights?: readonly number[];
  /** The first name unless told. */
  readonly default?: string;
}

/**
 * One of several implementations by name: `module("coder", ["python", "javascript"])`, or the registry itself,
 * `module("coder", { python, javascript })`, of which the names alone are kept. A name that is not there is refused.
 */
export function module(
  name: string,
  options: readonly string[] | Readonly<Record<string, unknown>>,
  settings: ModuleOptions = {},
): ModuleVariable {
  const names = isPlainObject(options) ? Object.keys(options) : options;
  const variable: ModuleVariable = { kind: "module", options: names, ...defined(name, settings) };
  checkOptions(variable);
  const wrong = names.find((each) => typeof each !== "string" || each === "");
  if (wrong !== undefined)
    throw new UsageError(`variable ${name}.options: expected names of modules, got ${describe(wrong)}`);
  const expected = variable.default === undefined ? undefined : moduleExpectation(variable, variable.default);
  if (expected !== undefined)
    throw new UsageError(`variable ${name}.default: ${expected}, got ${describe(variable.default)}`);
  return variable;
}

export const moduleKind: VariableKind<ModuleVariable> = {
  parse(definition) {
    const { options, ...settings } = definitionOptions(definition);
    if (!Array.isArray(options))
      throw new UsageError(`variable ${String(definition["name"])}.options: expected a list, got ${describe(options)}`);
    return module(definition["name"] as string, options as readonly string[], settings);
  },
  default: ({ options, default: told }) => told ?? (options[0] as string),
  expected: moduleExpectation,
  sample: ({ options, weights }, rng) => optionAt(options, rng.next(), weights),
  mutate: otherOption,
  jsonSchema: ({ options }) => ({ enum: options }),
  ...oneOf<ModuleVariable>({ drawn: ({ options }) => options, weights: ({ weights }) => weights }),
};

function moduleExpectation({ options }: ModuleVariable, value: unknown): string | undefined {
  return (options as readonly unknown[]).includes(value) ? undefined : `expected one of the modules ${listed(options)}`;
}

interface OneOf<V> {
  /** The different values that sampling draws from. */
  readonly drawn: (variable: V) => readonly Json[];
  /** How often each of them is drawn, relative to the others; equally often unless told. */
  readonly weights?: (variable: V) => readonly number[] | undefined;
  /** The different values that can be encoded; those that are drawn unless told. */
  readonly known?: (variable: V) => readonly Json[];
}

/** What kinds know whose value is one of a few without an order: a number for each, 1 for the one it is. */
export function oneOf<V>({ drawn, weights, known = drawn }: OneOf<V>): Listed<V> & Drawn<V> & Coded<V> {
  return {
    size: (variable) => drawn(variable).length,
    values: drawn,
    neighbours(variable, value) {
      const now = indexOfValue(drawn(variable), value);
      return drawn(variable).filter((_, index) => index !== now);
    },
    shares: () => 1,
    draw: (variable, [share = 0]) => optionAt(drawn(variable), share, weights?.(variable)),
    width: (variable) => known(variable).length,
    encode(variable, value) {
      const values = known(variable);
      const now = indexOfValue(values, value);
      return now < 0 ? undefined : values.map((_, index) => (index === now ? 1 : 0));
    },
    decode: (variable, numbers) => known(variable)[numbers.indexOf(Math.max(...numbers))] as Json,
  };
}

/** The option at a share from 0 to 1 of all options, each as wide as its weight. */
function optionAt<T>(options: readonly T[], share: number, weights?: readonly number[]): T {
  const shares = weights ?? options.map(() => 1);
  let rest = share * shares.reduce((sum, each) => sum + each, 0);
  const index = shares.findIndex((each) => (rest -= each) < 0);
  return options[index < 0 ? options.length - 1 : index] as T;
}
