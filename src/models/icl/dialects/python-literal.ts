import type { Json } from "#foundation";

/** A value read from the head of a text, and where it ends. */
export interface ReadLiteral {
  readonly value: Json;
  readonly end: number;
}

const maxDepth = 32;
const constants: readonly (readonly [text: string, value: Json])[] = [
  ["True", true],
  ["False", false],
  ["None", null],
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * Reads a literal as Python and JSON write it (text, number, list, tuple, set, dict, constant) from a place in a text;
 * `undefined` when there is none. Tuples and sets come out as lists, keys of dicts as text.
 */
export function readLiteral(text: string, from = 0, depth: number = maxDepth): ReadLiteral | undefined {
  const at = skipSpace(text, from);
  const head = text[at];
  if (head === undefined || depth === 0) return undefined;
  if (head === '"' || head === "'") return readQuoted(text, at);
  if (head === "[" || head === "(") return readItems(text, at, head === "[" ? "]" : ")", depth);
  if (head === "{") return readDict(text, at, depth) ?? readItems(text, at, "}", depth);
  const constant = constants.find(([name]) => text.startsWith(name, at));
  if (constant !== undefined) return { value: constant[1], end: at + constant[0].length };
  number.lastIndex = at;
  const digits = number.exec(text)?.[0];
  return digits === undefined ? undefined : { value: Number(digits), end: at + digits.length };
}

/** The literal that is the whole of a text. */
export function wholeLiteral(text: string): Json | undefined {
  const read = readLiteral(text);
  return read !== undefined && text.slice(read.end).trim() === "" ? read.value : undefined;
}

const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /\s*/y;

function skipSpace(text: string, from: number): number {
  space.lastIndex = from;
  return from + (space.exec(text)?.[0].length ?? 0);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function readQuoted(text: string, start: number): ReadLiteral | undefined {
  const quote = text[start];
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const letter = text[at] as string;
    if (letter === quote) return { value, end: at + 1 };
    if (letter !== "\\") value += letter;
    else {
      const next = text[++at] ?? "";
      const code = next === "u" ? /^[\da-fA-F]{4}/.exec(text.slice(at + 1, at + 5))?.[0] : undefined;
      value += code === undefined ? (escapes[next] ?? next) : String.fromCharCode(Number.parseInt(code, 16));
      at += code === undefined ? 0 : 4;
    }
  }
  return undefined;
}

function readItems(text: string, start: number, closer: string, depth: number): ReadLiteral | undefined {
  const items: Json[] = [];
  for (let at = skipSpace(text, start + 1); ;) {
    if (text[at] === closer) return { value: items, end: at + 1 };
    const item = readLiteral(text, at, depth - 1);
    if (item === undefined) return undefined;
    items.push(item.value);
    at = skipSpace(text, item.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== closer) return undefined;
  }
}

function readDict(text: string, start: number, depth: number): ReadLiteral | undefined {
  const entries: [string, Json][] = [];
  for (let at = skipSpace(text, start + 1); ;) {
    if (text[at] === "}") return { value: Object.fromEntries(entries), end: at + 1 };
    const key = readLiteral(text, at, depth - 1);
    const colon = key === undefined ? at : skipSpace(text, key.end);
    const item = key === undefined || text[colon] !== ":" ? undefined : readLiteral(text, colon + 1, depth - 1);
    if (key === undefined || item === undefined) return undefined;
    entries.push([typeof key.value === "string" ? key.value : JSON.stringify(key.value), item.value]);
    at = skipSpace(text, item.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== "}") return undefined;
  }
}
