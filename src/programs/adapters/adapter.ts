import { describe, isPlainObject, UsageError } from "#foundation";
import type { Demo } from "#variables";
import { typeText } from "../signatures/field-type.ts";
import type { Field, ValueIssue } from "../signatures/field-type.ts";
import type { LanguageModel, Message, ResponseFormat } from "../language-model.ts";
import { withInstructions } from "../signatures/signature.ts";
import type { Signature } from "../signatures/signature.ts";

/** How a signature becomes messages and a reply becomes values. Stateless. */
export interface Adapter {
  readonly name: string;
  /** The messages for everything but the inputs: made once for a signature and its demos, used for many calls. */
  preamble(signature: Signature, demos: readonly Demo[], form?: AnswerForm): readonly Message[];
  /** The message that states one case. */
  question(signature: Signature, inputs: Readonly<Record<string, unknown>>): Message;
  /** The message that answers one: in demonstrations and earlier turns. */
  answer(signature: Signature, outputs: Readonly<Record<string, unknown>>): Message;
  responseFormat?(signature: Signature): ResponseFormat;
  /** The values that a reply states, read as their types want them and not yet checked; or why there are none. */
  read(reply: string, outputs: readonly Field[]): ReadReply;
  /** What a reply in the making already states, of each output that has its type; nothing is a fine answer. */
  readPartial(reply: string, outputs: readonly Field[]): Record<string, unknown>;
}

export type ReadReply =
  | { readonly ok: true; readonly values: Record<string, unknown> }
  | { readonly ok: false; readonly issues: readonly ValueIssue[] };

export interface AnswerForm {
  /** The model is held to the schema by the response format: the prompt need not tell it. */
  readonly isStructured?: boolean;
}

/** What every adapter tells first: the task, what comes in and what is wanted. Earlier turns are no part of a case. */
export function taskText({ instructions, inputs, outputs }: Signature): string {
  return [
    `Task: ${instructions}`,
    "",
    "Inputs:",
    ...inputs.filter(({ type }) => type.kind !== "history").map(fieldLine),
    "Outputs, in this order:",
    ...outputs.map(fieldLine),
  ].join("\n");
}

function fieldLine({ name, type, optional, description }: Field): string {
  const remark = description === undefined ? "" : `. ${description}`;
  return `- ${name}: ${typeText(type)}${optional === true ? " (optional)" : ""}${remark}`;
}

/** Each demonstration as a case and its answer. */
export function demoMessages(adapter: Adapter, signature: Signature, demos: readonly Demo[]): Message[] {
  return demos.flatMap(({ inputs, outputs }) => [
    adapter.question(signature, inputs),
    adapter.answer(signature, outputs),
  ]);
}

/** The models that were said to have structured output and then warned that they ignored the wish. */
const unstructured = new WeakSet<LanguageModel>();

/** Whether the model is held to a response format, as far as anybody knows. */
export function isStructured(model: LanguageModel): boolean {
  return model.supports?.structuredOutput === true && !unstructured.has(model);
}

/** Remembers what a reply's warnings say of its model. */
export function heedWarnings(model: LanguageModel, warnings: readonly string[]): void {
  if (warnings.some((warning) => /response.?format|structured.?output/i.test(warning))) unstructured.add(model);
}

/** How many instructions are remembered for one signature: an optimiser's candidates in flight, not its history. */
const maxInstructions = 64;

const known = new WeakMap<Signature, Map<string, WeakMap<readonly Demo[], readonly Message[]>>>();

/** What a prompt says beside its signature and its case. */
export interface PreambleOptions extends AnswerForm {
  readonly instructions: string;
  readonly demos: readonly Demo[];
}

/**
 * The adapter's messages for everything but the inputs. Remembered by the identity of the signature and of the demos:
 * both are values that nobody changes, so that a thousand calls with one configuration render its prompt once.
 */
export function preambleFor(adapter: Adapter, signature: Signature, options: PreambleOptions): readonly Message[] {
  const { instructions, demos, isStructured: structured = false } = options;
  let byInstructions = known.get(signature);
  if (byInstructions === undefined) known.set(signature, (byInstructions = new Map()));
  const form = structured ? `${adapter.name}, structured` : adapter.name;
  const key = instructions === signature.instructions ? form : `${form}\n${instructions}`;
  let byDemos = byInstructions.get(key);
  if (byDemos === undefined) {
    if (byInstructions.size >= maxInstructions) byInstructions.clear();
    byInstructions.set(key, (byDemos = new WeakMap()));
  }
  let messages = byDemos.get(demos);
  if (messages === undefined) {
    checkDemos(demos);
    messages = adapter.preamble(withInstructions(signature, instructions), demos, { isStructured: structured });
    byDemos.set(demos, messages);
  }
  return messages;
}

function checkDemos(demos: unknown): void {
  if (!Array.isArray(demos)) throw new UsageError(`configuration demos: expected a list, got ${describe(demos)}`);
  for (const [index, demo] of demos.entries())
    if (!isPlainObject(demo) || !isPlainObject(demo["inputs"]) || !isPlainObject(demo["outputs"]))
      throw new UsageError(`configuration demos[${index}]: expected { inputs, outputs }, got ${describe(demo)}`);
}
