import { isPlainObject } from "#foundation";
import type { Demo } from "#variables";
import { readRecord } from "../field-type.ts";
import type { Field, FieldType } from "../field-type.ts";
import type { Message } from "../language-model.ts";
import { readJson, stripReasoning } from "../reply-json.ts";
import type { Signature } from "../signature.ts";
import type { Adapter, ReadReply } from "./adapter.ts";
import { taskText } from "./task-text.ts";

const closing = "[[ ## completed ## ]]";

/** Every field under a marker of its own: works with any model that can follow a form. */
export const chat: Adapter = {
  name: "chat",
  preamble: (signature, demos) => [
    { role: "system", content: systemText(signature) },
    ...demos.flatMap((demo) => demoMessages(signature, demo)),
  ],
  question: (signature, inputs) => ({ role: "user", content: sections(signature.inputs, inputs) }),
  read: readMarked,
};

function systemText(signature: Signature): string {
  const form = signature.outputs.map(({ name }) => `${marker(name)}\n<${name}>`).join("\n");
  return `${taskText(signature)}\n\nAnswer every output under its own marker and close with the last one:\n\n${form}\n${closing}`;
}

function demoMessages(signature: Signature, demo: Demo): Message[] {
  return [
    { role: "user", content: sections(signature.inputs, demo.inputs) },
    { role: "assistant", content: `${sections(signature.outputs, demo.outputs)}\n${closing}` },
  ];
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

function readMarked(reply: string, outputs: readonly Field[]): ReadReply {
  const text = stripReasoning(reply);
  // A value may speak of a reasoning tag, and the markers before it would be stripped with the reasoning.
  const found = markedValues(text) ?? markedValues(reply);
  if (found !== undefined) return { ok: true, values: readRecord(outputs, found) };
  // A model that forgot the form: the answers may have come as JSON, and a single one is the whole text.
  const json = readJson(text);
  if (isPlainObject(json) && outputs.some(({ name }) => Object.hasOwn(json, name)))
    return { ok: true, values: readRecord(outputs, json) };
  const [only] = outputs;
  if (only !== undefined && outputs.length === 1 && text.trim() !== "")
    return { ok: true, values: readRecord(outputs, { [only.name]: withoutName(only.name, text.trim()) }) };
  const names = outputs.map(({ name }) => marker(name)).join(", ");
  return { ok: false, issues: [{ path: "", expected: `the markers ${names}`, received: "none of them" }] };
}

/** `queue: billing` without the name. */
function withoutName(name: string, text: string): string {
  const match = /^[*_`]*(\w+)[*_`]*\s*[:=][*_`]*\s*([\s\S]+)$/.exec(text);
  return match !== null && match[1]?.toLowerCase() === name.toLowerCase() ? (match[2] as string) : text;
}

/** The text under each marker, if there is any. Of a marker that stands twice, the last one counts. */
function markedValues(text: string): Record<string, string> | undefined {
  // What stands before the first marker, then each marker's name and its text.
  const parts = text.split(markerPattern);
  if (parts.length === 1) return undefined;
  const values: Record<string, string> = {};
  for (let i = 1; i < parts.length; i += 2) values[parts[i] as string] = (parts[i + 1] as string).trim();
  return values;
}
