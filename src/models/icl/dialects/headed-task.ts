import type { Json, JsonObject } from "#foundation";
import type { Field, ModelRequest } from "#programs";
import { narrowed, schemaBounds } from "./schema-fields.ts";
import type { Task } from "./task.ts";
import { readTaskHeader } from "./task-header.ts";
import { turns } from "./turns.ts";

/** How one of our own adapters writes what comes after the header that they have in common. */
export interface HeadedForm {
  /** How the system text goes on after the header. */
  readonly closing: string;
  readonly readInputs: (text: string, fields: readonly Field[]) => ReadonlyMap<string, string>;
  readonly readOutputs: (text: string, fields: readonly Field[]) => ReadonlyMap<string, Json>;
  /** Whether an answer lacks its form; where no output was found unless told. */
  readonly isBroken?: (text: string, outputs: ReadonlyMap<string, Json>) => boolean;
  /** The outputs' schema as the prompt states it, where the request has none. */
  readonly schemaIn?: (system: string) => JsonObject | undefined;
}

/** The task that a prompt of one of our own adapters sets. */
export function headedTask({ messages, responseFormat }: ModelRequest, form: HeadedForm): Task {
  const { closing, readInputs, readOutputs, isBroken = hasNone, schemaIn } = form;
  const { system, answered, question } = turns(messages);
  const header = readTaskHeader(system, closing);
  const schema = responseFormat?.schema ?? schemaIn?.(system);
  const outputs = header.outputs.map((field) => narrowed(field, schema));
  return {
    ...header,
    outputs,
    input: readInputs(question, header.inputs),
    bounds: schemaBounds(schema),
    demos: answered.map(({ user, assistant, at }) => {
      const values = readOutputs(assistant, outputs);
      return { inputs: readInputs(user, header.inputs), outputs: values, broken: isBroken(assistant, values), at };
    }),
  };
}

function hasNone(_text: string, outputs: ReadonlyMap<string, Json>): boolean {
  return outputs.size === 0;
}
