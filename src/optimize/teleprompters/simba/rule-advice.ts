import type { Json, JsonObject } from "#foundation";
import { isPlainObject } from "#foundation";
import { program, signature } from "#programs";
import type { Program } from "#programs";
import { describeProgram, describeStage } from "../../proposing/describe-program.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { clipped } from "../../proposing/token-estimate.ts";
import type { CompleteResult, CompleteWork, Task } from "../../teleprompter.ts";
import { blamedStages } from "../pool/blame.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import type { Rule } from "./rules.ts";

/** Asks what each blamed step should have done: DSPy's question, with the names of fields that the offline model knows. */
const ruleAdvice: Program = program({
  name: "contrast two runs",
  signature: signature(
    `program_description, module_descriptions: string[], module_names: string[], program_inputs: json,
     oracle_metadata?: json, worse_program_trajectory: json, worse_reward?: number, worse_feedback?,
     better_program_trajectory?: json, better_reward?: number, better_feedback?, limits -> module_advice: json`,
    {
      instructions:
        'Two runs of a program on the same inputs were judged differently, or one run was judged badly. For each named module write one sentence of advice that would have made the worse run as good as the better one, or as what is known to be right. Advice has the form "If the module receives ..., then it should ...". It must hold for other inputs of that sort, too: name what is telling in the inputs, no names, numbers or texts of this one case. Answer with an object of the modules\' names with their advice; leave out a module that has nothing to learn.',
      descriptions: {
        module_names: "The modules that advice is wanted for",
        program_inputs: "What both runs were given",
        oracle_metadata: "What would have been right",
        worse_program_trajectory: "What the modules of the worse run got and gave, in order",
        better_program_trajectory: "The same of the better run; absent where no run was good",
        worse_reward: "The score of the worse run, larger is better",
        module_advice: "{ module name: advice }",
      },
    },
  ),
  configuration: { temperature: 1 },
});

const maxCharacters = 2000;

export interface AdviceMaterial {
  readonly id: string;
  /** The texts that may get a rule. */
  readonly targets: readonly TextTarget[];
  readonly worse: Trajectory;
  /** `undefined` where nobody was good. */
  readonly better: Trajectory | undefined;
}

export function adviceWork(task: Task, { id, targets, worse, better }: AdviceMaterial): CompleteWork {
  const { inputs: given, expected } = task.train[worse.example] as { inputs: JsonObject; expected: JsonObject };
  const blamed = targetsToBlame(targets, worse, better);
  const inputs: JsonObject = {
    program_description: describeProgram(task.program),
    module_descriptions: blamed.map(({ stage, signature: own }) => describeStage(stage, own)),
    module_names: blamed.map(({ stage }) => stage),
    program_inputs: shown(given),
    ...(Object.keys(expected).length === 0 ? {} : { oracle_metadata: shown(expected) }),
    worse_program_trajectory: steps(worse),
    worse_reward: worse.score,
    ...feedbackOf("worse_feedback", worse.failure ?? worse.feedback),
    ...(better && { better_program_trajectory: steps(better), better_reward: better.score }),
    ...feedbackOf("better_feedback", better?.feedback),
    limits: "One sentence for each module, at most 400 characters.",
  };
  const purpose = `a rule from what was done on training example ${worse.example}`;
  return { kind: "complete", id, purpose, program: ruleAdvice, inputs };
}

/** The texts of the stages that are to blame; all of them where the trajectories do not tell. */
function targetsToBlame(
  targets: readonly TextTarget[],
  worse: Trajectory,
  better: Trajectory | undefined,
): readonly TextTarget[] {
  const stages = blamedStages(worse.trace, better?.trace ?? []);
  const blamed = targets.filter(({ stage }) => stages.includes(stage));
  return blamed.length === 0 ? targets : blamed;
}

/** The advice by the path of the text that it goes behind; nothing where the answer is of no use. */
export function readAdvice(
  result: CompleteResult,
  targets: readonly TextTarget[],
  example: number,
): ReadonlyMap<TextTarget, Rule> {
  const advice: Json | undefined = result.ok ? result.outputs["module_advice"] : undefined;
  if (!isPlainObject(advice)) return new Map();
  return new Map(
    targets.flatMap((target) => {
      const text = advice[target.stage];
      return typeof text === "string" && text.trim() !== ""
        ? [[target, { text: text.replace(/\s+/g, " ").trim(), example }] as const]
        : [];
    }),
  );
}

function steps({ trace }: Trajectory): Json {
  return trace.map(({ stage, inputs, outputs }) => ({
    module_name: stage,
    inputs: shown(inputs),
    outputs: shown(outputs),
  }));
}

function feedbackOf(name: string, feedback: string | undefined): JsonObject {
  return feedback === undefined ? {} : { [name]: clipped(feedback, maxCharacters) };
}

function shown(value: Json): Json {
  return clipped(value, maxCharacters);
}
