import type { Task } from "../dialects/task.ts";
import { betterInstruction } from "./better-instruction.ts";
import { critique } from "./critique.ts";
import { description } from "./description.ts";
import { judgement } from "./judgement.ts";
import type { MetaAnswer, MetaMind, MetaPrompt } from "./meta-answer.ts";
import { moduleAdvice } from "./module-advice.ts";
import { plan } from "./plan.ts";

/** Tried in this order. */
const prompts: readonly MetaPrompt[] = [moduleAdvice, betterInstruction, critique, description, judgement, plan];

/** The answer to a prompt by which an optimiser, a judge's caller or a manager asks; `undefined` for any other. */
export function answerMeta(task: Task, mind: MetaMind): MetaAnswer | undefined {
  for (const prompt of prompts) {
    const asked = prompt.asked(task);
    if (asked.length > 0) return prompt.answer(task, asked, mind);
  }
  return undefined;
}
