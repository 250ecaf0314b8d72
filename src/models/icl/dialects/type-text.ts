import type { Field, FieldType } from "#programs";

/** A type read from the head of a text, and what follows it. */
export interface ReadType {
  readonly type: FieldType;
  readonly rest: string;
}

const scalars = ["string", "int", "float", "bool"] as const;

/** How deep types may nest in a prompt. */
const maxDepth = 16;

/** Reads a type as our adapters write it: `list of one of "a", "b"`. `undefined` when the text starts otherwise. */
export function readType(text: string, depth: number = maxDepth): ReadType | undefined {
  if (depth === 0) return undefined;
  const { word, rest } = /^\s*(?<word>\w+)(?<rest>[\s\S]*)$/.exec(text)?.groups ?? {};
  if (word === undefined || rest === undefined) return undefined;
  const scalar = scalars.find((kind) => kind === word);
  if (scalar !== undefined) return { type: { kind: scalar }, rest };
  if (word === "json") return { type: { kind: "json" }, rest };
  if (word === "one") return readLiteral(rest);
  if (word === "object") return readObject(rest, depth - 1);
  const inner = /^\s+of\s/.test(rest) ? readType(rest.replace(/^\s+of\s/, ""), depth - 1) : undefined;
  if (inner === undefined) return undefined;
  if (word === "list") return { type: { kind: "list", item: inner.type }, rest: inner.rest };
  return word === "map" ? { type: { kind: "map", value: inner.type }, rest: inner.rest } : undefined;
}

const firstValue = /^\s*("(?:[^"\\]|\\.)*")/;
const nextValue = /^\s*,\s*("(?:[^"\\]|\\.)*")/;

function readLiteral(text: string): ReadType | undefined {
  let rest = text.replace(/^\s+of\s/, "");
  const values: string[] = [];
  for (let head = firstValue.exec(rest); head !== null; head = nextValue.exec(rest)) {
    const value = unquote(head[1] ?? "");
    if (value === undefined) return undefined;
    rest = rest.slice(head[0].length);
    values.push(value);
  }
  return values.length === 0 ? undefined : { type: { kind: "literal", values }, rest };
}

function unquote(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
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
