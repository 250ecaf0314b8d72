import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { indexOfValue, isSameValue, listed } from "./distinct-values.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * What the value of another variable must be: this scalar, this value, one of these, a list with this item, or all of
 * several such conditions.
 */
export type Condition =
  | string
  | number
  | boolean
  | null
  | { readonly is: Json }
  | { readonly oneOf: readonly Json[] }
  | { readonly includes: Json }
  | { readonly all: readonly Condition[] };

/** Conditions by the path of the variable whose value they ask for. All must hold. */
export type Conditions = Readonly<Record<string, Condition>>;

/** Whether a value is as the condition wants it. */
export function meets(condition: Condition, value: Json): boolean {
  if (typeof condition !== "object" || condition === null) return condition === value;
  if ("is" in condition) return isSameValue(condition.is, value);
  if ("oneOf" in condition) return indexOfValue(condition.oneOf, value) >= 0;
  if ("includes" in condition) return Array.isArray(value) && indexOfValue(value, condition.includes) >= 0;
  return condition.all.every((each) => meets(each, value));
}

/** The condition that both make together. */
export function both(one: Condition, other: Condition): Condition {
  return isSameValue(one, other) ? one : { all: [one, other] };
}

/** A condition in words: `net.pattern is one of "ring", "star"`. */
export function conditionText(path: string, condition: Condition): string {
  if (typeof condition !== "object" || condition === null) return `${path} is ${JSON.stringify(condition)}`;
  if ("is" in condition) return `${path} is ${JSON.stringify(condition.is)}`;
  if ("oneOf" in condition) return `${path} is one of ${listed(condition.oneOf)}`;
  if ("includes" in condition) return `${path} includes ${JSON.stringify(condition.includes)}`;
  return condition.all.map((each) => conditionText(path, each)).join(" and ");
}

/** Why the condition does not hold: `net.pattern is "ring"`; `undefined` where it holds. */
export function objection(path: string, condition: Condition, value: Json | undefined): string | undefined {
  if (value === undefined) return `${path} is absent`;
  if (meets(condition, value)) return undefined;
  if (typeof condition === "object" && condition !== null) {
    if ("all" in condition) return condition.all.map((each) => objection(path, each, value)).find(Boolean);
    if ("includes" in condition) return `${path} does not include ${JSON.stringify(condition.includes)}`;
  }
  return `${path} is ${describe(value)}`;
}

/** Throws `UsageError` when this is no condition, or one that the variable can never meet; `where` names it. */
export function checkCondition(where: string, condition: unknown, variable: Variable): void {
  const defect = jsonDefect(condition);
  if (defect !== undefined) throw new UsageError(`${where}: expected a condition in JSON, but ${defect}`);
  if (typeof condition !== "object" || condition === null) return checkPossible(where, condition as Json, variable);
  const entries = isPlainObject(condition) ? Object.entries(condition).filter(([, told]) => told !== undefined) : [];
  const [form, told] = entries[0] ?? [];
  if (entries.length === 1 && form === "is") return checkPossible(where, told as Json, variable);
  if (entries.length === 1 && form === "includes") return checkIncludable(where, told as Json, variable);
  if (entries.length === 1 && Array.isArray(told) && told.length > 0) {
    if (form === "oneOf") return told.forEach((value) => checkPossible(where, value as Json, variable));
    if (form === "all") return told.forEach((each) => checkCondition(where, each, variable));
  }
  throw new UsageError(
    `${where}: expected a scalar, { is }, { oneOf: […] }, { includes } or { all: […] }, got ${describe(condition)}`,
  );
}

function checkPossible(where: string, value: Json, variable: Variable): void {
  const expected = kindOf(variable).expected(variable, value);
  if (expected !== undefined)
    throw new UsageError(`${where}: ${variable.name} can never be ${JSON.stringify(value)}: ${expected}`);
}

function checkIncludable(where: string, item: Json, variable: Variable): void {
  if (kindOf(variable).canInclude?.(variable, item) !== true)
    throw new UsageError(`${where}: ${variable.name} can never include ${JSON.stringify(item)}`);
}
