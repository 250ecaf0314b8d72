import { canonicalJson, describe, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";

/** Throws `UsageError` unless this is a list of different JSON values, at least one; `where` names it. */
export function checkDistinctValues(where: string, values: unknown): void {
  if (!Array.isArray(values) || values.length === 0)
    throw new UsageError(`${where}: expected at least one value, got ${describe(values)}`);
  const defect = jsonDefect(values);
  if (defect !== undefined) throw new UsageError(`${where}: expected JSON values, but ${defect}`);
  if (new Set(values.map((value: Json) => canonicalJson(value))).size < values.length)
    throw new UsageError(`${where}: expected different values, got one of them twice`);
}

/** Where a value stands among others, lists and objects compared by what they hold; -1 where it does not. */
export function indexOfValue(values: readonly Json[], value: unknown): number {
  if (typeof value !== "object" || value === null) return values.indexOf(value as Json);
  if (jsonDefect(value) !== undefined) return -1;
  const text = canonicalJson(value as Json);
  return values.findIndex((other) => canonicalJson(other) === text);
}

/** Whether two JSON values are equal, whatever the order of their keys. */
export function isSameValue(one: Json, other: Json): boolean {
  return indexOfValue([one], other) === 0;
}

/** The values as they stand in an error message. */
export function listed(values: readonly Json[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}
