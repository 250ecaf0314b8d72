import type { Store } from "#foundation";
import { isDriven } from "#optimize";
import type { RunRecord, RunStatus } from "#optimize";

/** How a stored run stands now. */
export interface RunStanding {
  /** `interrupted`: it would be running, but nobody drives it: it was put down, or its process died. */
  readonly status: RunStatus | "interrupted";
  /** Whether a living process drives it. */
  readonly driven: boolean;
}

export async function standingOf(store: Store, { id, progress: { status } }: RunRecord): Promise<RunStanding> {
  if (status === "completed" || status === "stopped") return { status, driven: false };
  const driven = await isDriven(store, id);
  const isInterrupted = !driven && (status === "running" || status === "stopping");
  return { status: isInterrupted ? "interrupted" : status, driven };
}

/** A run, and how it stands now. */
export interface StandingRun {
  readonly record: RunRecord;
  readonly standing: RunStanding;
}

export async function standingRuns(store: Store, records: readonly RunRecord[]): Promise<StandingRun[]> {
  return await Promise.all(records.map(async (record) => ({ record, standing: await standingOf(store, record) })));
}
