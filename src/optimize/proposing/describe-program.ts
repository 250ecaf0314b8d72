import { placedStages, typeText } from "#programs";
import type { Field, Program, Signature } from "#programs";

/** What a program does, in words made from its data alone: what goes in and comes out, and its stages in order. */
export function describeProgram(program: Program): string {
  const { name, signature } = program;
  const stages = placedStages(program);
  const lines = stages.map(
    (stage) => `- ${stage.path}: ${namesOf(stage.signature.inputs)} -> ${namesOf(stage.signature.outputs)}`,
  );
  return [
    `${name}: ${signature.instructions}`,
    fieldsText("Inputs", signature.inputs),
    fieldsText("Outputs", signature.outputs),
    ...(stages.length < 2 ? [] : ["Steps:", ...lines]),
  ].join("\n");
}

/** What one stage takes and gives. */
export function describeStage(path: string, signature: Signature): string {
  return [`Step ${path}`, fieldsText("Inputs", signature.inputs), fieldsText("Outputs", signature.outputs)].join("\n");
}

function fieldsText(title: string, fields: readonly Field[]): string {
  const texts = fields.map(({ name, type, description }) => {
    return `${name}: ${typeText(type)}${description === undefined ? "" : ` (${description})`}`;
  });
  return `${title}: ${texts.join("; ")}`;
}

function namesOf(fields: readonly Field[]): string {
  return fields.map(({ name }) => name).join(", ");
}
