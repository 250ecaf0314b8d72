import { isPlainObject } from "#foundation";
import { readRecord, recordJsonSchema } from "../signatures/field-type.ts";
import type { Field } from "../signatures/field-type.ts";
import type { ResponseFormat } from "../language-model.ts";
import { partialJson } from "../partial-json.ts";
import { partialField } from "../partial-value.ts";
import { readJson, stripUnfinishedReasoning } from "../reading.ts";
import type { Signature } from "../signatures/signature.ts";
import { demoMessages, taskText } from "./adapter.ts";
import type { Adapter, ReadReply } from "./adapter.ts";
import { strictSchema } from "./strict-schema.ts";
import { userMessage } from "./user-message.ts";

/**
 * One JSON object: asked for as structured output wherever that may help, and in words unless the model is known to
 * have structured output.
 */
export const json: Adapter = {
  name: "json",
  preamble: (signature, demos, { isStructured = false } = {}) => [
    { role: "system", content: systemText(signature, isStructured) },
    ...demoMessages(json, signature, demos),
  ],
  question: ({ inputs }, values) => userMessage(inputs, values, objectText),
  answer: ({ outputs }, values) => ({ role: "assistant", content: objectText(outputs, values) }),
  responseFormat,
  read: readObject,
  readPartial: readObjectSoFar,
};

function systemText(signature: Signature, isStructured: boolean): string {
  const schema = isStructured
    ? ""
    : ` It satisfies this JSON Schema:\n${JSON.stringify(recordJsonSchema(signature.outputs))}`;
  return `${taskText(signature)}\n\nAnswer with one JSON object and nothing else.${schema}`;
}

function objectText(fields: readonly Field[], values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, values[name]])));
}

const formats = new WeakMap<readonly Field[], ResponseFormat>();

/** In the strict form where the outputs have one. Remembered: every call of a signature asks for the same. */
function responseFormat({ outputs }: Signature): ResponseFormat {
  let format = formats.get(outputs);
  if (format === undefined) {
    const schema = recordJsonSchema(outputs);
    const strict = strictSchema(schema);
    const [type, name] = ["json", "outputs"] as const;
    format = strict === undefined ? { type, name, schema } : { type, name, schema: strict, strict: true };
    formats.set(outputs, format);
  }
  return format;
}

function readObject(reply: string, outputs: readonly Field[]): ReadReply {
  const value = readJson(reply);
  if (isPlainObject(value)) return { ok: true, values: readRecord(outputs, value) };
  return { ok: false, issues: [{ path: "", expected: "one JSON object", received: "none" }] };
}

function readObjectSoFar(reply: string, outputs: readonly Field[]): Record<string, unknown> {
  const node = partialJson(stripUnfinishedReasoning(reply));
  const values: Record<string, unknown> = {};
  if (node?.kind !== "record") return values;
  for (const field of outputs) {
    const entry = node.entries.get(field.name);
    const value = entry === undefined ? undefined : partialField(field, entry);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}
