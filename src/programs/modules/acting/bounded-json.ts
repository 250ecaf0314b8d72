import { jsonDefect } from "#foundation";
import type { Json } from "#foundation";

/**
 * A value as JSON says it: dates as texts, what JSON leaves out left out. Nothing is null. Throws for what JSON cannot
 * say and for a JSON text of more than `maxChars`.
 */
export function boundedJson(value: unknown, maxChars: number): Json {
  if (value === undefined) return null;
  if (jsonDefect(value) === undefined && isShort(value, maxChars)) return value as Json;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new Error("it gave something that is no JSON", { cause });
  }
  if (text === undefined) throw new Error("it gave something that is no JSON");
  if (text.length > maxChars) throw new Error(`it gave ${text.length} characters of JSON, more than ${maxChars}`);
  const plain = JSON.parse(text) as Json;
  const defect = jsonDefect(plain);
  if (defect !== undefined) throw new Error(`it gave something that is no JSON: ${defect}`);
  return plain;
}

function isShort(value: unknown, maxChars: number): boolean {
  return typeof value !== "object" && String(value).length * 6 < maxChars;
}

/** A text that is cut in the middle where it is too long, and says so. */
export function boundedText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const half = Math.floor(maxChars / 2);
  return `${text.slice(0, half)}\n… ${text.length - 2 * half} characters left out …\n${text.slice(-half)}`;
}
