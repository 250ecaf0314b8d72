import { UsageError } from "#foundation";
import type { Json } from "#foundation";

/** `a=1,b=x` as an object; numbers, true and false are read as such. `option` names it in errors. */
export function readKeyValues(text: string, option: string): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const part of text.split(",").filter((piece) => piece.trim() !== "")) {
    const at = part.indexOf("=");
    if (at < 1) throw new UsageError(`${option}: expected name=value, separated by commas, got "${part}"`);
    const name = part.slice(0, at).trim();
    if (Object.hasOwn(values, name)) throw new UsageError(`${option}: ${name} is given twice`);
    values[name] = readValue(part.slice(at + 1).trim());
  }
  return values;
}

function readValue(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** An option's whole number of at least `least`. */
export function readWhole(text: string, option: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${option}: expected a whole number of at least ${least}, got "${text}"`);
}

/** An option's number. */
export function readNumber(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError(`${option}: expected a number, got "${text}"`);
}
