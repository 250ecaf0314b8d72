import { sampleItems } from "#foundation";
import type { Rng } from "#foundation";
import type { ExampleResult, Task } from "../teleprompter.ts";
import { caseOf, isWhole, labelledCase } from "./shown-case.ts";
import type { ShownCase, Viewer } from "./shown-case.ts";

/** More labelled examples than these fit into no prompt. */
const maxUnrun = 300;

/**
 * What there is to learn from training examples: the cases that were run, then, for a stage that does the whole task, some
 * of the labelled examples that were not.
 */
export function knownCases(
  rng: Rng,
  viewer: Viewer,
  task: Task,
  lessons: readonly ExampleResult[],
): readonly ShownCase[] {
  const ran = lessons.flatMap((result) => {
    const example = task.train[result.index];
    return (example && caseOf(viewer, task, example, result)) ?? [];
  });
  if (!isWhole(viewer, task)) return ran;
  const indices = new Set(lessons.map(({ index }) => index));
  const unrun = task.train.filter((_, index) => !indices.has(index));
  const labelled = sampleItems(rng, unrun, maxUnrun).map((example) => labelledCase(viewer, example));
  return [...ran, ...labelled.filter(({ expected }) => expected !== undefined)];
}
