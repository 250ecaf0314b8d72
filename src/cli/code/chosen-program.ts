import { UsageError } from "#foundation";
import { appliedConfiguration } from "#optimize";
import type { Program } from "#programs";
import type { Configuration } from "#variables";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import { storedRun } from "./stored-run.ts";

/** A program as a run chose it to be, and what it chose, to be checked against what the program reads. */
export interface ChosenProgram<P extends Program> {
  readonly program: P;
  readonly overrides: Configuration | undefined;
}

/** The program with what a finished run chose for it (`--from RUN`); as it is without a run. */
export async function chosenProgram<P extends Program>(
  run: string | undefined,
  program: P,
  session: Session,
): Promise<ChosenProgram<P>> {
  if (run === undefined) return { program, overrides: undefined };
  await using store = await openExistingStore(session);
  const record = await storedRun(store, run, session);
  if (record.program.name !== program.name)
    throw new UsageError(`--from: run ${run} is about ${record.program.name}, not about ${program.name}`);
  if (record.report === undefined)
    throw new UsageError(`--from: run ${run} has not ended yet (${record.progress.status}) and has chosen nothing`);
  const overrides = record.report.configuration;
  const configuration = appliedConfiguration(record.space, program.configuration, overrides);
  return { program: { ...program, configuration }, overrides };
}
