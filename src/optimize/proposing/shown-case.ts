import type { JsonObject } from "#foundation";
import type { Example } from "#programs";
import type { ExampleResult, Task, TraceStep } from "../teleprompter.ts";
import type { TextTarget } from "./text-target.ts";

/** A case of the task as a proposal prompt shows it: what is not known is absent. */
export type ShownCase = {
  readonly inputs: JsonObject;
  /** What the stage produced. */
  readonly outputs?: JsonObject;
  /** What would have been right, of the stage's own outputs. */
  readonly expected?: JsonObject;
  readonly score?: number;
  readonly feedback?: string;
  /** How the whole program ended, where the stage is not all of it. */
  readonly program?: { readonly outputs: JsonObject; readonly expected: JsonObject };
};

/** Who is shown the case: a stage by its path and its signature. */
export type Viewer = Pick<TextTarget, "stage" | "signature">;

/**
 * What came of an example, as the stage saw it: its last call, where it was called more than once. `undefined` for what
 * the world failed at, which no model shall learn from, and where there is no trace of the stage.
 */
export function caseOf(viewer: Viewer, task: Task, example: Example, result: ExampleResult): ShownCase | undefined {
  if (!result.ok) {
    if (result.failure === "infrastructure" || !isWhole(viewer, task)) return undefined;
    return { ...labelledCase(viewer, example), score: 0, feedback: `The program failed: ${result.message}` };
  }
  const step = result.trace?.findLast(({ stage }) => stage === viewer.stage);
  if (step === undefined) return undefined;
  const { feedback, trace = [] } = result;
  // What it cost says nothing of the answer.
  const score = result.metricScore ?? result.score;
  return {
    inputs: step.inputs,
    outputs: step.outputs,
    ...expectedOf(viewer, example),
    score: Math.round(score * 1000) / 1000,
    ...(feedback === undefined ? {} : { feedback }),
    ...(isWhole(viewer, task) ? {} : { program: programCase(task, example, trace) }),
  };
}

/** An example that nobody ran: what goes in and what is right. Only a stage that does the whole task can be shown it. */
export function labelledCase(viewer: Viewer, example: Example): ShownCase {
  return { inputs: example.inputs as JsonObject, ...expectedOf(viewer, example) };
}

/** Whether the stage takes and gives what the program does. */
export function isWhole({ signature }: Viewer, { program }: Task): boolean {
  return signature === program.signature;
}

function expectedOf({ signature }: Viewer, { expected }: Example): { readonly expected?: JsonObject } {
  const names = new Set(signature.outputs.map(({ name }) => name));
  const own = Object.entries(expected as JsonObject).filter(([name]) => names.has(name));
  return own.length === 0 ? {} : { expected: Object.fromEntries(own) };
}

function programCase({ program }: Task, { expected }: Example, trace: readonly TraceStep[]): ShownCase["program"] & {} {
  const known: JsonObject = Object.assign({}, ...trace.map(({ outputs }) => outputs)) as JsonObject;
  const ended = program.signature.outputs.filter(({ name }) => known[name] !== undefined);
  return {
    outputs: Object.fromEntries(ended.map(({ name }) => [name, known[name]])),
    expected: expected as JsonObject,
  };
}
