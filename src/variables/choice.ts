import { describe, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { checkDistinctValues, indexOfValue, listed } from "./distinct-values.ts";
import { oneOf, optionAt } from "./traits/one-of.ts";

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
export function checkOptions({ name, options, weights }: Pick<ChoiceVariable, "name" | "options" | "weights">): void {
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
export function otherOption(
  { options, weights }: Pick<ChoiceVariable, "options" | "weights">,
  value: Json,
  rng: Rng,
): Json {
  if (options.length === 1) return value;
  const now = indexOfValue(options, value);
  return optionAt(options.toSpliced(now, 1), rng.next(), weights?.toSpliced(now, 1));
}
