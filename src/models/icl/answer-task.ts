import type { Field, FieldType } from "#programs";
import { allowedValues } from "./labels/allowed-values.ts";
import { answer } from "./answer.ts";
import type { AnsweredField, Task } from "./dialects/task.ts";
import { answerMeta } from "./meta/meta-prompts.ts";
import { situation } from "./question.ts";
import type { Answer, Example, Mind, Question, Situation } from "./question.ts";
import { sentences } from "./words/sentences.ts";

const reasoningNames = /^(?:reasoning|rationale|thoughts?|explanation|justification)$/i;
const confidenceNames = /confidence|probability|certainty|score/i;

/** Whether an output is where the model states its grounds. */
function isReasoning({ name, type }: Field): boolean {
  return type.kind === "string" && reasoningNames.test(name);
}

/** Answers every output of a task; reasoning and confidence are filled from the evidence of the other outputs. */
export function answerTask(task: Task, mind: Omit<Mind, "showsWork">): AnsweredField[] {
  const read = (inputs: ReadonlyMap<string, string>): Situation =>
    situation(
      task.inputs.map(({ name }) => inputs.get(name) ?? ""),
      mind.features,
    );
  const query = read(task.input);
  const demos = task.demos.map((demo, index) => ({ demo, number: index + 1, situation: read(demo.inputs) }));
  const showsWork = task.outputs.some(isReasoning);
  const given = new Map<Field, Answer>();
  const meta = answerMeta(task, mind);
  for (const field of task.outputs) {
    if (isReasoning(field)) continue;
    const examples = demos.flatMap(({ demo, number, situation }): Example[] => {
      const value = demo.outputs.get(field.name);
      return value === undefined ? [] : [{ number, situation, value }];
    });
    const question = { ...asked(task, field), examples, query };
    const told = meta?.values.get(field.name);
    if (told !== undefined) {
      given.set(field, { value: told, because: "" });
      continue;
    }
    const rng = mind.rng.fork(`output ${field.name}`);
    given.set(field, confidenceOf(question, given) ?? answer(question, { ...mind, showsWork, rng }));
  }
  return task.outputs.map((field): AnsweredField => {
    if (isReasoning(field)) return { field, value: meta?.because ?? grounds(given) };
    const { value, because = "", labels } = given.get(field) ?? { value: undefined };
    return { field, value, because, ...(labels === undefined ? {} : { labels }) };
  });
}

function asked(task: Task, field: Field): Omit<Question, "examples" | "query"> {
  const { bounds, outputs, instruction } = task;
  const { name, description = "" } = field;
  const own = allowedValues(description);
  const open = outputs.filter((output) => output.type.kind !== "literal" && !isReasoning(output));
  const about =
    open.length === 1
      ? instruction
      : sentences(instruction)
          .filter((one) => one.includes(name))
          .join("\n");
  return {
    field,
    guidance: `${guidanceFor(task, field)}\n${description}`,
    allowed: own.length > 0 ? own : allowedValues(about),
    ...bounds.get(name),
  };
}

/** The instruction without the sentences that name only other outputs of the same labels ("set urgent to true"). */
function guidanceFor({ instruction, outputs }: Task, field: Field): string {
  const rivals = outputs.filter((other) => other !== field && sharesLabels(other.type, field.type));
  if (rivals.length === 0) return instruction;
  const kept = sentences(instruction).filter(
    (sentence) => sentence.includes(field.name) || !rivals.some(({ name }) => sentence.includes(name)),
  );
  return kept.join("\n");
}

function sharesLabels(one: FieldType, other: FieldType): boolean {
  if (one.kind === "literal" && other.kind === "literal")
    return one.values.some((value) => other.values.includes(value));
  return one.kind === "bool" && other.kind === "bool";
}

/** A float called confidence that no example teaches states how sure the model is of the answer before it. */
function confidenceOf({ field, examples }: Question, given: ReadonlyMap<Field, Answer>): Answer | undefined {
  if (field.type.kind !== "float" || examples.length > 0 || !confidenceNames.test(field.name)) return undefined;
  const confidence = [...given.values()].findLast((one) => one.confidence !== undefined)?.confidence;
  return confidence === undefined ? undefined : { value: Number(confidence().toFixed(3)), because: "" };
}

function grounds(given: ReadonlyMap<Field, Answer>): string {
  const told = [...given]
    .filter(([, { because }]) => because !== "")
    .map(([{ name }, { because }]) => `${name}: ${because}`);
  return told.length === 0 ? "No rule, example or name in the prompt speaks for an answer." : `${told.join(". ")}.`;
}
