import type { JsonObject } from "#foundation";
import { program, signature } from "#programs";
import type { Program } from "#programs";
import type { CompleteWork, Task } from "../teleprompter.ts";
import type { Attempt } from "./attempts.ts";
import { describeProgram, describeStage } from "./describe-program.ts";
import { limitText } from "./read-proposal.ts";
import type { ShownCase } from "./shown-case.ts";
import type { TextTarget } from "./text-target.ts";
import { textRead } from "./text-target.ts";

/** Asks for a better instruction of one stage. Its field names are those that the offline model knows, too. */
const instructionProposal: Program = program({
  name: "propose instruction",
  signature: signature(
    `current_instruction, program_description, module_description, dataset_summary?, examples_with_feedback?: json,
     attempts?: json, tip?, limits -> proposed_instruction`,
    {
      instructions:
        "You write the instruction that a language model gets for one step of a program. Propose a better one than the current instruction. It must hold for cases that nobody has shown you: state what the shown cases teach in general, do not repeat single cases. Keep every fact about the task that the model cannot know otherwise. Answer with the instruction alone.",
      descriptions: {
        current_instruction: "What the model is told now",
        program_description: "What the whole program does",
        module_description: "The step that the instruction is for",
        dataset_summary: "What the cases are like",
        examples_with_feedback:
          "Cases with what came in, what was answered, what would have been right, a score (higher is better) and remarks, as far as known",
        attempts: "Instructions that were tried, with their scores, the best last",
        tip: "How to go about it this time",
        limits: "What the instruction must keep to",
      },
    },
  ),
  configuration: { temperature: 1 },
});

interface InstructionMaterial {
  readonly id: string;
  readonly purpose: string;
  readonly target: TextTarget;
  /** The text to start from, as the configuration has it. */
  readonly current: string;
  readonly summary?: string | undefined;
  readonly cases: readonly ShownCase[];
  readonly attempts: readonly Attempt[];
  readonly tip?: string | undefined;
  /** The longest useful text, in tokens, where that is less than the variable allows. */
  readonly maxTokens?: number | undefined;
}

/** The call that proposes a text. What there is nothing of is left out. */
export function instructionWork(task: Task, material: InstructionMaterial): CompleteWork {
  const { id, purpose, target, current, summary, cases, attempts, tip, maxTokens } = material;
  const inputs: JsonObject = {
    current_instruction: textRead(target, current) || "(none)",
    program_description: describeProgram(task.program),
    module_description: describeStage(target.stage, target.signature),
    ...(summary === undefined || summary === "" ? {} : { dataset_summary: summary }),
    ...(cases.length === 0 ? {} : { examples_with_feedback: cases }),
    ...(attempts.length === 0 ? {} : { attempts }),
    ...(tip === undefined ? {} : { tip }),
    limits: limitText(target.variable, maxTokens),
  };
  return { kind: "complete", id, purpose, program: instructionProposal, inputs };
}
