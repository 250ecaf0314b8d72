import { describe, isPlainObject } from "#foundation";
import { invalid } from "./openai-error.ts";
import type { Refusal } from "./openai-error.ts";

/** Reads the fields of a JSON body one by one; the first defect ends it. */
export interface BodyReader {
  /** `undefined` and `null` mean absent. */
  value(name: string): unknown;
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  number(name: string, range: NumberRange): number | undefined;
  object(name: string): Readonly<Record<string, unknown>> | undefined;
  list(name: string): readonly unknown[] | undefined;
}

interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** Whether `min` itself is too small. */
  readonly aboveMin?: boolean;
}

/** What is thrown inside the reading of a body, and caught where it began. */
export class Defect extends Error {
  override readonly name = "Defect";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function defect(param: string, expected: string, received: unknown): Defect {
  return new Defect(invalid(param, `${param}: expected ${expected}, got ${describe(received)}`, "invalid_type"));
}

export function bodyReader(body: Readonly<Record<string, unknown>>, at = ""): BodyReader {
  const value = (name: string): unknown => {
    const found = Object.hasOwn(body, name) ? body[name] : undefined;
    return found === null ? undefined : found;
  };
  function read<T>(name: string, expected: string, is: (found: unknown) => found is T): T | undefined {
    const found = value(name);
    if (found === undefined) return undefined;
    if (!is(found)) throw defect(`${at}${name}`, expected, found);
    return found;
  }
  return {
    value,
    text: (name) => read(name, "a text", (found) => typeof found === "string"),
    flag: (name) => read(name, "true or false", (found) => typeof found === "boolean"),
    number: (name, range) =>
      read(name, rangeText(range), (found): found is number => typeof found === "number" && isInRange(found, range)),
    object: (name) =>
      read(name, "an object", (found): found is Readonly<Record<string, unknown>> => isPlainObject(found)),
    list: (name) => read(name, "a list", (found): found is readonly unknown[] => Array.isArray(found)),
  };
}

function isInRange(value: number, { min, max, whole = false, aboveMin = false }: NumberRange): boolean {
  return (
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    !(aboveMin && value === min) &&
    (!whole || Number.isInteger(value))
  );
}

function rangeText({ min, max, whole = false, aboveMin = false }: NumberRange): string {
  const kind = whole ? "a whole number" : "a number";
  return `${kind} ${aboveMin ? "above" : "from"} ${min} ${aboveMin ? "up to" : "to"} ${max}`;
}
