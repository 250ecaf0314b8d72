import { describe, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";

/** A name of anything stored: some well-formed text without NUL, which every engine keeps as it is. */
export function checkName(what: string, name: string): void {
  if (typeof name === "string" && name !== "" && name.isWellFormed() && !name.includes("\0")) return;
  throw new UsageError(`${what}: expected a non-empty text of well-formed Unicode without NUL, got ${describe(name)}`);
}

/** A length, position, limit or revision. */
export function checkCount(what: string, count: number | undefined): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= 0)) return;
  throw new UsageError(`${what}: expected a whole number of at least 0, got ${describe(count)}`);
}

export function checkDuration(what: string, ms: number): void {
  if (Number.isFinite(ms) && ms > 0) return;
  throw new UsageError(`${what}: expected milliseconds above 0, got ${describe(ms)}`);
}

/** The JSON text of a value that a caller wants to keep. What is not JSON is refused with its place. */
export function jsonText(what: string, value: Json): string {
  const defect = jsonDefect(value, what);
  if (defect !== undefined) throw new UsageError(`only JSON can be stored, but ${defect}`);
  return JSON.stringify(value);
}
