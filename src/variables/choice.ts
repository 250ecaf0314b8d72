import { canonicalJson, describe, jsonDefect, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { checkName, definitionOptions, present } from "./definition.ts";
import type { Definition, VariableKind } from "./definition.ts";

/** One of a few JSON values, without an order. */
export interface ChoiceVariable extends Definition {
  readonly kind: "choice";
  readonly options: readonly Json[];
  readonly weights?: readonly number[];
  readonly default?: Json;
}

export interface ChoiceOptions {
  /** How often each option is sampled, relative to the others; equal unless told. */
  readonly weights?: readonly number[];
  /** The first option unless told. */
  readonly default?: Json;
  readonly description?: string;
}

/** One of several values: `choice("adapter", ["chat", "json"])`. */
export function choice(name: string, options: readonly Json[], settings: ChoiceOptions = {}): ChoiceVariable {
  const variable: ChoiceVariable = { kind: "choice", name: checkName(name), options, ...present(settings) };
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
  jsonSchema: (variable) => ({ enum: variable.options }),
};

function checkOptions({ name, options, weights }: ChoiceVariable): void {
  if (!Array.isArray(options) || options.length === 0)
    throw new UsageError(`variable ${name}.options: expected at least one value, got ${describe(options)}`);
  const defect = jsonDefect(options);
  if (defect !== undefined) throw new UsageError(`variable ${name}.options: expected JSON values, but ${defect}`);
  if (new Set(options.map((option) => canonicalJson(option))).size < options.length)
    throw new UsageError(`variable ${name}.options: expected different values, got one of them twice`);
  if (weights === undefined) return;
  const positive = Array.isArray(weights) && weights.every((weight) => Number.isFinite(weight) && weight > 0);
  if (!positive || weights.length !== options.length)
    throw new UsageError(
      `variable ${name}.weights: expected ${options.length} positive numbers, got ${JSON.stringify(weights)}`,
    );
}

function contains({ options }: ChoiceVariable, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return options.includes(value as Json);
  if (jsonDefect(value) !== undefined) return false;
  const text = canonicalJson(value as Json);
  return options.some((option) => canonicalJson(option) === text);
}

function expectation({ options }: ChoiceVariable): string {
  return `expected one of ${options.map((option) => JSON.stringify(option)).join(", ")}`;
}

function sampleOption({ options, weights }: ChoiceVariable, rng: Rng): Json {
  const shares = weights ?? options.map(() => 1);
  let rest = rng.next() * shares.reduce((sum, share) => sum + share, 0);
  const index = shares.findIndex((share) => (rest -= share) < 0);
  return options[index < 0 ? options.length - 1 : index] as Json;
}
