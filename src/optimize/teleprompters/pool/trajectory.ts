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
  /** The metric's own score, where `score` is less by what the example cost. */
  readonly metricScore?: number;
  /** What the metric said. */
  readonly feedback?: string;
  readonly trace: readonly TraceStep[];
  /** What the program failed with, where it did; there is no trace then. */
  readonly failure?: string;
}

/** The trajectories of an answered work item. What the world failed at is none. */
export function trajectoriesOf({ work, results }: Evaluated): Trajectory[] {
  return results.flatMap((result) => trajectoryOf(memberOf(work), result) ?? []);
}

/** What a member did on an example; `undefined` where the world failed. */
export function trajectoryOf(member: number, result: ExampleResult): Trajectory | undefined {
  const score = scoreOf(result);
  if (score === undefined) return undefined;
  const own = { member, example: result.index, score };
  if (!result.ok) return { ...own, trace: [], failure: result.message };
  const { feedback, metricScore, trace = [] } = result;
  return { ...own, ...present({ feedback, metricScore }), trace };
}

/** A trajectory as a proposal prompt shows it to a stage. */
export function shownTrajectory(viewer: Viewer, task: Task, trajectory: Trajectory): ShownCase | undefined {
  const example = task.train[trajectory.example];
  return example && caseOf(viewer, task, example, resultOf(trajectory));
}

function resultOf({ example: index, score, metricScore, feedback, trace, failure }: Trajectory): ExampleResult {
  if (failure !== undefined) return { ok: false, failure: "candidate", message: failure, index, usage: noUsage };
  return { ok: true, score, ...present({ metricScore, feedback }), trace, index, usage: noUsage };
}
