import { describe, isPlainObject, present as presentOnly, UsageError } from "#foundation";
import type { Store } from "#foundation";
import { placedStages } from "#programs";
import { checkCounts } from "../check-counts.ts";
import type { Budget } from "../run/account/budget.ts";
import type { Teleprompter } from "../teleprompter.ts";
import { experienced } from "./experienced.ts";
import { lessons } from "./lessons.ts";
import type { PresentTask } from "./projection.ts";
import { recall, recallRun } from "./recall.ts";

export interface LearnOptions {
  /**
   * Tries first what earlier runs of the store found for tasks like this one, then searches from the best of it
   * (`experienced`): at most three configurations and a tenth of what is planned. With `runs` at most so many of the newest are
   * read, 20 unless told. Where nothing alike is stored, the run is what it would have been.
   */
  readonly learn?: boolean | { readonly runs?: number };
  /** The same from this run alone, however much its task is like this one. */
  readonly warmStart?: string;
}

/** Throws `UsageError` for options that say nothing sensible. */
export function checkLearning({ learn, warmStart }: LearnOptions): void {
  if (warmStart !== undefined && (typeof warmStart !== "string" || warmStart === ""))
    throw new UsageError(`warmStart: expected the id of a run, got ${describe(warmStart)}`);
  if (learn === undefined || learn === false) return;
  if (warmStart !== undefined)
    throw new UsageError("expected learn (from all runs alike) or warmStart (from one), got both; take one out");
  if (learn !== true && !isPlainObject(learn))
    throw new UsageError(`learn: expected true or { runs }, got ${describe(learn)}`);
  if (learn !== true && learn.runs !== undefined) checkCounts("learn", { runs: learn.runs });
}

/** What a run is started with, besides what it learns from. */
export interface LearningTask extends PresentTask {
  readonly teleprompter: Teleprompter;
  readonly budget: Budget;
}

/**
 * The teleprompter with what was learned for this task; itself where nothing was. Rejects with `RunError` (`unknown_run`,
 * `damaged`) and `UsageError` for a run to start from that is not there, cannot be read or shares no variable.
 */
export async function taught(
  store: Store,
  { learn, warmStart }: LearnOptions,
  { teleprompter, budget, ...present }: LearningTask,
): Promise<Teleprompter> {
  const { task } = present;
  if (warmStart === undefined && (learn === undefined || learn === false)) return teleprompter;
  const isTold = warmStart !== undefined;
  const experience = isTold
    ? await recallRun(store, warmStart, task)
    : await recall(store, task, typeof learn === "object" ? learn : {});
  const count = lessonCount(present, teleprompter, budget);
  const learned = lessons(experience, present, { count, ...presentOnly({ atLeast: isTold ? 0 : undefined }) });
  const { notes } = experience;
  if (learned.lessons.length === 0 && notes.length === 0) return teleprompter;
  return experienced(teleprompter, learned, presentOnly({ notes: notes.length === 0 ? undefined : notes }));
}

/** At most a tenth of what the search is likely to measure, so that lessons from a task that only looks alike cost little. */
function lessonCount({ task }: PresentTask, { options }: Teleprompter, { evaluations, calls }: Budget): number {
  const { program, validation } = task;
  const { candidates } = options;
  const callsEach = validation.length * placedStages(program).length;
  const planned = Math.min(
    evaluations ?? Infinity,
    calls === undefined ? Infinity : calls / Math.max(1, callsEach),
    typeof candidates === "number" ? candidates : Infinity,
  );
  return Math.max(1, Math.min(3, Math.floor(planned / 10)));
}
