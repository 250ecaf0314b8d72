import type { Field } from "#programs";
import { readType } from "./type-text.ts";

/** The head of our own adapters' system message. */
export interface TaskHeader {
  readonly instruction: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

const start = "Task: ";
const inputsLine = "\n\nInputs:\n";
const outputsLine = "Outputs, in this order:\n";

/** Whether a text is headed as our adapters do it and goes on with this closing. */
export function hasTaskHeader(system: string, closing: string): boolean {
  const inputs = system.lastIndexOf(inputsLine);
  return system.startsWith(start) && inputs > 0 && system.indexOf(outputsLine, inputs) > 0 && system.includes(closing);
}

/** Reads instruction, inputs and outputs up to the closing. */
export function readTaskHeader(system: string, closing: string): TaskHeader {
  const head = system.slice(0, system.lastIndexOf(closing));
  const inputs = head.lastIndexOf(inputsLine);
  const outputs = head.indexOf(outputsLine, inputs);
  return {
    instruction: head.slice(start.length, inputs).trim(),
    inputs: readFields(head.slice(inputs + inputsLine.length, outputs)),
    outputs: readFields(head.slice(outputs + outputsLine.length)),
  };
}

/** `- name: type (optional). description`, the description possibly over several lines. */
function readFields(text: string): Field[] {
  const fields: Field[] = [];
  for (const block of text.split(/\n(?=- [^\s:]+: )/)) {
    const { name, rest } = /^- (?<name>[^\s:]+): (?<rest>[\s\S]*)$/.exec(block.trimEnd())?.groups ?? {};
    if (name !== undefined && rest !== undefined) fields.push(readField(name, rest));
  }
  return fields;
}

function readField(name: string, text: string): Field {
  const { type, rest } = readType(text) ?? { type: { kind: "string" as const }, rest: text };
  const optional = rest.startsWith(" (optional)");
  const description = rest
    .replace(/^ \(optional\)/, "")
    .replace(/^\. ?/, "")
    .trim();
  return { name, type, ...(optional ? { optional } : {}), ...(description === "" ? {} : { description }) };
}
