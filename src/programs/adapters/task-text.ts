import { typeText } from "../field-type.ts";
import type { Field } from "../field-type.ts";
import type { Signature } from "../signature.ts";

/** What every adapter tells first: the task, what comes in and what is wanted. */
export function taskText({ instructions, inputs, outputs }: Signature): string {
  return [
    `Task: ${instructions}`,
    "",
    "Inputs:",
    ...inputs.map(fieldLine),
    "Outputs, in this order:",
    ...outputs.map(fieldLine),
  ].join("\n");
}

function fieldLine({ name, type, optional, description }: Field): string {
  const remark = description === undefined ? "" : `. ${description}`;
  return `- ${name}: ${typeText(type)}${optional === true ? " (optional)" : ""}${remark}`;
}
