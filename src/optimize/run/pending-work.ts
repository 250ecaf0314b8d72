import { raceLooks } from "../racing/race.ts";
import { knownExamples, measurementKey } from "./measurements.ts";
import type { Measurements } from "./measurements.ts";
import type { CompleteResult, ExampleResult, Work } from "../teleprompter.ts";

/** Work that was issued and not told. */
export interface PendingWork {
  readonly work: Work;
  readonly results: readonly ExampleResult[];
  readonly completed: CompleteResult | undefined;
  /** How many of its examples had to be run when it was issued, by all that was told until then. */
  readonly fresh: number;
  /** So many of its examples, in their order, may be run so far: all, but for a race before its next look. */
  readonly upTo: number;
  /** A race has given its candidate up. */
  readonly isStopped: boolean;
  /** It waits for earlier work that measures the same, so that nothing is paid for twice. */
  readonly isBlocked: boolean;
  /** Examples that were measured before and that it has not heard of, in its order. */
  readonly known: readonly number[];
}

export function pendingWork(work: Work, measurements: Measurements): PendingWork {
  const base = { work, results: [], completed: undefined, isStopped: false, isBlocked: false, known: [] };
  if (work.kind === "complete") return { ...base, fresh: 1, upTo: 0 };
  const [first = 0] = looksOf(work.examples.length, work.race);
  return { ...base, fresh: freshExamples(work, measurements), upTo: first };
}

function looksOf(examples: number, race: Extract<Work, { kind: "evaluate" }>["race"]): readonly number[] {
  return race === undefined ? [examples] : raceLooks(examples, race);
}

/** How many examples of the work have to be run, by all that was told; a completion is one. */
export function freshExamples(work: Work, measurements: Measurements): number {
  return work.kind === "complete" ? 1 : work.examples.length - knownExamples(measurements, work).length;
}

/** What is out, after something was issued, told or given up: who waits for whom, and what each may take from before. */
export function arranged(pending: readonly PendingWork[], measurements: Measurements): readonly PendingWork[] {
  const seen = new Set<string>();
  return pending.map((item) => {
    if (item.work.kind === "complete") return item;
    const key = measurementKey(item.work);
    const isBlocked = seen.has(key);
    seen.add(key);
    const done = new Set(item.results.map(({ index }) => index));
    const known = isBlocked ? [] : knownExamples(measurements, item.work).filter((index) => !done.has(index));
    return { ...item, isBlocked, known };
  });
}

/** What it may take from before now. */
export function reusable({ work, known, upTo }: PendingWork): readonly number[] {
  if (known.length === 0 || work.kind === "complete" || upTo >= work.examples.length) return known;
  const open = new Set(work.examples.slice(0, upTo));
  return known.filter((index) => open.has(index));
}

/** After a look: given up, or on its way to the next. */
export function lookedAt(item: PendingWork, verdict: "stop" | "go_on"): PendingWork {
  const { work, upTo } = item;
  if (verdict === "stop" || work.kind === "complete") return { ...item, isStopped: true };
  const next = looksOf(work.examples.length, work.race).find((look) => look > upTo);
  return { ...item, upTo: next ?? work.examples.length };
}

/** Whether everything that it may run is there, and a race has to say whether it goes on. */
export function isAtLook({ work, results, upTo, isStopped }: PendingWork): boolean {
  return work.kind === "evaluate" && !isStopped && upTo < work.examples.length && results.length >= upTo;
}

/** Whether everything that the work asked for is there. */
export function isAnswered({ work, results, completed, isStopped }: PendingWork): boolean {
  return work.kind === "evaluate" ? isStopped || results.length >= work.examples.length : completed !== undefined;
}

/** The examples of a work item that have no result yet, without those that a race gave up. */
function openExamples({ work, results, isStopped }: PendingWork): readonly number[] {
  if (work.kind !== "evaluate" || isStopped) return [];
  const done = new Set(results.map(({ index }) => index));
  return work.examples.filter((index) => !done.has(index));
}

/** How many runs of examples, or completions, are ahead of it at the most. */
export function runsAhead(item: PendingWork): number {
  if (item.work.kind === "complete") return item.completed === undefined ? 1 : 0;
  return Math.min(item.fresh, openExamples(item).length);
}
