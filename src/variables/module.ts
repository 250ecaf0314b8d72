import { describe, isPlainObject, UsageError } from "#foundation";
import { checkOptions, otherOption } from "./choice.ts";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { listed } from "./distinct-values.ts";
import { oneOf, optionAt } from "./traits/one-of.ts";

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
  const expected = variable.default === undefined ? undefined : expectation(variable, variable.default);
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
  expected: expectation,
  sample: ({ options, weights }, rng) => optionAt(options, rng.next(), weights),
  mutate: otherOption,
  jsonSchema: ({ options }) => ({ enum: options }),
  ...oneOf<ModuleVariable>({ drawn: ({ options }) => options, weights: ({ weights }) => weights }),
};

function expectation({ options }: ModuleVariable, value: unknown): string | undefined {
  return (options as readonly unknown[]).includes(value) ? undefined : `expected one of the modules ${listed(options)}`;
}
