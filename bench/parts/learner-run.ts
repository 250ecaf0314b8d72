import type { Store } from "#foundation";
import { readEvents, readRecord, startRun } from "#optimize";
import type { EvaluateWork, RunEvent, Teleprompter } from "#optimize";
import { mean } from "#programs";
import type { LearnerTask } from "./learner-tasks.ts";

/** How the best validation score rose with what was paid. */
export interface LearnerRun {
  readonly run: string;
  readonly points: readonly LearnerPoint[];
  /** Evaluations and calls in all. */
  readonly spent: Paid;
  readonly best: number;
  /** What of the evaluations went into lessons. */
  readonly onLessons: number;
  /** Whether an earlier run had something to say. */
  readonly isTaught: boolean;
}

/** Example runs in units of the validation set, and model calls; what was answered from the log is not paid. */
export interface Paid {
  readonly evaluations: number;
  readonly calls: number;
}

interface LearnerPoint extends Paid {
  readonly best: number;
}

export interface LearnerRunOptions {
  readonly store: Store;
  readonly teleprompter: Teleprompter;
  readonly seed: number;
  readonly learn: boolean;
}

export async function learnerRun(task: LearnerTask, options: LearnerRunOptions): Promise<LearnerRun> {
  const runner = await startRun({ ...task, ...options, deterministic: true });
  await runner.finished;
  const isTaught = (await readRecord(options.store, runner.id)).teleprompter.name === "learner";
  return { ...readRun(await readEvents(options.store, runner.id), task.validation.length), run: runner.id, isTaught };
}

function readRun(events: readonly RunEvent[], size: number): Omit<LearnerRun, "run" | "isTaught"> {
  const work = new Map<string, EvaluateWork>();
  const scores = new Map<string, number[]>();
  const points: LearnerPoint[] = [];
  let paid: Paid = { evaluations: 0, calls: 0 };
  let best = -Infinity;
  let onLessons = 0;
  for (const event of events) {
    if (event.type === "issued") for (const item of event.work) if (item.kind === "evaluate") work.set(item.id, item);
    if (event.type === "completed") paid = { ...paid, calls: paid.calls + event.result.usage.calls };
    if (event.type === "example") {
      const { result } = event;
      if (result.reused !== true)
        paid = { evaluations: paid.evaluations + 1 / size, calls: paid.calls + result.usage.calls };
      if (event.work.startsWith("lesson-")) onLessons += 1 / size;
      const own = scores.get(event.work) ?? [];
      scores.set(event.work, own);
      own.push(result.ok ? result.score : 0);
    }
    const told = event.type === "told" ? work.get(event.work) : undefined;
    const own = told?.split === "validation" ? (scores.get(told.id) ?? []) : [];
    if (own.length < size) continue;
    best = Math.max(best, mean(own));
    points.push({ ...paid, best });
  }
  return { points, spent: paid, best, onLessons };
}

/** What it took to reach a score; all that was paid where it was not reached. */
export function paidUntil({ points, spent }: LearnerRun, score: number): Paid & { readonly isReached: boolean } {
  const reached = points.find(({ best }) => best >= score - 1e-9);
  return {
    evaluations: (reached ?? spent).evaluations,
    calls: (reached ?? spent).calls,
    isReached: reached !== undefined,
  };
}
