import type { Report, RunEvent, RunRecord, Runner } from "#optimize";
import { CliError } from "../cli-error.ts";
import { errorCode } from "../exit-code.ts";
import { interruption } from "../interrupt.ts";
import { ownCommand } from "../own-command.ts";
import type { Session } from "../session.ts";
import type { Output } from "../terminal/output.ts";
import { progressLine } from "../reports/progress-line.ts";
import { counted } from "../terminal/words.ts";
import { failureWatch } from "./failure-watch.ts";
import type { WatchedModel } from "./watched-model.ts";

/** A run in this process. */
export interface DrivenRun {
  readonly runner: Runner;
  readonly record: Pick<RunRecord, "baseline">;
  /** The model that the run asks, where somebody watches it. */
  readonly watched?: WatchedModel;
}

/**
 * Sees a run to its end: shows how far it is, and puts it down as paused at Ctrl-C or when the provider refuses the
 * key, which rejects with the command that takes it up again.
 */
export async function driveRun(driven: DrivenRun, session: Session): Promise<Report> {
  const { runner, record, watched } = driven;
  const { out, signal } = session;
  const resume = ownCommand(`runs resume ${runner.id}`, session);
  using progress = out.progress();
  const watching = new AbortController();
  const failures = failureWatch(record.baseline);
  const report = (event: RunEvent): void => {
    const status = runner.status();
    const { share, text } = progressLine(status);
    progress.show(share, text);
    if (event.type === "told" || event.type === "ended") out.event({ ...status, type: "progress", run: runner.id });
    for (const line of failures.see(event)) out.note(line);
    if (!signal.aborted && watched?.keyRefused.aborted !== true) tellRequest(event, runner.id, resume, out);
  };
  runner.events.subscribe(report, { signal: watching.signal });
  try {
    return await whileRunning(driven, session);
  } catch (error) {
    throw explained(error, driven, { signal, resume });
  } finally {
    watching.abort();
    for (const line of failures.sum()) out.note(line);
  }
}

/** A terminal whose run another process has paused would otherwise just fall silent. */
function tellRequest({ type }: RunEvent, id: string, resume: string, out: Output): void {
  if (type === "paused")
    out.note(
      `run ${id} was paused from elsewhere. Let it go on here with:\n  ${resume}\nor press Ctrl-C to put it down`,
    );
  if (type === "resumed") out.note(`run ${id} goes on`);
  if (type === "stopping") out.note(`run ${id} was stopped from elsewhere: what is under way is awaited`);
}

function explained(
  error: unknown,
  { runner: { id }, watched }: DrivenRun,
  { signal, resume }: { readonly signal: AbortSignal; readonly resume: string },
): unknown {
  if (signal.aborted)
    return interruption(signal, `run ${id} is paused and keeps what it has; go on with:\n  ${resume}`);
  const goOn = `The run keeps what it has; go on with:\n  ${resume}`;
  const refusal: unknown = watched?.keyRefused.reason;
  if (refusal instanceof Error) return new CliError("configuration", `${refusal.message}\n${goOn}`, { cause: refusal });
  if (!(error instanceof Error) || errorCode(error) !== "infrastructure") return error;
  return new CliError("unreachable", `${error.message}\n${goOn}`, { cause: error });
}

async function whileRunning({ runner, watched }: DrivenRun, { out, signal }: Session): Promise<Report> {
  const putDown = async (): Promise<void> => {
    const underWay = watched?.underWay() ?? 0;
    if (underWay > 0 && signal.aborted)
      out.note(`${counted(underWay, "model call")} under way: awaited for a few seconds, and counted`);
    await runner.pause().catch(() => {});
    await runner[Symbol.asyncDispose]();
  };
  let down: Promise<void> | undefined;
  const onAbort = (): void => {
    down = putDown();
  };
  const end = watched === undefined ? signal : AbortSignal.any([signal, watched.keyRefused]);
  if (end.aborted) onAbort();
  end.addEventListener("abort", onAbort, { once: true });
  try {
    return await runner.finished;
  } finally {
    end.removeEventListener("abort", onAbort);
    await down;
  }
}
