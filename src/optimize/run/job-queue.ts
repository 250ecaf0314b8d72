import { openExamples } from "./run-state.ts";
import type { PendingWork } from "./run-state.ts";
import type { CompleteWork, EvaluateWork } from "../teleprompter.ts";

/** One thing to perform: an example of an evaluation, by its place in the split, or a completion. */
export type Job =
  | { readonly kind: "example"; readonly work: EvaluateWork; readonly index: number }
  | { readonly kind: "completion"; readonly work: CompleteWork };

interface Line {
  readonly id: string;
  readonly jobs: Iterator<Job>;
}

/** What of the pending work this process has not begun, in the order of issue. Every job leaves it once. */
export class JobQueue {
  readonly #lines: Line[] = [];

  add(item: PendingWork): void {
    this.#lines.push({ id: item.work.id, jobs: jobsOf(item) });
  }

  drop(work: string): void {
    const place = this.#lines.findIndex(({ id }) => id === work);
    if (place >= 0) this.#lines.splice(place, 1);
  }

  take(): Job | undefined {
    for (let line = this.#lines[0]; line !== undefined; line = this.#lines[0]) {
      const { done, value } = line.jobs.next();
      if (done !== true) return value;
      this.#lines.shift();
    }
    return undefined;
  }
}

function* jobsOf(item: PendingWork): Generator<Job, void> {
  const { work, completed } = item;
  if (work.kind === "evaluate") for (const index of openExamples(item)) yield { kind: "example", work, index };
  else if (completed === undefined) yield { kind: "completion", work };
}
