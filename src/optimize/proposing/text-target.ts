import { activeVariables } from "#variables";
import type { Configuration, TextVariable } from "#variables";
import type { Signature } from "#programs";
import type { Task } from "../teleprompter.ts";
import { stageOwning } from "./placed-stage.ts";

/** A text that proposals are made for, and the stage that reads it. */
export interface TextTarget {
  readonly name: string;
  readonly variable: TextVariable;
  /** The path of the stage. */
  readonly stage: string;
  readonly signature: Signature;
}

/** The texts of the space that are active in the baseline, in its order; none may be longer than the task's prompts. */
export function textTargets({ program, space, baseline, maxPromptTokens = Infinity }: Task): readonly TextTarget[] {
  return activeVariables(space, baseline)
    .filter((variable) => variable.kind === "text")
    .map((variable) => {
      const { path, signature } = stageOwning(program, variable.name);
      const { maxTokens = usualMaxTokens } = variable;
      const limited = maxPromptTokens < maxTokens ? { ...variable, maxTokens: maxPromptTokens } : variable;
      return { name: variable.name, variable: limited, stage: path, signature };
    });
}

/** What a text variable allows that says nothing. */
export const usualMaxTokens = 2000;

/** The value of the text in a configuration; what the space has as its default where that says nothing. */
export function textValue({ name, variable }: TextTarget, configuration: Configuration): string {
  const value = configuration[name];
  return typeof value === "string" ? value : (variable.default ?? "");
}

/** What the model reads: an empty instruction means that of the signature. */
export function textRead(target: TextTarget, value: string): string {
  return value === "" && /(?:^|\.)instructions$/.test(target.name) ? target.signature.instructions : value;
}
