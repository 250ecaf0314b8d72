import type { Field, FieldType } from "#programs";

/** A field as a prompt of ax names it: by its title in the text, by its key in the answer. */
export interface AxField {
  readonly title: string;
  readonly field: Field;
}

/** The lines of `<input_fields>`: "Title: description". Inputs go by their titles. */
export function readAxInputs(section: string): AxField[] {
  return section.split("\n").flatMap((line) => {
    const { title, description = "" } = /^(?<title>[^:*<>]+):(?<description>.*)$/.exec(line.trim())?.groups ?? {};
    if (title === undefined) return [];
    const told = description.trim();
    return [{ title, field: { name: title, type: { kind: "string" }, ...(told === "" ? {} : { description: told }) } }];
  });
}

const outputLine =
  /^(?<title>[^\n]+?) \(wire key: `(?<key>[^`]+)`\): \((?:This|Only include this) (?<type>[\s\S]+?) field (?<need>must be included|if its value is available)\)(?<rest>[\s\S]*)$/;

/** The entries of `<output_fields>`: title, wire key, type, whether it must be there, description, allowed values. */
export function readAxOutputs(section: string): AxField[] {
  return section.split(/\n(?=[^\n]+ \(wire key: `)/).flatMap((block) => {
    const { title, key, type, need, rest = "" } = outputLine.exec(block.trim())?.groups ?? {};
    if (title === undefined || key === undefined || type === undefined) return [];
    const [told = "", allowed] = rest.replace(/\n+\*\*Exact JSON shape[\s\S]*$/, "").split(/\s*Allowed values: /);
    const values = (allowed ?? "").split(",").map((value) => value.trim());
    const field: Field = {
      name: key,
      type: axType(
        type.trim(),
        values.filter((value) => value !== ""),
      ),
      ...(need === "must be included" ? {} : { optional: true }),
      ...(told.trim() === "" ? {} : { description: told.trim() }),
    };
    return [{ title, field }];
  });
}

function axType(text: string, allowed: readonly string[]): FieldType {
  const item = /^json array of (?<item>[\s\S]+?) items$/i.exec(text)?.groups?.["item"];
  if (item !== undefined) return { kind: "list", item: axType(item, allowed) };
  if (text.startsWith("classification class") && allowed.length > 0) return { kind: "literal", values: allowed };
  if (text.startsWith("boolean")) return { kind: "bool" };
  if (text.startsWith("number")) return { kind: "float" };
  if (/^date/i.test(text)) return { kind: "date", ...(/^date-?time/i.test(text) ? { time: true } : {}) };
  const inner = /^object \{(?<inner>[\s\S]*)\}$/.exec(text)?.groups?.["inner"];
  if (inner !== undefined) return { kind: "object", fields: objectFields(inner) };
  return /^(?:json|object)/i.test(text) ? { kind: "json" } : { kind: "string" };
}

function objectFields(text: string): Field[] {
  return text.split(",").flatMap((part) => {
    const { name, optional, type } = /^\s*(?<name>[\w$]+)(?<optional>\?)?: (?<type>.+?)\s*$/.exec(part)?.groups ?? {};
    if (name === undefined || type === undefined) return [];
    return [{ name, type: axType(type, []), ...(optional === "?" ? { optional: true } : {}) }];
  });
}
