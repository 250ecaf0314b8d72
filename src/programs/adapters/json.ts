import { isPlainObject } from "#foundation";
import { readRecord, recordJsonSchema } from "../field-type.ts";
import type { Field } from "../field-type.ts";
import { readJson } from "../reply-json.ts";
import type { Signature } from "../signature.ts";
import type { Adapter, ReadReply } from "./adapter.ts";
import { taskText } from "./task-text.ts";

/** One JSON object: asked for as structured output where the model has it, and in words for every model. */
export const json: Adapter = {
  name: "json",
  preamble: (signature, demos) => [
    { role: "system", content: systemText(signature) },
    ...demos.flatMap(({ inputs, outputs }) => [
      { role: "user" as const, content: objectText(signature.inputs, inputs) },
      { role: "assistant" as const, content: objectText(signature.outputs, outputs) },
    ]),
  ],
  question: (signature, inputs) => ({ role: "user", content: objectText(signature.inputs, inputs) }),
  responseFormat: ({ outputs }) => ({ type: "json", name: "outputs", schema: recordJsonSchema(outputs) }),
  read: readObject,
};

function systemText(signature: Signature): string {
  const schema = JSON.stringify(recordJsonSchema(signature.outputs));
  return `${taskText(signature)}\n\nAnswer with one JSON object and nothing else. It satisfies this JSON Schema:\n${schema}`;
}

function objectText(fields: readonly Field[], values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, values[name]])));
}

function readObject(reply: string, outputs: readonly Field[]): ReadReply {
  const value = readJson(reply);
  if (isPlainObject(value)) return { ok: true, values: readRecord(outputs, value) };
  return { ok: false, issues: [{ path: "", expected: "one JSON object", received: "none" }] };
}
