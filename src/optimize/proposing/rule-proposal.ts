import type { JsonObject } from "#foundation";
import { program, signature } from "#programs";
import type { Program } from "#programs";
import type { CompleteWork, Task } from "../teleprompter.ts";
import { describeProgram, describeStage } from "./describe-program.ts";
import type { ShownCase } from "./shown-case.ts";
import type { TextTarget } from "./text-target.ts";

/** Asks for the rules that cases teach; the list that comes back takes the place of the one in the instruction. */
const ruleProposal: Program = program({
  name: "induce rules",
  signature: signature(
    `current_instruction, program_description, module_description, examples_with_feedback: json, tip?, limits
     -> rules: string[]`,
    {
      instructions:
        "A language model follows the current instruction, which may end with rules. Write the list of rules that it should have: keep those that the cases bear out, correct those that mislead, drop those that do harm or say nothing, and add what the cases that went wrong teach. Each rule is one sentence that stands alone, holds for cases that nobody has shown you, and says when it applies and what then to answer. The most useful rules first.",
      descriptions: {
        current_instruction: "What the model is told now, rules included",
        module_description: "The step that the rules are for",
        examples_with_feedback:
          "Cases with what came in, what was answered, what would have been right, a score (higher is better) and remarks, as far as known",
        tip: "How to go about it this time",
        limits: "What the rules must keep to",
      },
    },
  ),
  configuration: { temperature: 1 },
});

interface RuleMaterial {
  readonly id: string;
  readonly purpose: string;
  readonly target: TextTarget;
  /** The whole text as the model reads it. */
  readonly current: string;
  readonly cases: readonly ShownCase[];
  readonly tip?: string | undefined;
  /** The most rules. */
  readonly rules: number;
}

export function rulesWork(task: Task, { id, purpose, target, current, cases, tip, rules }: RuleMaterial): CompleteWork {
  const inputs: JsonObject = {
    current_instruction: current === "" ? "(none)" : current,
    program_description: describeProgram(task.program),
    module_description: describeStage(target.stage, target.signature),
    examples_with_feedback: cases,
    ...(tip === undefined ? {} : { tip }),
    limits: `At most ${rules} rules.`,
  };
  return { kind: "complete", id, purpose, program: ruleProposal, inputs };
}
