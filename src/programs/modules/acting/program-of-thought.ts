import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { SandboxOutcome, SandboxProgram, SandboxResult } from "#foundation/sandbox";
import { readRecord, typeText } from "../../signatures/field-type.ts";
import type { Field } from "../../signatures/field-type.ts";
import { addUsage, noUsage } from "../../language-model.ts";
import type { Usage } from "../../language-model.ts";
import type { Context, StageCall, StageResult, Values } from "../../module.ts";
import { ProgramError } from "../../program-error.ts";
import { checkOutputs } from "../../signatures/signature.ts";
import type { Signature } from "../../signatures/signature.ts";
import { boundedText } from "./bounded-json.ts";
import { broughtStage, countSetting } from "../brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "../brought-stage.ts";
import { freeFieldName, remembered, withFurtherInputs } from "../extended-signature.ts";
import { FailedAfterSpending } from "../../failed-after-spending.ts";
import { ask } from "../predict.ts";
import { askSettings } from "../stage-request.ts";

/** What runs the programs: a `Sandbox` of `tutti/foundation/sandbox`, or something with its walls. */
export interface ProgramRunner {
  run(
    program: SandboxProgram,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<SandboxResult>;
}

export interface ProgramOfThoughtOptions extends BroughtStageOptions {
  /** Whoever made it disposes of it. It is asked for every program; nothing is run anywhere else. */
  readonly sandbox: ProgramRunner;
  /** How many further programs a model may write after one that did not work, from 0 to 10; 2 unless told. */
  readonly maxRepairs?: number;
  /** How long a program may run; the sandbox's own limit unless told. */
  readonly timeoutMs?: number;
}

/**
 * Has the model write a JavaScript function of the inputs that gives the outputs, and runs it in the sandbox (Program of
 * Thoughts, Chen et al. 2022, arXiv 2211.12588). A program that fails, or gives something that does not fit the
 * signature, is shown to the model with what was wrong. The program is the further output `program`. Settings: those of
 * `predict`, and `maxRepairs`.
 */
export function programOfThought(options: ProgramOfThoughtOptions): BroughtStage {
  const { sandbox, maxRepairs } = options;
  if (typeof sandbox?.run !== "function")
    throw new UsageError(`programOfThought.sandbox: expected a Sandbox, got ${describe(sandbox)}`);
  const formOf = remembered(writingForm);
  return broughtStage({
    usualName: "program_of_thought",
    options,
    configuration: { maxRepairs },
    settings: [...askSettings, "maxRepairs"],
    run: (context, stage) => thinkInPrograms({ context, stage, options, form: formOf(stage.signature) }),
  });
}

interface Thinking {
  readonly context: Context;
  readonly stage: StageCall;
  readonly options: ProgramOfThoughtOptions;
  readonly form: WritingForm;
}

async function thinkInPrograms(thinking: Thinking): Promise<StageResult> {
  const { stage, form, options } = thinking;
  const repairs = countSetting(stage, "maxRepairs", { usual: options.maxRepairs ?? 2, min: 0, max: 10 });
  let [usage, context]: [Usage, Context] = [noUsage, thinking.context];
  try {
    for (let number = 0; ; number++) {
      const written = await ask(context, { ...stage, signature: form.signature, onPartial: undefined }, "predict");
      usage = addUsage(usage, written.usage ?? noUsage);
      const program = sourceOf(written.outputs[form.program]);
      const ran = await runProgram(thinking, program);
      if (ran.ok) {
        const outputs = { ...written.outputs, [form.program]: program, ...ran.outputs };
        stage.onPartial?.(ran.outputs, 1);
        return { outputs, usage };
      }
      if (number === repairs) throw unusable(stage.id, { tries: number + 1, program, problem: ran.problem });
      const shown = { [form.previous]: program, [form.problem]: ran.problem };
      context = { ...thinking.context, inputs: { ...thinking.context.inputs, ...shown } };
    }
  } catch (thrown) {
    const failed = thrown instanceof FailedAfterSpending ? thrown : { cause: thrown, usage: noUsage };
    throw new FailedAfterSpending(failed.cause, addUsage(usage, failed.usage));
  }
}

type Ran = { readonly ok: true; readonly outputs: Values } | { readonly ok: false; readonly problem: string };

/** The longest that a model is told about what was wrong, in characters. */
const maxProblemChars = 2000;

async function runProgram({ context, stage, options }: Thinking, source: string): Promise<Ran> {
  const values: Values = { ...context.inputs, ...context.outputs };
  const { signature, signal } = stage;
  const taken = signature.inputs.flatMap(({ name }) => (Object.hasOwn(values, name) ? [[name, values[name]]] : []));
  const inputs = Object.fromEntries(taken) as Record<string, unknown>;
  const defect = jsonDefect(inputs);
  if (defect !== undefined) throw new Error(`a program takes JSON, and of the inputs ${defect}`);
  const limits = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  const result = await options.sandbox.run({ source, inputs: [[inputs as Json]] }, { ...limits, signal });
  const outcome: SandboxOutcome | undefined = result.ok ? result.results[0] : undefined;
  if (!result.ok) return problem(`${result.code}: ${result.message}`);
  if (outcome === undefined) return problem("it gave nothing");
  if (!outcome.ok) return problem(`${outcome.code}: ${outcome.message}`);
  return fitting(signature, outcome.value, inputs);
}

/** A result as the outputs. For a signature of one output, the value itself will do. */
async function fitting(signature: Signature, value: Json, inputs: Values): Promise<Ran> {
  const [only] = signature.outputs;
  const isRecord = isPlainObject(value) && signature.outputs.some(({ name }) => Object.hasOwn(value, name));
  const record = !isRecord && only !== undefined && signature.outputs.length === 1 ? { [only.name]: value } : value;
  if (!isPlainObject(record)) return problem(`it gave ${describe(value)}, not an object with the outputs`);
  const outputs = readRecord(signature.outputs, record);
  const checked = await checkOutputs(signature, outputs, inputs);
  if (checked.ok) return { ok: true, outputs };
  return problem(
    `it gave other outputs than asked for: ${checked.issues
      .map(({ path, expected, received }) => `${path}: expected ${expected}, got ${received}`)
      .join("; ")}`,
  );
}

function problem(words: string): Ran {
  return { ok: false, problem: boundedText(words, maxProblemChars) };
}

/** The program without the fence that models put around it. */
function sourceOf(text: unknown): string {
  const source = typeof text === "string" ? text.trim() : "";
  const fenced = /^```\w*\n([\s\S]*?)\n?```$/.exec(source);
  return (fenced?.[1] ?? source).trim().replace(/;$/, "");
}

function unusable(
  stage: string,
  { tries, program, problem: last }: { readonly tries: number; readonly program: string; readonly problem: string },
): ProgramError {
  const times = tries === 1 ? "the program" : `none of ${tries} programs`;
  const message = `${times} ${tries === 1 ? "did not give" : "gave"} the outputs: ${last}`;
  return new ProgramError("unusable_reply", message, { stage, raw: program });
}

/** How a program is asked for, and what its fields are called. */
interface WritingForm {
  readonly signature: Signature;
  readonly program: string;
  readonly previous: string;
  readonly problem: string;
}

function writingForm(signature: Signature): WritingForm {
  const name = (usual: string): string => freeFieldName(signature, usual);
  const names = { program: name("program"), previous: name("previous_program"), problem: name("problem") };
  const fields = (list: readonly Field[]): string =>
    list.map((field) => `${field.name}${field.optional === true ? "?" : ""}: ${typeText(field.type)}`).join(", ");
  const program: Field = {
    name: names.program,
    type: { kind: "string" },
    description: [
      "One JavaScript expression that is a function, like (inputs) => { … }, and nothing else.",
      `It takes one object {${fields(signature.inputs)}} and returns one object {${fields(signature.outputs)}}.`,
      "It only computes: no import, no await, no input or output",
    ].join(" "),
  };
  const asked = withFurtherInputs({ ...plain(signature), outputs: [program] }, [
    { name: names.previous, type: { kind: "string" }, description: "An earlier program, which did not work" },
    { name: names.problem, type: { kind: "string" }, description: "What was wrong with it" },
  ]);
  return { ...names, signature: asked };
}

/** The data of a signature alone: its finer checks are for its own outputs. */
function plain({ instructions, inputs, outputs }: Signature): Signature {
  return { instructions: `${instructions} Do it by writing a program.`, inputs, outputs };
}
