import { present } from "#foundation";
import { noUsage, scoreOf } from "#programs";
import type { ShownCase, Viewer } from "../../proposing/shown-case.ts";
import { caseOf } from "../../proposing/shown-case.ts";
import type { ExampleResult, Task, TraceStep } from "../../teleprompter.ts";
import { memberOf } from "./member.ts";
import type { Evaluated } from "./member.ts";

/** What a member did on one training example, stage by stage, and how it was judged. */
export interface Trajectory {
  /** The member's place in the pool. */
  readonly member: number;
  /** The example's place in the training split. */
  readonly example: number;
  readonly score: number;
  /** What the metric said. */
  readonly feedback?: string;
  readonly trace: readonly TraceStep[];
  /** What the program failed with, where it did; there is no trace then. */
  readonly failure?: string;
}

/** The trajectories of an answered work item. What the world failed at is none. */
export function trajectoriesOf({ work, results }: Evaluated): Trajectory[] {
  return results.flatMap((result): Trajectory[] => {
    const score = scoreOf(result);
    if (score === undefined) return [];
    const own = { member: memberOf(work), example: result.index, score };
    if (!result.ok) return [{ ...own, trace: [], failure: result.message }];
    return [{ ...own, ...present({ feedback: result.feedback }), trace: result.trace ?? [] }];
  });
}

/** A trajectory as a proposal prompt shows it to a stage. */
export function shownTrajectory(viewer: Viewer, task: Task, trajectory: Trajectory): ShownCase | undefined {
  const example = task.train[trajectory.example];
  return example && caseOf(viewer, task, example, resultOf(trajectory));
}

function resultOf({ example: index, score, feedback, trace, failure }: Trajectory): ExampleResult {
  if (failure !== undefined) return { ok: false, failure: "candidate", message: failure, index, usage: noUsage };
  return { ok: true, score, ...present({ feedback }), trace, index, usage: noUsage };
}
