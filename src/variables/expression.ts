import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { isSameValue } from "./distinct-values.ts";

/**
 * What is computed from the values of a configuration, as plain JSON: the value at a path, a number, any value as it is,
 * arithmetic, the length of a list, a text with `{path}` in it, or one value for another.
 */
export type Expression =
  | string
  | number
  | { readonly value: Json }
  | { readonly sum: readonly Expression[] }
  | { readonly product: readonly Expression[] }
  | { readonly min: readonly Expression[] }
  | { readonly max: readonly Expression[] }
  | { readonly count: string }
  | { readonly template: string }
  | { readonly map: ValueMap };

/** One value for another: `{ path: "model", cases: [["small", 1], ["large", 5]], otherwise: 3 }`. */
export interface ValueMap {
  readonly path: string;
  /** What the value is, and what it is turned into. */
  readonly cases: readonly (readonly [is: Json, to: Json])[];
  /** For every other value; nothing unless told. */
  readonly otherwise?: Json;
}

type Values = ReadonlyMap<string, Json>;

const arithmetic: Readonly<Record<string, (numbers: readonly number[]) => number>> = {
  sum,
  product: (numbers) => numbers.reduce((product, each) => product * each, 1),
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
};
const forms = ["value", ...Object.keys(arithmetic), "count", "template", "map"];
const reference = /\{([A-Za-z_][\w.\-/]*)\}/g;

/**
 * The value; `undefined` where there is nothing to compute. Arithmetic leaves out what is absent or no number, and is
 * absent where nothing is left; a template is absent where one of its values is.
 */
export function evaluate(expression: Expression, values: Values): Json | undefined {
  if (typeof expression === "string") return values.get(expression);
  if (typeof expression === "number") return expression;
  if ("value" in expression) return expression.value;
  if ("count" in expression) {
    const list = values.get(expression.count);
    return Array.isArray(list) ? list.length : undefined;
  }
  if ("template" in expression) return filled(expression.template, values);
  if ("map" in expression) return mapped(expression.map, values);
  const [[form, operands]] = Object.entries(expression) as [[string, readonly Expression[]]];
  const numbers = operands.map((each) => evaluate(each, values)).filter((value) => typeof value === "number");
  const result = numbers.length === 0 ? undefined : arithmetic[form]?.(numbers);
  return result === undefined || !Number.isFinite(result) ? undefined : result;
}

/** The paths whose values it needs, each once. */
export function pathsOf(expression: Expression): readonly string[] {
  if (typeof expression === "string") return [expression];
  if (typeof expression === "number" || "value" in expression) return [];
  if ("count" in expression) return [expression.count];
  if ("map" in expression) return [expression.map.path];
  if ("template" in expression)
    return [...new Set(expression.template.matchAll(reference).map(([, path]) => path as string))];
  return [...new Set(operandsOf(expression).flatMap(pathsOf))];
}

/** The same expression over other paths. */
export function renamedExpression(expression: Expression, rename: (path: string) => string): Expression {
  if (typeof expression === "string") return rename(expression);
  if (typeof expression === "number" || "value" in expression) return expression;
  if ("count" in expression) return { count: rename(expression.count) };
  if ("map" in expression) return { map: { ...expression.map, path: rename(expression.map.path) } };
  if ("template" in expression)
    return { template: expression.template.replace(reference, (_, path: string) => `{${rename(path)}}`) };
  const [form = ""] = Object.keys(expression);
  const operands = operandsOf(expression).map((each) => renamedExpression(each, rename));
  return { [form]: operands } as unknown as Expression;
}

/** The paths that have to be numbers. */
export function numericPathsOf(expression: Expression): readonly string[] {
  if (typeof expression === "string") return [expression];
  return typeof expression === "number" ? [] : operandsOf(expression).flatMap(numericPathsOf);
}

/** The expression in words: `the sum of a and b`. */
export function expressionText(expression: Expression): string {
  if (typeof expression === "string") return expression;
  if (typeof expression === "number") return String(expression);
  if ("value" in expression) return JSON.stringify(expression.value);
  if ("count" in expression) return `the number of ${expression.count}`;
  if ("template" in expression) return JSON.stringify(expression.template);
  if ("map" in expression) return `what ${expression.map.path} stands for`;
  return `the ${Object.keys(expression)[0]} of ${operandsOf(expression).map(expressionText).join(" and ")}`;
}

/** Throws `UsageError` where this is no expression; `where` names it. */
export function checkExpression(where: string, expression: unknown): void {
  const defect = jsonDefect(expression);
  if (defect !== undefined) throw new UsageError(`${where}: expected an expression in JSON, but ${defect}`);
  if (typeof expression === "string" || typeof expression === "number") return;
  const entries = isPlainObject(expression) ? Object.entries(expression).filter(([, told]) => told !== undefined) : [];
  const [form = "", told] = entries[0] ?? [];
  if (entries.length === 1) {
    if (form === "value") return;
    if ((form === "count" || form === "template") && typeof told === "string") return;
    if (form === "map") return checkMap(`${where}.map`, told);
    if (Object.hasOwn(arithmetic, form) && Array.isArray(told))
      return told.forEach((each, index) => checkExpression(`${where}.${form}[${index}]`, each));
  }
  throw new UsageError(
    `${where}: expected a path, a number or an object with one of ${forms.join(", ")}, got ${describe(expression)}`,
  );
}

function checkMap(where: string, told: unknown): void {
  const cases = isPlainObject(told) && typeof told["path"] === "string" ? told["cases"] : undefined;
  if (!Array.isArray(cases) || !cases.every((each) => Array.isArray(each) && each.length === 2))
    throw new UsageError(`${where}: expected { path, cases: [[is, to], …], otherwise? }, got ${describe(told)}`);
}

function operandsOf(expression: Exclude<Expression, string | number>): readonly Expression[] {
  const [form, told] = Object.entries(expression)[0] ?? [];
  return form !== undefined && Object.hasOwn(arithmetic, form) ? (told as readonly Expression[]) : [];
}

function filled(template: string, values: Values): string | undefined {
  let isWhole = true;
  const text = template.replace(reference, (_, path: string) => {
    const value = values.get(path);
    if (value === undefined) isWhole = false;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
  return isWhole ? text : undefined;
}

function mapped({ path, cases, otherwise }: ValueMap, values: Values): Json | undefined {
  const value = values.get(path);
  if (value === undefined) return undefined;
  const found = cases.find(([is]) => isSameValue(is, value));
  return found === undefined ? otherwise : found[1];
}

/** The sum without the binary dust of decimals: 0.7 + 0.2 + 0.1 is 1. */
function sum(numbers: readonly number[]): number {
  const plain = numbers.reduce((total, each) => total + each, 0);
  const neat = Number(plain.toPrecision(14));
  const dust = 4 * Number.EPSILON * numbers.reduce((total, each) => total + Math.abs(each), 0);
  return Math.abs(neat - plain) <= dust ? neat : plain;
}
