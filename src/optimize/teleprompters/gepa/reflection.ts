import type { Json, JsonObject, Rng } from "#foundation";
import { program, signature } from "#programs";
import type { Program } from "#programs";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { describeProgram, describeStage } from "../../proposing/describe-program.ts";
import { limitText } from "../../proposing/read-proposal.ts";
import { isWhole, labelledCase } from "../../proposing/shown-case.ts";
import type { ShownCase } from "../../proposing/shown-case.ts";
import { textRead } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { clipped } from "../../proposing/token-estimate.ts";
import type { CompleteWork, Task } from "../../teleprompter.ts";
import { shownTrajectory } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";

/** Asks for a better instruction of one stage from what it did: GEPA's question, with whole trajectories. */
const reflection: Program = program({
  name: "reflect",
  signature: signature(
    `current_instruction, program_description, module_description, examples_with_feedback: json, tip?, limits
     -> improved_instruction`,
    {
      instructions:
        "A language model got the current instruction for one step of a program; below is what it did with it, how that was judged, and what would have been right, as far as known. Read it case by case: what was asked, what went wrong, and why. Then write a better instruction for the step. Keep every fact about the task that a model cannot know by itself, and every way of solving it that holds in general; state them precisely, as rules where that fits. Do not repeat single cases. Answer with the instruction alone.",
      descriptions: {
        current_instruction: "What the model is told now",
        program_description: "What the whole program does",
        module_description: "The step that the instruction is for",
        examples_with_feedback:
          "What came in, what was answered, what would have been right, a score (1 is best) and remarks; trajectory has what all steps did, where there are several",
        tip: "How to go about it this time",
        limits: "What the instruction must keep to",
      },
    },
  ),
  configuration: { temperature: 1 },
});

/** Asks for one instruction made of two. */
const instructionMerge: Program = program({
  name: "merge instructions",
  signature: signature(
    `instructions: string[], program_description, module_description, examples_with_feedback: json, limits
     -> merged_instruction`,
    {
      instructions:
        "Two instructions for the same step of a program are each better on other cases. Write one that has what is good in both: every fact, every rule, each once, without contradiction. Where they contradict each other go by the cases. Answer with the instruction alone.",
      descriptions: {
        instructions: "Both instructions, the better one first",
        examples_with_feedback: "Cases with what was answered, what would have been right, and a score (1 is best)",
        limits: "What the instruction must keep to",
      },
    },
  ),
  configuration: { temperature: 1 },
});

export interface ReflectionMaterial {
  readonly id: string;
  readonly purpose: string;
  readonly target: TextTarget;
  /** The texts to start from as configurations have them: one to improve, two to merge. */
  readonly texts: readonly string[];
  /** What the parent did. */
  readonly trajectories: readonly Trajectory[];
  readonly tip?: string | undefined;
  readonly maxTokens: number | undefined;
  readonly rng: Rng;
}

const mergedTokens = 1500;

/** The call that reflects on one text, or merges two. */
export function reflectionWork(task: Task, material: ReflectionMaterial): CompleteWork {
  const { id, purpose, target, texts, trajectories, tip, maxTokens, rng } = material;
  const isMerge = texts.length > 1;
  const cases = [
    ...trajectories.flatMap((each) => shownWhole(target, task, each)),
    ...labelledCases(target, task, trajectories),
  ];
  const read = texts.map((text) => textRead(target, text) || "(none)");
  const inputs: JsonObject = {
    ...(isMerge ? { instructions: read } : { current_instruction: read[0] ?? "" }),
    program_description: describeProgram(task.program),
    module_description: describeStage(target.stage, target.signature),
    examples_with_feedback: chooseCases(rng, cases, isMerge ? { maxTokens: mergedTokens } : {}),
    ...(tip === undefined || isMerge ? {} : { tip }),
    limits: limitText(target.variable, maxTokens),
  };
  return { kind: "complete", id, purpose, program: isMerge ? instructionMerge : reflection, inputs };
}

const maxStepCharacters = 400;

type WholeCase = ShownCase & { readonly trajectory?: Json };

/** A case with what all stages did, where there are several: a stage's mistake may show in what another makes of it. */
function shownWhole(target: TextTarget, task: Task, trajectory: Trajectory): WholeCase[] {
  const shown = shownTrajectory(target, task, trajectory);
  if (shown === undefined) return [];
  if (trajectory.trace.length < 2) return [shown];
  const steps = trajectory.trace.map(({ stage, inputs, outputs }) => ({ step: stage, inputs, outputs }));
  return [{ ...shown, trajectory: clipped(steps, maxStepCharacters) }];
}

/** The examples that the parent was not run on, for a stage that does the whole task: what is known costs nothing. */
function labelledCases(target: TextTarget, task: Task, ran: readonly Trajectory[]): ShownCase[] {
  if (!isWhole(target, task)) return [];
  const known = new Set(ran.map(({ example }) => example));
  const others = task.train.filter((_, place) => !known.has(place)).map((example) => labelledCase(target, example));
  return others.filter(({ expected }) => expected !== undefined);
}
