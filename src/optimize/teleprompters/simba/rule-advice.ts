import { isPlainObject } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import { program, signature } from "#programs";
import type { Program } from "#programs";
import { describeProgram, describeStage } from "../../proposing/describe-program.ts";
import { readRules } from "../../proposing/read-proposal.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { clipped, jsonTokensOf } from "../../proposing/token-estimate.ts";
import type { CompleteResult, CompleteWork, Task } from "../../teleprompter.ts";
import { blamedStages } from "../pool/blame.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { adviceCases } from "./advice-cases.ts";
import type { Rule, Rules } from "./rules.ts";

/** Asks what each blamed step should have done: DSPy's question, with the names of fields that the offline model knows. */
const ruleAdvice: Program = program({
  name: "contrast two runs",
  signature: signature(
    `program_description, module_descriptions: string[], module_names: string[], program_inputs: json,
     oracle_metadata?: json, worse_program_trajectory: json, worse_reward?: number, worse_feedback?,
     better_program_trajectory?: json, better_reward?: number, better_feedback?, examples_with_feedback?: json,
     current_advice?: json, limits -> module_advice: json`,
    {
      instructions:
        'Two runs of a program on the same inputs were judged differently, or one run was judged badly. For each named module write advice that would have made the worse run as good as the better one, or as what is known to be right, and that would put right what the further cases have in common with it or with each other. Each piece of advice is one sentence of the form "If the module receives ..., then it should ...". It must hold for inputs that nobody has shown you: name what is telling in the inputs of several cases, no names, numbers or texts of one of them, and break none that is right. Do not repeat the current advice. Answer with an object of the modules\' names, each with the list of its advice; leave out a module that has nothing to learn.',
      descriptions: {
        module_names: "The modules that advice is wanted for",
        program_inputs: "What both runs were given",
        oracle_metadata: "What would have been right",
        worse_program_trajectory: "What the modules of the worse run got and gave, in order",
        better_program_trajectory: "The same of the better run; absent where no run was good",
        worse_reward: "The score of the worse run, larger is better",
        examples_with_feedback:
          "Of each module further cases: what came in, what it gave, what would have been right, and a score, as far as known",
        current_advice: "What each module is told already",
        module_advice: "{ module name: [advice, ...] }",
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
  /** The member that the advice is for, by its place in the pool, and the rules that it has. */
  readonly parent: number;
  readonly rules: Rules;
  /** What may be shown of what was done on training examples, and those that nothing may be shown of. */
  readonly trajectories: readonly Trajectory[];
  readonly without: readonly number[];
  /** The most tokens of further cases and of current advice, estimated. */
  readonly shownTokens: number;
  readonly rng: Rng;
}

/** The most pieces of advice that one answer has for a module. */
const maxAdvice = 8;

export function adviceWork(task: Task, material: AdviceMaterial): CompleteWork {
  const { id, targets, worse, better } = material;
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
    ...furtherMaterial(task, blamed, material),
    limits: `At most ${maxAdvice} sentences for each module, each of at most 400 characters. The most useful first.`,
  };
  const purpose = `rules from what was done on training example ${worse.example} and others`;
  return { kind: "complete", id, purpose, program: ruleAdvice, inputs };
}

/** Further cases and current advice, by the modules' names; neither where there is none. */
function furtherMaterial(task: Task, blamed: readonly TextTarget[], material: AdviceMaterial): JsonObject {
  const { rules, rng, shownTokens } = material;
  const advice = blamed.flatMap(({ name, stage }) => {
    const own = (rules[name] ?? []).map(({ text }) => text);
    return own.length === 0 ? [] : [[stage, own] as const];
  });
  const current: JsonObject = Object.fromEntries(advice);
  const maxTokens = Math.max(0, shownTokens - jsonTokensOf(current)) / blamed.length;
  const cases = blamed.flatMap((target) => {
    const own = adviceCases(rng.fork(target.stage), target, task, { ...material, maxTokens });
    return own.length === 0 ? [] : [[target.stage, own] as const];
  });
  return {
    ...(cases.length > 0 && { examples_with_feedback: Object.fromEntries(cases) }),
    ...(advice.length > 0 && { current_advice: current }),
  };
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

/** The advice by the text that it goes behind; nothing where the answer is of no use. */
export function readAdvice(
  result: CompleteResult,
  targets: readonly TextTarget[],
  example: number,
): ReadonlyMap<TextTarget, readonly Rule[]> {
  const advice: Json | undefined = result.ok ? result.outputs["module_advice"] : undefined;
  if (!result.ok || !isPlainObject(advice)) return new Map();
  const outputs = advice as Readonly<Record<string, Json>>;
  return new Map(
    targets.map((target) => {
      const texts = readRules({ ...result, outputs }, target.stage);
      return [target, texts.slice(0, maxAdvice).map((text) => ({ text, example }))] as const;
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
