import { checkRecord, readRecord } from "./signatures/field-type.ts";
import type { Field, FieldType } from "./signatures/field-type.ts";
import { completeValue, partialJson } from "./partial-json.ts";
import type { PartialJson } from "./partial-json.ts";
import { readList } from "./reading.ts";

/**
 * What can be said of a field while its reply is written, always of the field's type; `undefined` where that is
 * nothing yet. Texts grow, lists and maps grow by whole items (and by a text at their end); all else waits until it is
 * complete.
 */
export function partialField(field: Field, node: PartialJson): unknown {
  return ofType(field.type, node, field);
}

/** The same of a field that is written as a text of its own. */
export function partialFieldText(field: Field, text: string, complete: boolean): unknown {
  const trimmed = text.trim();
  if (complete) return wholeField(field, trimmed);
  switch (field.type.kind) {
    case "string":
      return trimmed === "" || (field.optional === true && absenceBegun.test(trimmed)) ? undefined : trimmed;
    case "list":
      return trimmed.startsWith("[") ? partialOf(field, trimmed) : partialLines(field.type.item, text);
    case "map":
      return partialOf(field, trimmed);
    default:
      return undefined;
  }
}

/** The beginnings of the words by which a model says that there is no value. */
const absenceBegun = /^(?:n(?:u(?:l(?:l)?)?|o(?:n(?:e)?)?|\/(?:a)?)?)$/i;

function partialOf(field: Field, text: string): unknown {
  const node = partialJson(text);
  return node === undefined ? undefined : partialField(field, node);
}

/** A list with an entry per line: the lines that have ended. */
function partialLines(item: FieldType, text: string): unknown {
  const ended = text.slice(0, text.lastIndexOf("\n") + 1);
  const lines = ended === "" ? [] : readList(ended);
  if (!Array.isArray(lines) || lines.length === 0) return undefined;
  return sayable(lines.map((line: unknown) => wholeField({ name: "item", type: item }, line)));
}

function ofType(type: FieldType, node: PartialJson, field: Field): unknown {
  if (node.complete) return wholeField(field, completeValue(node));
  const inner = (item: FieldType, entry: PartialJson): unknown => ofType(item, entry, { name: "item", type: item });
  if (type.kind === "string" && node.kind === "text") return node.value;
  if (type.kind === "list" && node.kind === "list") return sayable(node.items.map((item) => inner(type.item, item)));
  if (type.kind !== "map" || node.kind !== "record") return undefined;
  const entries = [...node.entries].map(([key, entry]) => [key, inner(type.value, entry)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The values up to the first of which nothing can be said. */
function sayable(values: readonly unknown[]): readonly unknown[] {
  const end = values.indexOf(undefined);
  return end < 0 ? values : values.slice(0, end);
}

/** A whole value, read as its field wants it; `undefined` when it does not fit, or is absent. */
export function wholeField(field: Field, raw: unknown): unknown {
  const record = readRecord([field], { [field.name]: raw });
  return checkRecord([field], record).length === 0 ? record[field.name] : undefined;
}
