import { canonicalJson, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { examplesFromRecords } from "#programs";
import type { Example, Signature } from "#programs";
import { settleConfiguration, space } from "#variables";
import type { Configuration, Demo, Variable } from "#variables";
import { completeConfiguration } from "../proposal.ts";
import { stageOwning } from "../proposing/placed-stage.ts";
import type { Task } from "../teleprompter.ts";
import type { ExperiencedRun } from "./experience.ts";
import { exampleKey, textsIn } from "./task-sketch.ts";

/** The task that lessons are for, with the held-out examples, which no lesson may know. */
export interface PresentTask {
  readonly task: Task;
  readonly test: readonly Example[];
}

/** An earlier configuration as far as it can be tried here. */
export interface Projection {
  readonly configuration: Configuration;
  /** Which part of what it had changed in its own run is still in it, above 0 to 1. */
  readonly kept: number;
}

/** A text that is as short as this stands in others by chance. */
const minQuoted = 20;

/**
 * The configuration in the present space: values of variables that both spaces have, of the same kind, made to fit;
 * the baseline's for all others. Demonstrations go whose inputs are among the present validation or held-out examples or
 * that do not fit the stage's fields, and texts that quote such an example. Of a run that learned from examples that are
 * held out now no text comes at all: a text may know them in other words.
 */
export function projection(present: PresentTask, run: ExperiencedRun, trial: Configuration): Projection | undefined {
  const { task } = present;
  const guard = guardOf(present, run);
  const values: Record<string, Json> = {};
  let [kept, changed] = [0, 0];
  const from = settleConfiguration(run.space, run.baseline);
  for (const earlier of run.space.variables) {
    const [value, before] = [trial[earlier.name], from[earlier.name]];
    const isChanged = value !== undefined && (before === undefined || canonicalJson(value) !== canonicalJson(before));
    if (isChanged) changed++;
    const variable = task.space.variables.find(({ name, kind }) => name === earlier.name && kind === earlier.kind);
    const own = value === undefined || variable === undefined ? undefined : carried(guard, variable, value, isChanged);
    if (own === undefined) continue;
    values[earlier.name] = own.value;
    if (isChanged) kept += own.share;
  }
  if (kept === 0) return undefined;
  const configuration = completeConfiguration(task, { ...task.baseline, ...values });
  const isBaseline = canonicalJson(configuration) === canonicalJson(completeConfiguration(task, task.baseline));
  return isBaseline ? undefined : { configuration, kept: kept / changed };
}

/** What must not be known. */
interface Guard {
  readonly task: Task;
  readonly unseen: ReadonlySet<string>;
  readonly quotable: readonly string[];
  /** Whether the run learned from examples that are held out now. */
  readonly knowsHeldOut: boolean;
}

function guardOf({ task, test }: PresentTask, { train, validation }: ExperiencedRun): Guard {
  const chosenOn = [...task.validation, ...test];
  const heldOut = new Set(test.map(exampleKey));
  return {
    task,
    unseen: new Set(chosenOn.map(exampleKey)),
    quotable: chosenOn.flatMap(({ inputs }) => textsIn(inputs as Json)).filter(({ length }) => length >= minQuoted),
    knowsHeldOut: [...train, ...validation].some((key) => heldOut.has(key)),
  };
}

/** A value as far as it may be used, and how much of it that is. */
interface Carried {
  readonly value: Json;
  readonly share: number;
}

function carried(guard: Guard, variable: Variable, value: Json, isChanged: boolean): Carried | undefined {
  if (variable.kind === "demos") return carriedDemos(guard, variable.name, value);
  const isText = typeof value === "string" && variable.kind === "text";
  if (isText && isChanged && guard.knowsHeldOut) return undefined;
  if (isText && guard.quotable.some((text) => value.includes(text))) return undefined;
  // What is computed follows from the others.
  if (variable.kind === "composite") return undefined;
  const near = withinRange(variable, value);
  const { [variable.name]: settled } = settleConfiguration(space([variable]), { [variable.name]: near });
  const fits = settled !== undefined && canonicalJson(settled) === canonicalJson(near);
  return fits ? { value: near, share: 1 } : undefined;
}

/** A number beyond the range that it may have here is its end. */
function withinRange(variable: Variable, value: Json): Json {
  const isRange = variable.kind === "float" || variable.kind === "integer";
  return isRange && typeof value === "number" ? Math.min(variable.max, Math.max(variable.min, value)) : value;
}

function carriedDemos({ task, unseen, quotable }: Guard, name: string, value: Json): Carried | undefined {
  const { signature } = stageOwning(task.program, name);
  const all = value as unknown as readonly Demo[];
  if (all.length === 0) return { value, share: 1 };
  const usable = all.filter(
    (demo) => isDemoOf(signature, demo) && !unseen.has(exampleKey(demo)) && !quotes(demo, quotable),
  );
  return usable.length === 0 ? undefined : { value: usable as unknown as Json, share: usable.length / all.length };
}

/** A stage inside a pipeline has other inputs than the example, which may stand in one of them. */
function quotes(demo: Demo, quotable: readonly string[]): boolean {
  return textsIn(demo as unknown as Json).some((own) => quotable.some((text) => own.includes(text)));
}

function isDemoOf(signature: Signature, { inputs, outputs }: Demo): boolean {
  try {
    examplesFromRecords(signature, [{ ...inputs, ...outputs }]);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
