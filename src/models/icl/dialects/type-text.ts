import type { Json } from "#foundation";
import type { Field, FieldType } from "#programs";
import { readLiteral } from "./python-literal.ts";

/** A type read from the head of a text, and what follows it. */
export interface ReadType {
  readonly type: FieldType;
  readonly rest: string;
}

/** How deep types may nest in a prompt. */
const maxDepth = 16;

/**
 * Reads a type as our adapters write it: `list of one of "a", "b"`, `float (0 to 1)`, `string or null`. `undefined`
 * when the text starts otherwise.
 */
export function readType(text: string, depth: number = maxDepth): ReadType | undefined {
  const read = readBareType(text, depth);
  if (read === undefined || !read.rest.startsWith(" or null")) return read;
  return { type: { ...read.type, nullable: true }, rest: read.rest.slice(" or null".length) };
}

function readBareType(text: string, depth: number): ReadType | undefined {
  if (depth === 0) return undefined;
  const { word, tail } = /^\s*(?<word>\w+)(?<tail>[\s\S]*)$/.exec(text)?.groups ?? {};
  if (word === undefined || tail === undefined) return undefined;
  if (word === "one") return readOneOf(tail);
  if (word === "object") return readObject(tail, depth - 1);
  const { remarks, rest } = readRemarks(tail);
  const plain = plainTypes.get(word)?.(remarks);
  if (plain !== undefined) return { type: plain, rest };
  const inner = /^\s+of\s/.test(rest) ? readType(rest.replace(/^\s+of\s/, ""), depth - 1) : undefined;
  if (inner === undefined) return undefined;
  if (word === "list") return { type: { kind: "list", item: inner.type, ...mostItems(remarks) }, rest: inner.rest };
  return word === "map" ? { type: { kind: "map", value: inner.type }, rest: inner.rest } : undefined;
}

const plainTypes: ReadonlyMap<string, (remarks: string) => FieldType> = new Map<string, (remarks: string) => FieldType>(
  [
    ["string", () => ({ kind: "string" })],
    ["int", (remarks) => ({ kind: "int", ...limits(remarks) })],
    ["float", (remarks) => ({ kind: "float", ...limits(remarks) })],
    ["bool", () => ({ kind: "bool" })],
    ["json", () => ({ kind: "json" })],
    ["date", (remarks) => ({ kind: "date", ...(remarks.includes("T") ? { time: true } : {}) })],
    ["image", () => ({ kind: "image" })],
    ["file", () => ({ kind: "file" })],
    ["history", () => ({ kind: "history" })],
  ],
);

/** What stands in brackets after a type's name. The word "(optional)" is no remark: it belongs to the field. */
function readRemarks(text: string): { readonly remarks: string; readonly rest: string } {
  if (!text.startsWith(" (") || text.startsWith(" (optional)")) return { remarks: "", rest: text };
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return { remarks: text.slice(2, at), rest: text.slice(at + 1) };
  }
  return { remarks: "", rest: text };
}

function limits(remarks: string): { min?: number; max?: number } {
  const { least, most } = /^(?<least>-?[\d.e+-]+) to (?<most>-?[\d.e+-]+)/.exec(remarks)?.groups ?? {};
  const exact = /^exactly (-?[\d.e+-]+)/.exec(remarks)?.[1];
  const min = least ?? exact ?? /^at least (-?[\d.e+-]+)/.exec(remarks)?.[1];
  const max = most ?? exact ?? /^at most (-?[\d.e+-]+)/.exec(remarks)?.[1];
  return { ...(min === undefined ? {} : { min: Number(min) }), ...(max === undefined ? {} : { max: Number(max) }) };
}

function mostItems(remarks: string): { maxItems?: number } {
  const { max } = limits(remarks);
  return max === undefined ? {} : { maxItems: max };
}

/** JSON values after "one of"; texts make a choice, others a value described by its enum. */
function readOneOf(text: string): ReadType | undefined {
  let rest = text.replace(/^\s+of\s/, "");
  const values: Json[] = [];
  for (;;) {
    const head = values.length === 0 ? /^\s*/.exec(rest) : /^\s*,\s*(?=["\d[{tfn-])/.exec(rest);
    const read = head === null ? undefined : readLiteral(rest, head[0].length);
    if (read === undefined) break;
    values.push(read.value);
    rest = rest.slice(read.end);
  }
  if (values.length === 0) return undefined;
  if (values.every((value) => typeof value === "string")) return { type: { kind: "literal", values }, rest };
  return { type: { kind: "json", schema: { enum: values } }, rest };
}

function readObject(text: string, depth: number): ReadType | undefined {
  let rest = text.replace(/^\s*\{\s*/, "");
  const fields: Field[] = [];
  for (;;) {
    const { name, optional, tail } =
      /^\s*,?\s*(?<name>[\p{L}_$][\p{L}\p{N}_$-]*)(?<optional>\??):(?<tail>[\s\S]*)$/u.exec(rest)?.groups ?? {};
    if (name === undefined || tail === undefined) break;
    const inner = readType(tail, depth);
    if (inner === undefined) return undefined;
    fields.push({ name, type: inner.type, ...(optional === "?" ? { optional: true } : {}) });
    rest = inner.rest;
  }
  return /^\s*\}/.test(rest) ? { type: { kind: "object", fields }, rest: rest.replace(/^\s*\}/, "") } : undefined;
}
