import { canonicalJson } from "#foundation";
import type { Json, Store } from "#foundation";
import { historyLogOf, readProgram, writeProgram } from "#programs";
import type { Configuration } from "#variables";
import type { Report } from "./report.ts";
import type { RunRecord } from "./run-record.ts";

/** One change of a stored program's configuration by a run. */
export interface HistoryItem {
  readonly run: string;
  readonly at: number;
  readonly score: number | null;
  readonly before: Configuration;
  readonly after: Configuration;
}

/** How often the write is tried when somebody else changes the program at the same time. */
const maxTries = 10;

/**
 * Gives a stored program the configuration that its completed run chose, with the score it was measured at, and keeps
 * the former one in its history. Once per run, however often it is called; nothing happens for a program that was
 * destroyed meanwhile.
 */
export async function adoptResult(store: Store, record: RunRecord, report: Report, at: number): Promise<void> {
  if (record.programId === undefined || report.status !== "completed") return;
  const log = historyLogOf(record.programId);
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const stored = await readProgram(store, record.programId);
    if (stored === undefined || stored.performance?.run === record.id) return;
    const { revision, space: _space, program, ...rest } = stored;
    // A run without a gain measured what it started from, and knows nothing of what somebody put there meanwhile.
    if (!report.significant && canonicalJson(program.configuration) !== canonicalJson(record.program.configuration))
      return;
    const configuration = { ...program.configuration, ...report.configuration };
    const score = scoreOf(report);
    const item: HistoryItem = { run: record.id, at, score, before: program.configuration, after: configuration };
    const performance = score === null ? undefined : { score, run: record.id, at };
    const next = { ...rest, program: { ...program, configuration }, performance };
    if (!(await writeProgram(store, next, revision))) continue;
    await store.logs.append(log, [item as unknown as Json]);
    return;
  }
}

/** The score of the chosen configuration where it is most honest: on held-out examples, else on validation. */
function scoreOf({ heldOut, validation, significant }: Report): number | null {
  const comparison = heldOut ?? validation;
  if (comparison === undefined) return null;
  return significant ? comparison.winner.score : comparison.baseline.score;
}
