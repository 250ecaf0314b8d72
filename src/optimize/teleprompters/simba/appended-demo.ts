import { canonicalJson, integerBelow } from "#foundation";
import type { Json, Rng } from "#foundation";
import { demoOf } from "#programs";
import { activeVariables } from "#variables";
import type { Configuration, Demo, DemosVariable } from "#variables";
import { fittingDemos } from "../../proposing/demo-set.ts";
import { stageOwning } from "../../proposing/placed-stage.ts";
import { isWhole } from "../../proposing/shown-case.ts";
import type { Task } from "../../teleprompter.ts";
import type { Trajectory } from "../pool/trajectory.ts";

export interface AppendDemoOptions {
  /** The most demos of a stage; the variable's own maximum may be less. */
  readonly maxDemos: number;
  /** Whether what the stages did may be shown as it is; else what would have been right, where that is known. */
  readonly isSuccess: boolean;
  readonly rng: Rng;
}

/** The most tokens of a stage's demos, estimated. */
export const maxDemoTokens = 4000;

/** The demos of the space that are active in a configuration. */
export function demosVariables({ space }: Task, configuration: Configuration): readonly DemosVariable[] {
  return activeVariables(space, configuration).filter((variable) => variable.kind === "demos");
}

/**
 * A configuration with one more demo for every stage of a trajectory: its last call there. As many demos go as a Poisson
 * number of mean (demos / most) says, one at least where no more would fit; so does one of the same inputs. `undefined`
 * where no stage has anything to show.
 */
export function withAppendedDemo(
  task: Task,
  configuration: Configuration,
  trajectory: Trajectory,
  options: AppendDemoOptions,
): Configuration | undefined {
  const changed = demosVariables(task, configuration).flatMap((variable) => {
    const demo = demoFor(task, variable, trajectory, options.isSuccess);
    if (demo === undefined) return [];
    const most = Math.min(options.maxDemos, variable.max ?? Infinity);
    const before = (configuration[variable.name] ?? []) as unknown as readonly Demo[];
    const others = before.filter(({ inputs }) => canonicalJson(inputs) !== canonicalJson(demo.inputs));
    const kept = thinned(others, most, options.rng.fork(variable.name));
    // The newest first, so that the oldest go where the tokens do not cover all.
    const shown = fittingDemos([demo, ...kept.toReversed()], maxDemoTokens).toReversed();
    return shown.includes(demo) ? [[variable.name, shown as unknown as Json] as const] : [];
  });
  return changed.length === 0 ? undefined : { ...configuration, ...Object.fromEntries(changed) };
}

function demoFor(
  task: Task,
  { name }: DemosVariable,
  { example, trace }: Trajectory,
  isSuccess: boolean,
): Demo | undefined {
  const stage = stageOwning(task.program, name);
  const step = trace.findLast((each) => each.stage === stage.path);
  if (isSuccess && step !== undefined) return { inputs: step.inputs, outputs: step.outputs };
  const labelled = task.train[example];
  const isLabelled = labelled !== undefined && Object.keys(labelled.expected).length > 0;
  return isLabelled && isWhole({ stage: stage.path, signature: stage.signature }, task) ? demoOf(labelled) : undefined;
}

function thinned(demos: readonly Demo[], most: number, rng: Rng): readonly Demo[] {
  const surplus = Math.max(0, demos.length - (most - 1));
  const left = [...demos];
  for (let count = Math.max(surplus, poisson(rng.fork("count"), demos.length / most)); count > 0; count--)
    left.splice(integerBelow(rng.fork(`drop ${count}`), left.length), 1);
  return left;
}

/** A Poisson number by multiplication of uniform ones (Knuth 1969, §3.4.1). */
function poisson(rng: Rng, expected: number): number {
  const limit = Math.exp(-expected);
  let count = 0;
  for (let product = rng.next(); product > limit; product *= rng.next()) count++;
  return count;
}
