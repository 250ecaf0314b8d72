import { readRecord } from "../signatures/field-type.ts";
import type { Field, FieldType } from "../signatures/field-type.ts";
import { partialFieldText, wholeField } from "../partial-value.ts";
import { stripReasoning, stripUnfinishedReasoning } from "../reading.ts";
import type { Signature } from "../signatures/signature.ts";
import { demoMessages, taskText } from "./adapter.ts";
import type { Adapter, ReadReply } from "./adapter.ts";
import { readForgottenForm } from "./forgotten-form.ts";
import { userMessage } from "./user-message.ts";
import { escapeXml, unescapeXml, xmlElements } from "./xml-text.ts";
import type { XmlElement } from "./xml-text.ts";

/** Every field in an element of its own: for models that were brought up on tags. */
export const xml: Adapter = {
  name: "xml",
  preamble: (signature, demos) => [
    { role: "system", content: systemText(signature) },
    ...demoMessages(xml, signature, demos),
  ],
  question: ({ inputs }, values) => userMessage(inputs, values, elementsText),
  answer: ({ outputs }, values) => ({ role: "assistant", content: elementsText(outputs, values) }),
  read: readElements,
  readPartial: readElementsSoFar,
};

function systemText(signature: Signature): string {
  const form = signature.outputs.map(({ name }) => `<${name}>{${name}}</${name}>`).join("\n");
  return `${taskText(signature)}\n\nAnswer every output in an element of its own, in this order and with nothing around them:\n\n${form}`;
}

function elementsText(fields: readonly Field[], values: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const { name, type } of fields) {
    const value = values[name];
    if (value === undefined) continue;
    const written = typeof value === "string" && type.kind !== "json" ? value : JSON.stringify(value);
    text += `${text === "" ? "" : "\n"}<${name}>${escapeXml(written)}</${name}>`;
  }
  return text;
}

const knownNames = new WeakMap<readonly Field[], readonly string[]>();

function namesOf(fields: readonly Field[]): readonly string[] {
  let names = knownNames.get(fields);
  if (names === undefined) knownNames.set(fields, (names = fields.map(({ name }) => name)));
  return names;
}

function readElements(reply: string, outputs: readonly Field[]): ReadReply {
  const names = namesOf(outputs);
  const text = stripReasoning(reply, names);
  const found = xmlElements(text, names);
  // A value may speak of a reasoning tag, and the elements before it would be stripped with the reasoning.
  const elements = found.length > 0 ? found : xmlElements(reply, names);
  if (elements.length > 0) return { ok: true, values: readRecord(outputs, rawRecord(outputs, elements)) };
  return readForgottenForm(text, outputs, `the elements ${names.map((name) => `<${name}>`).join(", ")}`);
}

/** Of an element that stands twice, the last one counts. */
function rawRecord(fields: readonly Field[], elements: readonly XmlElement[]): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const { name, text, closed } of elements) {
    const type = fields.find((field) => field.name === name)?.type;
    if (type !== undefined) record[name] = rawValue(type, closed ? text.trim() : withoutRest(text));
  }
  return record;
}

/** A text that ends where the reply does, without what is left there of an end tag or a fence. */
function withoutRest(text: string): string {
  const fences = text.split("```").length - 1;
  const unfenced = fences % 2 === 1 ? text.trimEnd().replace(/```$/, "") : text;
  return unfenced
    .trimEnd()
    .replace(/<\/?\w*>?$/, "")
    .trim();
}

/** A value as text, but lists and objects that came as elements as what they stand for. */
function rawValue(type: FieldType, text: string): unknown {
  const child = /^<(\w+)/.exec(text)?.[1];
  if (child !== undefined && type.kind === "list") {
    const items = xmlElements(text, [child]).map((element) => rawValue(type.item, element.text.trim()));
    if (items.length > 0) return items;
  }
  if (child !== undefined && type.kind === "object") {
    const elements = xmlElements(text, namesOf(type.fields));
    if (elements.length > 0) return rawRecord(type.fields, elements);
  }
  return unescapeXml(text);
}

function readElementsSoFar(reply: string, outputs: readonly Field[]): Record<string, unknown> {
  const names = namesOf(outputs);
  const elements = xmlElements(stripUnfinishedReasoning(reply, names), names);
  const last = new Map(elements.map((element) => [element.name, element]));
  const values: Record<string, unknown> = {};
  for (const field of outputs) {
    const element = last.get(field.name);
    if (element === undefined) continue;
    const isOpen = !element.closed && element === elements.at(-1);
    const value = isOpen ? openValue(field, element.text) : closedValue(field, element.text);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

function openValue(field: Field, text: string): unknown {
  return partialFieldText(field, unescapeXml(text.trim().replace(begun, "")), false);
}

/** The end of a text that may turn out to be a tag or an entity. */
const begun = /(?:<(?:\/?\w*|\w+\s[^<>]*)|&#?\w{0,8})$/;

function closedValue(field: Field, text: string): unknown {
  return wholeField(field, rawValue(field.type, text.trim()));
}
