import { canonicalJson, present } from "#foundation";
import type { Json, Store } from "#foundation";
import { historyLogOf, putProgram, readProgram } from "#programs";
import type { Configuration } from "#variables";
import { appliedConfiguration } from "./applied-configuration.ts";
import type { Report } from "./report.ts";
import type { RunRecord } from "./run-record.ts";
import { scopeLost } from "./scope-lease.ts";
import type { ScopeLease } from "./scope-lease.ts";

/** One change of a stored program's configuration by a run. */
export interface HistoryItem {
  readonly run: string;
  readonly at: number;
  readonly score: number | null;
  readonly before: Configuration;
  readonly after: Configuration;
}

/**
 * Gives a stored program the configuration that its completed run chose, with the score it was measured at, and keeps
 * the former one in its history. Once per run, however often it is called, also after a process that died between the
 * two; nothing happens for a program that was destroyed meanwhile. Rejects with `taken_over`, and leaves the program as
 * it is, when another run got the scope.
 */
export async function adoptResult(
  store: Store,
  record: RunRecord,
  report: Report,
  { at, scope }: { readonly at: number; readonly scope: ScopeLease | undefined },
): Promise<void> {
  if (record.programId === undefined || report.status !== "completed") return;
  const log = historyLogOf(record.programId);
  if (await isInHistory(store, log, record.id)) return;
  const score = scoreOf(report);
  for (;;) {
    const stored = await readProgram(store, record.programId);
    if (stored === undefined) return;
    const { revision, space: _space, program, ...rest } = stored;
    // A run without a gain measured what it started from, and knows nothing of what somebody put there meanwhile.
    if (!report.significant && canonicalJson(program.configuration) !== canonicalJson(record.program.configuration))
      return;
    const configuration = appliedConfiguration(record.space, program.configuration, report.configuration);
    const isWritten = stored.performance?.run === record.id;
    const before = isWritten ? record.program.configuration : program.configuration;
    const item: HistoryItem = { run: record.id, at, score, before, after: configuration };
    const performance = score === null ? undefined : { score, run: record.id, at };
    const next = { ...rest, program: { ...program, configuration }, performance };
    if (!isWritten) {
      const answer = await putProgram(store, next, { expect: revision, ...present({ fence: scope?.fence }) });
      if (!answer.ok && answer.reason === "fenced") throw scopeLost(record.id, scope?.name ?? record.programId);
      if (!answer.ok) continue;
    }
    await store.logs.append(log, [item as unknown as Json]);
    return;
  }
}

async function isInHistory(store: Store, log: string, run: string): Promise<boolean> {
  const history = (await store.logs.read(log)) as unknown as readonly HistoryItem[];
  return history.some((item) => item.run === run);
}

/** The score of the chosen configuration where it is most honest: on held-out examples, else on validation. */
function scoreOf({ heldOut, validation, significant }: Report): number | null {
  const comparison = heldOut ?? validation;
  if (comparison === undefined) return null;
  return significant ? comparison.winner.score : comparison.baseline.score;
}
