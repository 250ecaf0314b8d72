import { messageOf, UsageError } from "#foundation";
import type { Store } from "#foundation";
import { mean } from "#programs";
import type { Space } from "#variables";
import { readLog } from "../reports/read-log.ts";
import { RunError } from "../run/run-error.ts";
import { listReadableRuns, readEvents, readExamples, readRecord } from "../run/run-record.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Task } from "../teleprompter.ts";
import type { Experience, ExperiencedRun, ExperiencedTrial } from "./experience.ts";
import { likeness, minLikeness, sharedVariables } from "./likeness.ts";
import { exampleKey, sketchOf, sketchOfProgram } from "./task-sketch.ts";

export interface RecallOptions {
  /** The most runs that are read; the 20 newest that may be alike unless told. */
  readonly runs?: number;
}

/**
 * What the runs of a store tell that may be like this task: the newest first, unfinished ones as far as they are. What
 * cannot be read is left out with a note.
 */
export async function recall(
  store: Store,
  { program, space }: Pick<Task, "program" | "space">,
  { runs: count = 20 }: RecallOptions = {},
): Promise<Experience> {
  const here = { sketch: sketchOfProgram(program), space };
  const { records, unreadable } = await listReadableRuns(store);
  const notes = unreadable.map(({ message }) => message);
  const runs: ExperiencedRun[] = [];
  for (const record of records.toReversed()) {
    if (runs.length === count) break;
    try {
      const { program: earlier, space: own } = record;
      const alike = likeness({ sketch: sketchOfProgram(earlier), space: own }, here);
      if (alike >= minLikeness) runs.push(await experienced(store, record));
    } catch (error) {
      notes.push(`run ${record.id} cannot be read: ${messageOf(error)}`);
    }
  }
  return { runs, notes };
}

/**
 * What one run tells. Rejects with `RunError`: `unknown_run`, `damaged`; with `UsageError` for a run that shares no
 * variable with the space.
 */
export async function recallRun(store: Store, id: string, { space }: Pick<Task, "space">): Promise<Experience> {
  const record = await readRecord(store, id);
  if (sharedVariables(record.space, space).length > 0) return { runs: [await experienced(store, record)], notes: [] };
  throw new UsageError(
    `warmStart: expected a run that shares a variable with ${namesIn(space)}; run ${id} of ${record.program.name} has ${namesIn(record.space)}`,
  );
}

function namesIn({ variables }: Space): string {
  return variables.map(({ name, kind }) => `${name} (${kind})`).join(", ");
}

async function experienced(store: Store, record: RunRecord): Promise<ExperiencedRun> {
  const { id, program, space, baseline, data } = record;
  const [train, validation] = [await readExamples(store, data.train), await readExamples(store, data.validation)];
  return {
    run: id,
    sketch: sketchOf(program, [...train, ...validation]),
    space,
    baseline,
    train: train.map(exampleKey),
    validation: validation.map(exampleKey),
    trials: trialsOf(id, await readEvents(store, id)),
  };
}

function trialsOf(id: string, events: Awaited<ReturnType<typeof readEvents>>): readonly ExperiencedTrial[] {
  try {
    return readLog(events).trials.map(({ configuration, scores }) => {
      const means = Object.entries(scores.validation).map(([place, all]) => [place, mean(all)]);
      return { configuration, scores: Object.fromEntries(means) };
    });
  } catch (error) {
    throw new RunError("damaged", `the log of run ${id} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
