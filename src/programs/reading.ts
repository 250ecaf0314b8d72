import { readJson } from "./reply-json.ts";

/** What a model meant by a text, type by type. A text that cannot be meant so comes back as it is, for the check. */

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a model says that there is no value. */
export function isAbsent(value: unknown): boolean {
  return value === null || (isString(value) && /^(|null|none|n\/a)$/i.test(value.trim()));
}

const numeral = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

export function readNumber(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const text = raw.trim().replace(/(?<=\d),(?=\d{3}\b)/g, "");
  return numeral.test(text) ? Number(text) : raw;
}

export function readBoolean(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const word = raw.trim().toLowerCase();
  return word === "true" || word === "yes" ? true : word === "false" || word === "no" ? false : raw;
}

/** The value meant by a text that may be quoted, in another case or closed with a full stop. */
export function closestLiteral(values: readonly string[], raw: string): string {
  if (values.includes(raw)) return raw;
  const text = raw.trim();
  // A text much longer than every value means none of them, and is not worth the search.
  if (text.length > Math.max(...values.map(({ length }) => length)) + 20) return text;
  const bare = (quoted: string): string =>
    quoted
      .trim()
      .replace(/^["'`*]+|["'`*.]+$/g, "")
      .toLowerCase();
  return values.find((value) => bare(value) === bare(text)) ?? text;
}

/** The JSON in a text; anything else as it is. */
export function structured(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const value = readJson(raw);
  return value === undefined ? raw : value;
}

/** A JSON array, or one entry per line (bullets and numbers dropped), or a single value. */
export function readList(raw: string): unknown {
  const json = raw.trimStart().startsWith("[") ? readJson(raw) : undefined;
  if (Array.isArray(json)) return json;
  const lines = raw.split("\n").map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim());
  return lines.filter((line) => line !== "");
}
