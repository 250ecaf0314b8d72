import { typeText } from "../../signatures/field-type.ts";
import type { Field } from "../../signatures/field-type.ts";
import type { ToolSpecification } from "../../language-model.ts";
import type { Signature } from "../../signatures/signature.ts";
import { freeFieldName, withFurtherInputs } from "../extended-signature.ts";
import type { Tool } from "./tool.ts";

/** How a stage that acts is asked: the forms of its signature, made once for each. */
export interface ActingForm {
  /** One step of a model without tools: thought, calls, and the outputs once they are known. */
  readonly step: Signature;
  /** The outputs at last, from all that was done. */
  readonly final: Signature;
  readonly specifications: readonly ToolSpecification[];
  /** What the fields are called that are none of the signature. */
  readonly names: FieldNames;
}

interface FieldNames {
  readonly trajectory: string;
  readonly thought: string;
  readonly calls: string;
}

export function actingForm(signature: Signature, tools: readonly Tool[]): ActingForm {
  const name = (usual: string): string => freeFieldName(signature, usual);
  const names = { trajectory: name("trajectory"), thought: name("thought"), calls: name("calls") };
  const done: Field = {
    name: names.trajectory,
    type: { kind: "json" },
    description: "The steps so far: thoughts, calls and what came of them",
  };
  const final = withFurtherInputs(signature, [done]);
  const outputs: Field[] = [
    { name: names.thought, type: { kind: "string" }, optional: true, description: "What is known and what is missing" },
    {
      name: names.calls,
      type: { kind: "list", item: { kind: "json" } },
      optional: true,
      description: callsText(tools),
    },
    ...signature.outputs.map((field) => ({ ...field, optional: true })),
  ];
  // Finer checks are for whole answers.
  const step: Signature = { instructions: signature.instructions, inputs: final.inputs, outputs };
  return { step, final, names, specifications: tools.map(specification) };
}

function specification({ name, description, inputSchema }: Tool): ToolSpecification {
  return { name, description, inputSchema };
}

function callsText(tools: readonly Tool[]): string {
  const lines = tools.map(({ name, description, inputs, inputSchema }) => {
    const takes = inputs.length > 0 ? inputs.map(inputText).join(", ") : JSON.stringify(inputSchema);
    return `${name}(${takes}): ${description}`;
  });
  return [
    'The tools to call now, as a JSON list like [{"tool": "name", "input": {…}}]; their results come with the next step.',
    "With an empty list, state the outputs below; leave them out before. Tools:",
    ...lines.map((line) => `  - ${line.replaceAll("\n", " ")}`),
  ].join("\n");
}

function inputText({ name, type, optional, description }: Field): string {
  const remark = description === undefined ? "" : ` (${description})`;
  return `${name}${optional === true ? "?" : ""}: ${typeText(type)}${remark}`;
}
