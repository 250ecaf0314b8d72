import { describe, integerBelow, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { neighbourNumber, neighbourWhole } from "./number-neighbour.ts";
import { place } from "./number-scale.ts";
import type { NumberScale } from "./number-scale.ts";

/** A real number in a closed range. */
export interface FloatVariable extends Definition, NumberOptions {
  readonly kind: "float";
}

/** A whole number in a closed range. */
export interface IntegerVariable extends Definition, NumberOptions {
  readonly kind: "integer";
}

export interface NumberOptions extends DefinitionOptions, NumberScale {
  /** The middle of the range unless told (the geometric middle with `log`), rounded to the step. */
  readonly default?: number;
}

/** A real number: `float("temperature", { min: 0, max: 2 })`. */
export function float(name: string, options: NumberOptions): FloatVariable {
  return checked({ kind: "float", ...defined(name, options) }, Number.isFinite, "a finite number");
}

/** A whole number: `integer("demos", { min: 0, max: 16 })`. */
export function integer(name: string, options: NumberOptions): IntegerVariable {
  return checked({ kind: "integer", ...defined(name, options) }, Number.isInteger, "a whole number");
}

export const floatKind: VariableKind<FloatVariable> = {
  parse: (definition) => float(definition["name"] as string, definitionOptions(definition) as unknown as NumberOptions),
  default: defaultNumber,
  expected: (variable, value) => (fits(variable, value) ? undefined : expectation(variable, "a number")),
  sample: (variable, rng) => place(variable, rng.next()),
  mutate: (variable, value, rng) => neighbourNumber(variable, value as number, rng),
  jsonSchema: (variable) => ({ type: "number", ...bounds(variable) }),
};

export const integerKind: VariableKind<IntegerVariable> = {
  parse: (definition) =>
    integer(definition["name"] as string, definitionOptions(definition) as unknown as NumberOptions),
  default: (variable) => Math.round(defaultNumber(variable)),
  expected: (variable, value) =>
    Number.isInteger(value) && fits(variable, value) ? undefined : expectation(variable, "a whole number"),
  sample(variable, rng) {
    if (variable.log === true) return Math.round(place(variable, rng.next()));
    const step = variable.step ?? 1;
    return variable.min + step * integerBelow(rng, Math.floor((variable.max - variable.min) / step) + 1);
  },
  mutate: (variable, value, rng) => neighbourWhole(variable, value as number, rng),
  jsonSchema: (variable) => ({ type: "integer", ...bounds(variable) }),
};

function checked<V extends FloatVariable | IntegerVariable>(
  variable: V,
  accepts: (value: number) => boolean,
  what: string,
): V {
  const { name, min, max, step, log } = variable;
  if (log !== undefined && typeof log !== "boolean")
    throw new UsageError(`variable ${name}.log: expected true or false, got ${describe(log)}`);
  for (const key of ["min", "max", "step", "default"] as const) {
    const value = variable[key];
    if (value === undefined && (key === "step" || key === "default")) continue;
    if (typeof value !== "number" || !accepts(value))
      throw new UsageError(`variable ${name}.${key}: expected ${what}, got ${describe(value)}`);
  }
  if (min > max) throw new UsageError(`variable ${name}: min ${min} is greater than max ${max}`);
  if (step !== undefined && step <= 0) throw new UsageError(`variable ${name}.step: expected more than 0, got ${step}`);
  if (log === true && (min <= 0 || step !== undefined))
    throw new UsageError(`variable ${name}.log: expected min > 0 and no step, got min ${min}, step ${step ?? "none"}`);
  if (variable.default !== undefined && !fits(variable, variable.default))
    throw new UsageError(`variable ${name}.default: ${expectation(variable, what)}, got ${variable.default}`);
  return variable;
}

function defaultNumber(variable: FloatVariable | IntegerVariable): number {
  return variable.default ?? place(variable, 0.5);
}

function fits({ min, max, step }: NumberOptions, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max) return false;
  if (step === undefined) return true;
  const count = (value - min) / step;
  return Math.abs(count - Math.round(count)) < 1e-6;
}

function expectation({ min, max, step }: NumberOptions, what: string): string {
  return `expected ${what} from ${min} to ${max}${step === undefined ? "" : ` in steps of ${step}`}`;
}

function bounds({ min, max, step }: NumberOptions): JsonObject {
  const onMultiples = step !== undefined && Number.isInteger(min / step);
  return { minimum: min, maximum: max, ...(onMultiples ? { multipleOf: step } : {}) };
}
