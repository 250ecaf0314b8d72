import { present } from "#foundation";
import type { JsonObject } from "#foundation";
import type { Program } from "#programs";
import type { Configuration } from "#variables";
import { appliedConfiguration } from "./run/applied-configuration.ts";
import { resumeRun, startRun } from "./run/open-run.ts";
import type { ResumeOptions } from "./run/open-run.ts";
import type { StartOptions } from "./run/start-options.ts";
import { checkSameRun } from "./run/check-same-run.ts";
import { readRecord } from "./run/run-record.ts";
import type { Report } from "./run/report.ts";
import type { RunEvent } from "./run/run-event.ts";
import type { Runner } from "./run/runner.ts";

/** What an optimisation comes to. */
export interface Optimized<I extends object = object, O extends object = object> {
  readonly run: string;
  /** The program with the chosen configuration. */
  readonly program: Program<I, O>;
  readonly configuration: Configuration;
  /** What has to be done to a running system to follow. A single program needs nothing. */
  readonly actions: readonly JsonObject[];
  readonly report: Report;
}

export interface OptimizeOptions<I extends object, O extends object> extends Omit<StartOptions<I, O>, "program"> {
  /**
   * A stored run to go on with instead of starting one: its task, budget and teleprompter are what they were. Throws
   * `UsageError` when other examples, another seed, budget or teleprompter are given beside it.
   */
  readonly resume?: string;
  /** Further teleprompters by name, for a run to go on with that was started with one of one's own. */
  readonly teleprompters?: ResumeOptions["teleprompters"];
  /** Puts the run down; it rejects with the signal's reason and can be resumed from the store. */
  readonly signal?: AbortSignal;
  /** Hears every event of the run. */
  readonly onEvent?: (event: RunEvent, runner: Runner) => void;
}

/**
 * Searches a better configuration of a program on examples, within a budget. The winner is chosen on validation
 * examples and judged on test examples that nothing was chosen on; without a significant gain the program comes back
 * as it was.
 */
export async function optimize<I extends object, O extends object>(
  program: Program<I, O>,
  options: OptimizeOptions<I, O>,
): Promise<Optimized<I, O>> {
  const { signal, onEvent, resume, teleprompters, ...start } = options;
  signal?.throwIfAborted();
  const runner =
    resume === undefined
      ? await startRun<I, O>({ ...start, program, ...present({ signal }) })
      : await resumeSame(program, resume, { ...start, ...present({ teleprompters, signal }) });
  if (onEvent !== undefined) runner.events.subscribe((event) => onEvent(event, runner));
  const putDown = (): void => void runner.suspend({ graceMs: 0 });
  if (signal?.aborted === true) putDown();
  signal?.addEventListener("abort", putDown, { once: true });
  try {
    const report = await runner.finished;
    const configuration = appliedConfiguration(runner.space, program.configuration, report.configuration);
    return { run: runner.id, program: { ...program, configuration }, configuration, actions: [], report };
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", putDown);
  }
}

async function resumeSame<I extends object, O extends object>(
  program: Program<I, O>,
  id: string,
  options: Omit<StartOptions<I, O>, "program"> & ResumeOptions<I, O>,
): Promise<Runner> {
  checkSameRun(await readRecord(options.store, id), { ...options, program });
  return resumeRun<I, O>(id, options);
}
