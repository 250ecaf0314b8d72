import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Configuration } from "#variables";
import { checkCounts } from "../../check-counts.ts";
import { demosTargets } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import type { Task } from "../../teleprompter.ts";
import type { TeachingOptions } from "./teaching.ts";

/** Demonstrations from the program's own successes: how many, from whom, how large. */
export interface BootstrapOptions {
  /** The most demonstrations made from the program's own successes, for each stage. */
  readonly maxBootstrapped?: number;
  /** The most demonstrations in all; the rest are labelled training examples. 16 unless told. */
  readonly maxDemos?: number;
  /** A training example succeeded when its score reaches this; 1 unless told. */
  readonly threshold?: number;
  /** Training examples that are run together; 16 unless told. */
  readonly batch?: number;
  /** The most tokens that a stage's demonstrations may have together, estimated; 8,000 unless told. */
  readonly maxDemoTokens?: number;
  /**
   * What the teachers have other than the baseline, such as `{ "predict.model": "large" }`. All examples are asked of the
   * first one, those that it fails of the next, and so on. The baseline alone unless told.
   */
  readonly teachers?: readonly Configuration[];
}

/** The options of a teaching, complete. Throws `UsageError` for faulty ones. */
export function teachingOptions(name: string, options: BootstrapOptions, usualBootstrapped: number): TeachingOptions {
  const {
    maxBootstrapped = usualBootstrapped,
    maxDemos = 16,
    threshold = 1,
    batch = 16,
    maxDemoTokens = 8000,
  } = options;
  const { teachers = [{}] } = options;
  checkCounts(name, { maxBootstrapped, maxDemos, batch, maxDemoTokens });
  if (!Number.isFinite(threshold))
    throw new UsageError(`${name}.threshold: expected a finite number, got ${describe(threshold)}`);
  const isTeacher = (teacher: unknown): boolean => isPlainObject(teacher) && jsonDefect(teacher) === undefined;
  if (!Array.isArray(teachers) || teachers.length === 0 || !teachers.every(isTeacher))
    throw new UsageError(`${name}.teachers: expected at least one configuration, got ${describe(teachers)}`);
  return { maxBootstrapped, maxDemos, threshold, batch, maxDemoTokens, teachers };
}

/** The demonstrations that the space lets change. Throws `UsageError` where it has none. */
export function demosToSet(name: string, task: Task): readonly DemosTarget[] {
  const targets = demosTargets(task);
  if (targets.length > 0) return targets;
  throw new UsageError(
    `${name}: the space has no demos variable that is active in the baseline, such as demos("predict.demos")`,
  );
}
