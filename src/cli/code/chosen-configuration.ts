import { UsageError } from "#foundation";
import type { Program } from "#programs";
import type { Configuration } from "#variables";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import { storedRun } from "./stored-run.ts";

/** What a finished run chose for the program (`--from RUN`); nothing without a run. */
export async function chosenConfiguration(
  run: string | undefined,
  program: Program,
  session: Session,
): Promise<Configuration | undefined> {
  if (run === undefined) return undefined;
  await using store = await openExistingStore(session);
  const record = await storedRun(store, run, session);
  if (record.program.name !== program.name)
    throw new UsageError(`--from: run ${run} is about ${record.program.name}, not about ${program.name}`);
  if (record.report === undefined)
    throw new UsageError(`--from: run ${run} has not ended yet (${record.progress.status}) and has chosen nothing`);
  return record.report.configuration;
}
