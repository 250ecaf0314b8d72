import { canonicalJson } from "#foundation";
import type { Json, Rng } from "#foundation";
import { demoOf } from "#programs";
import type { Configuration, Demo } from "#variables";
import { completeConfiguration } from "../../proposal.ts";
import { demoSet, fittingDemos } from "../../proposing/demo-set.ts";
import type { DemosTarget, Success } from "../../proposing/demo-set.ts";
import { fittedConfiguration } from "../../proposing/prompt-length.ts";
import { isWhole } from "../../proposing/shown-case.ts";
import type { Task } from "../../teleprompter.ts";

/**
 * The baseline with a set of demonstrations for each target. One that is smaller than its variable wants is left out, and
 * so are the last demonstrations where a prompt would be longer than the task allows.
 */
export function withDemos(
  task: Task,
  targets: readonly DemosTarget[],
  setFor: (target: DemosTarget) => readonly Demo[],
): Configuration {
  const sets = targets.map((target) => ({ target, set: setFor(target) }));
  const usable = sets.filter(({ target, set }) => set.length >= (target.variable.min ?? 0));
  const values = usable.map(({ target, set }) => [target.name, set as unknown as Json] as const);
  return fittedConfiguration(task, { ...task.baseline, ...Object.fromEntries(values) });
}

export interface DrawnDemosOptions {
  readonly targets: readonly DemosTarget[];
  readonly successes?: readonly Success[];
  /** The most demonstrations of a set, and the most of them from successes. */
  readonly maxDemos: number;
  readonly maxBootstrapped: number;
  /** The most tokens of a set, estimated. */
  readonly maxDemoTokens: number;
  /** Training examples that must not be shown. */
  readonly without?: readonly number[];
}

/** The baseline with sets drawn from successes and labelled examples, so that each covers different answers. */
export function withDrawnDemos(task: Task, rng: Rng, options: DrawnDemosOptions): Configuration {
  const { targets, successes = [], maxDemos, maxBootstrapped, maxDemoTokens, without = [] } = options;
  // What succeeded first depends on which answers came first; what is drawn from it does not.
  const ordered = successes.toSorted((a, b) => a.example - b.example);
  const limits = { size: maxDemos, bootstrapped: maxBootstrapped, maxTokens: maxDemoTokens, without };
  return withDemos(task, targets, (target) => demoSet(rng.fork(target.name), target, task, ordered, limits));
}

/** The first labelled demonstrations that a target can be shown, as many as it, `count` and the tokens allow. */
export function firstLabelled(
  task: Task,
  target: DemosTarget,
  { count, maxDemoTokens }: { readonly count: number; readonly maxDemoTokens: number },
): readonly Demo[] {
  return fittingDemos(labelled(task, target).slice(0, Math.min(count, target.variable.max ?? 16)), maxDemoTokens);
}

/** The training examples, for a stage that does the whole task; else the variable's own pool. */
export function labelled(task: Task, target: DemosTarget): readonly Demo[] {
  return isWhole(target, task) ? task.train.map(demoOf) : (target.variable.pool ?? []);
}

/** What two configurations share that show the same: what one leaves to its defaults, another may say. */
export function configurationKey(task: Task, configuration: Configuration): string {
  return canonicalJson(completeConfiguration(task, configuration));
}
