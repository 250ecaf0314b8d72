import { program, signature } from "#programs";
import type { Program } from "#programs";
import type { CompleteResult, CompleteWork, Task } from "../teleprompter.ts";
import { describeProgram } from "./describe-program.ts";
import type { ShownCase } from "./shown-case.ts";

/** Asks what a set of cases is like. */
const datasetSummary: Program = program({
  name: "summarise examples",
  signature: signature("program_description, examples: json -> summary", {
    instructions:
      "Say in two or three sentences what these cases of a task are like: topics, form and length of what comes in, what the answers are and what they seem to depend on. Only what holds for many of them.",
  }),
});

const maxCharacters = 1200;

/** The call that summarises the cases. */
export function summaryWork(task: Task, id: string, cases: readonly ShownCase[]): CompleteWork {
  const inputs = { program_description: describeProgram(task.program), examples: cases };
  return { kind: "complete", id, purpose: "a summary of the training examples", program: datasetSummary, inputs };
}

/** The summary, shortened where the model went on; empty where there is none. */
export function readSummary(result: CompleteResult): string {
  const summary = result.ok ? result.outputs["summary"] : undefined;
  return typeof summary === "string" ? summary.trim().slice(0, maxCharacters) : "";
}
