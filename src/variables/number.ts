import { describe, integerBelow, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Definition, DefinitionOptions, VariableKind } from "./definition.ts";
import { decimalEnds, gridOf, neighbourNumber, neighbourWhole, numberRange, place } from "./number-range.ts";
import type { NumberScale } from "./number-range.ts";

/** A real number in a closed range. */
export interface FloatVariable extends Definition, FloatOptions {
  readonly kind: "float";
}

/** A whole number in a closed range. */
export interface IntegerVariable extends Definition, NumberOptions {
  readonly kind: "integer";
}

export interface NumberOptions extends DefinitionOptions, Omit<NumberScale, "precision"> {
  /** The middle of the range unless told (the geometric middle with `log`), rounded to the step. */
  readonly default?: number;
}

export interface FloatOptions extends NumberOptions {
  /** How many decimal digits values have, from 0 to 15; as many as a number holds unless told. Not with `step`. */
  readonly precision?: number;
}

/** A real number: `float("temperature", { min: 0, max: 2, precision: 2 })`. */
export function float(name: string, options: FloatOptions): FloatVariable {
  const variable: FloatVariable = { kind: "float", ...defined(name, options) };
  checkPrecision(variable);
  return checked(variable, Number.isFinite, "a finite number");
}

/** A whole number: `integer("demos", { min: 0, max: 16 })`. */
export function integer(name: string, options: NumberOptions): IntegerVariable {
  const variable: IntegerVariable = { kind: "integer", ...defined(name, options) };
  if ("precision" in variable)
    throw new UsageError(`variable ${name}.precision: expected none, since whole numbers have no decimal digits`);
  return checked(variable, Number.isInteger, "a whole number");
}

export const floatKind: VariableKind<FloatVariable> = {
  parse: (definition) => float(definition["name"] as string, definitionOptions(definition) as unknown as NumberOptions),
  default: defaultNumber,
  expected: (variable, value) => (fits(variable, value) ? undefined : expectation(variable, "a number")),
  nearest: withItsDigits,
  sample: (variable, rng) => place(variable, rng.next()),
  mutate: (variable, value, rng) => neighbourNumber(variable, value as number, rng),
  jsonSchema: (variable) => ({ type: "number", ...bounds(variable) }),
  ...numberRange<FloatVariable>((variable) => variable),
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
  ...numberRange<IntegerVariable>(({ min, max, step = 1, log }) => ({
    min,
    max,
    step,
    ...(log === true ? { log } : {}),
  })),
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

function checkPrecision({ name, min, max, step, precision }: FloatVariable): void {
  if (precision === undefined) return;
  if (!Number.isInteger(precision) || precision < 0 || precision > 15)
    throw new UsageError(
      `variable ${name}.precision: expected a whole number of digits from 0 to 15, got ${describe(precision)}`,
    );
  if (step !== undefined)
    throw new UsageError(`variable ${name}.precision: expected no step, which tells the values already, got ${step}`);
  const { first, last } = decimalEnds(min, max, precision);
  if (first > last || !Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    throw new UsageError(
      `variable ${name}.precision: expected a range with numbers of ${precision} digits, got ${min} to ${max}`,
    );
}

/** A number of the range that only has too many digits, rounded. */
function withItsDigits(variable: FloatVariable, value: Json): Json | undefined {
  const { min, max, precision } = variable;
  if (precision === undefined || typeof value !== "number" || !(value >= min && value <= max)) return undefined;
  const grid = gridOf(variable);
  return grid?.at(grid.countOf(value));
}

function defaultNumber(variable: FloatVariable | IntegerVariable): number {
  return variable.default ?? place(variable, 0.5);
}

function fits({ min, max, step, precision }: FloatOptions, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max) return false;
  if (precision !== undefined) return Number(value.toFixed(precision)) === value;
  if (step === undefined) return true;
  const count = (value - min) / step;
  return Math.abs(count - Math.round(count)) < 1e-6;
}

function expectation({ min, max, step, precision }: FloatOptions, what: string): string {
  const digits = precision === undefined ? "" : ` with at most ${precision} decimal digits`;
  return `expected ${what} from ${min} to ${max}${step === undefined ? "" : ` in steps of ${step}`}${digits}`;
}

function bounds({ min, max, step, precision }: FloatOptions): JsonObject {
  const unit = precision === undefined ? step : 1 / 10 ** precision;
  const isMultiple = unit !== undefined && (precision !== undefined || Number.isInteger(min / unit));
  return { minimum: min, maximum: max, ...(isMultiple ? { multipleOf: unit } : {}) };
}
