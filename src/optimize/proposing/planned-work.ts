import type { Work } from "../teleprompter.ts";

/** Work that is made when it is asked for: to see whether a phase has ended, its ids are enough. */
export interface PlannedWork<W extends Work = Work> {
  readonly id: string;
  readonly make: () => W;
}

/** The first so many that were not issued, made. */
export function makeWork(
  planned: readonly PlannedWork[],
  issued: readonly string[],
  capacity: number,
): readonly Work[] {
  const known = new Set(issued);
  const due = planned.filter(({ id }) => !known.has(id)).slice(0, Math.max(0, capacity));
  return due.map(({ make }) => make());
}
