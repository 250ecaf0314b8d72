import type { PendingWork } from "./pending-work.ts";
import type { CompleteWork, EvaluateWork, Work } from "../teleprompter.ts";

/** One thing to perform: an example of an evaluation, by its place in the split, or a completion. */
export type Job =
  | { readonly kind: "example"; readonly work: EvaluateWork; readonly index: number }
  | { readonly kind: "completion"; readonly work: CompleteWork };

interface Line {
  readonly work: Work;
  /** How many of the work's examples were looked through. */
  place: number;
  /** How many of them may be. */
  upTo: number;
  /** Those with a result, and those that get one from an earlier measurement. */
  done: ReadonlySet<number>;
}

/** What of the pending work this process has not begun, in the order of issue. Every job leaves it once. */
export class JobQueue {
  #lines: Line[] = [];

  /** Keeps in step with what is out; to be told whenever it has changed by more than an example's result. */
  arrange(pending: readonly PendingWork[]): void {
    const before = new Map(this.#lines.map((line) => [line.work.id, line]));
    this.#lines = pending.map((item) => {
      const { work, results, known, isBlocked, isStopped } = item;
      const done = new Set([...results.map(({ index }) => index), ...known]);
      const upTo =
        isBlocked || isStopped ? 0 : work.kind === "complete" ? Number(item.completed === undefined) : item.upTo;
      return { work, place: before.get(work.id)?.place ?? 0, upTo, done };
    });
  }

  take(): Job | undefined {
    for (const line of this.#lines) {
      const job = next(line);
      if (job !== undefined) return job;
    }
    return undefined;
  }
}

function next(line: Line): Job | undefined {
  const { work } = line;
  while (line.place < line.upTo) {
    const place = line.place++;
    if (work.kind === "complete") return { kind: "completion", work };
    const index = work.examples[place] as number;
    if (!line.done.has(index)) return { kind: "example", work, index };
  }
  return undefined;
}
