import { readRecord } from "../signatures/field-type.ts";
import type { Field, FieldType } from "../signatures/field-type.ts";
import { partialFieldText } from "../partial-value.ts";
import { stripReasoning, stripUnfinishedReasoning } from "../reading.ts";
import type { Signature } from "../signatures/signature.ts";
import { demoMessages, taskText } from "./adapter.ts";
import type { Adapter, ReadReply } from "./adapter.ts";
import { readForgottenForm } from "./forgotten-form.ts";
import { userMessage } from "./user-message.ts";

const closing = "[[ ## completed ## ]]";

/** Every field under a marker of its own: works with any model that can follow a form. */
export const chat: Adapter = {
  name: "chat",
  preamble: (signature, demos) => [
    { role: "system", content: systemText(signature) },
    ...demoMessages(chat, signature, demos),
  ],
  question: ({ inputs }, values) => userMessage(inputs, values, sections),
  answer: ({ outputs }, values) => ({ role: "assistant", content: `${sections(outputs, values)}\n${closing}` }),
  read: readMarked,
  readPartial: readMarkedSoFar,
};

function systemText(signature: Signature): string {
  const form = signature.outputs.map(({ name }) => `${marker(name)}\n<${name}>`).join("\n");
  return `${taskText(signature)}\n\nAnswer every output under its own marker and close with the last one:\n\n${form}\n${closing}`;
}

function sections(fields: readonly Field[], values: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const { name, type } of fields) {
    const value = values[name];
    if (value !== undefined) text += `${text === "" ? "" : "\n"}${marker(name)}\n${plainText(type, value)}`;
  }
  return text;
}

function marker(name: string): string {
  return `[[ ## ${name} ## ]]`;
}

/**
 * A text stands there as it is, but as JSON where it could be taken for another JSON value. A marker in it is broken:
 * neither the model nor whoever reads what it quotes can take it for one of ours.
 */
function plainText({ kind }: FieldType, value: unknown): string {
  const text = typeof value === "string" && kind !== "json" ? value : JSON.stringify(value);
  return text.includes("[[") ? text.replaceAll(openedMarker, "[ [") : text;
}

const openedMarker = /\[\[(?=\s*##)/g;

const markerPattern = /\[\[\s*##\s*(\w+)\s*##\s*\]\]/;

/** A marker that was cut at the end of a reply. */
const cutMarker = /\[\[\s*(?:#|##\s*(?:\w+\s*(?:#|##\s*\]?)?)?)?$/;

function readMarked(reply: string, outputs: readonly Field[]): ReadReply {
  const text = stripReasoning(reply);
  // A value may speak of a reasoning tag, and the markers before it would be stripped with the reasoning.
  const found = markedValues(text) ?? markedValues(reply);
  if (found !== undefined) return { ok: true, values: readRecord(outputs, found) };
  return readForgottenForm(text, outputs, `the markers ${outputs.map(({ name }) => marker(name)).join(", ")}`);
}

/**
 * The text under each marker, if there is any. Of a marker that stands twice, the last one with a text counts: a field
 * may be called as the closing marker is.
 */
function markedValues(text: string): Record<string, string> | undefined {
  // What stands before the first marker, then each marker's name and its text.
  const parts = text.split(markerPattern);
  if (parts.length === 1) return undefined;
  const values: Record<string, string> = {};
  for (let i = 1; i < parts.length; i += 2) {
    const [name, written] = [parts[i] as string, parts[i + 1] as string];
    const value = (i + 2 < parts.length ? written : written.replace(cutMarker, "")).trim();
    if (value !== "" || !Object.hasOwn(values, name)) values[name] = value;
  }
  return values;
}

/** A field is done when the next marker has come. */
function readMarkedSoFar(reply: string, outputs: readonly Field[]): Record<string, unknown> {
  const parts = stripUnfinishedReasoning(reply).split(markerPattern);
  const last = new Map<string, number>();
  for (let i = 1; i < parts.length; i += 2)
    if (parts[i + 1]?.trim() !== "" || !last.has(parts[i] as string)) last.set(parts[i] as string, i + 1);
  const values: Record<string, unknown> = {};
  for (const field of outputs) {
    const at = last.get(field.name);
    if (at === undefined) continue;
    const [text, isOpen] = [parts[at] as string, at + 1 === parts.length];
    const value = partialFieldText(field, isOpen ? text.replace(cutMarker, "").replace(/\[$/, "") : text, !isOpen);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}
