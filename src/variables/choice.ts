import { describe, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
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
  sample: sampleOption,
  mutate(variable, value, rng) {
    const { options, weights = options.map(() => 1) } = variable;
    const now = indexOfValue(options, value);
    if (options.length === 1) return value;
    return sampleOption({ options: options.toSpliced(now, 1), weights: weights.toSpliced(now, 1) }, rng);
  },
  canInclude: ({ options }, item) => options.some((option) => Array.isArray(option) && indexOfValue(option, item) >= 0),
  jsonSchema: (variable) => ({ enum: variable.options }),
};

function checkOptions({ name, options, weights }: ChoiceVariable): void {
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

function sampleOption({ options, weights }: Pick<ChoiceVariable, "options" | "weights">, rng: Rng): Json {
  const shares = weights ?? options.map(() => 1);
  let rest = rng.next() * shares.reduce((sum, share) => sum + share, 0);
  const index = shares.findIndex((share) => (rest -= share) < 0);
  return options[index < 0 ? options.length - 1 : index] as Json;
}
