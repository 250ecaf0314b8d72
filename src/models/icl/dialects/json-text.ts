import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { FieldType } from "#programs";

/** A JSON value, or `undefined` when the text is none. */
function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The entries of a JSON object, or `undefined` when the text is none. */
export function parseObject(text: string): ReadonlyMap<string, Json> | undefined {
  const value = parseJson(text);
  return isPlainObject(value) ? new Map(Object.entries(value) as [string, Json][]) : undefined;
}

/** A value as a prompt shows it: a string as it is, anything else as JSON. */
export function plainText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The value that a text stands for: itself where a string is wanted, else JSON. */
export function readPlainText(text: string, type: FieldType): Json {
  return type.kind === "string" || type.kind === "literal" ? text : (parseJson(text) ?? text);
}
