import { program, signature } from "#programs";
import type { Program } from "#programs";
import type { Rng } from "#foundation";
import { chooseCases } from "../../proposing/choose-cases.ts";
import { describeProgram, describeStage } from "../../proposing/describe-program.ts";
import { readRules } from "../../proposing/read-proposal.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { CompleteResult, CompleteWork, Task } from "../../teleprompter.ts";
import { shownTrajectory } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { withoutRule, withRules } from "./rules.ts";
import type { Rule, RuleLimits, Rules } from "./rules.ts";

/** Asks for another wording of one rule. */
const ruleEdit: Program = program({
  name: "edit a rule",
  signature: signature(
    `current_instruction, program_description, module_description, examples_with_feedback: json, limits
     -> rules: string[]`,
    {
      instructions:
        "The current instruction is one rule that a language model follows beside others. Rewrite it so that it does what it should on the shown cases: correct what misleads, sharpen when it applies, leave what is right. It must hold for cases that nobody has shown you. Answer with the rewritten rule, or with two where it should be split.",
      descriptions: {
        current_instruction: "The rule as it stands",
        module_description: "The step that the rule is for",
        examples_with_feedback: "Cases with what came in, what was answered, what would have been right, and a score",
      },
    },
  ),
  configuration: { temperature: 1 },
});

const shownTokens = 2500;
const maxParts = 2;

export interface EditMaterial {
  readonly id: string;
  readonly target: TextTarget;
  readonly rule: Rule;
  readonly trajectories: readonly Trajectory[];
  readonly rng: Rng;
}

export function editWork(task: Task, { id, target, rule, trajectories, rng }: EditMaterial): CompleteWork {
  const cases = trajectories.flatMap((each) => shownTrajectory(target, task, each) ?? []);
  const inputs = {
    current_instruction: rule.text,
    program_description: describeProgram(task.program),
    module_description: describeStage(target.stage, target.signature),
    examples_with_feedback: chooseCases(rng, cases, { maxTokens: shownTokens }),
    limits: "At most two rules of 400 characters each.",
  };
  const purpose = `another wording of a rule that training example ${rule.example} taught`;
  return { kind: "complete", id, purpose, program: ruleEdit, inputs };
}

/** The rules with what the answer says in the place of one; `undefined` where it says nothing new. */
export function editedRules(
  rules: Rules,
  target: TextTarget,
  { place, result, limits }: { readonly place: number; readonly result: CompleteResult; readonly limits: RuleLimits },
): Rules | undefined {
  const { example } = rules[target.name]?.[place] ?? { example: 0 };
  const added = readRules(result, "rules")
    .slice(0, maxParts)
    .map((text) => ({ text, example }));
  const isNew = withRules(rules, target, added, limits) !== undefined;
  return isNew ? withRules(withoutRule(rules, target.name, place), target, added, limits) : undefined;
}
