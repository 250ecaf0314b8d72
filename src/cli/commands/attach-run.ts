import { attachRun } from "#optimize";
import type { AttachedRun, Report, RunEvent } from "#optimize";
import { CliError } from "../cli-error.ts";
import { storedRun } from "../code/stored-run.ts";
import { errorCode, exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { interruption } from "../interrupt.ts";
import { ownCommand } from "../own-command.ts";
import { finishRun } from "../reports/finish-run.ts";
import { progressLine } from "../reports/progress-line.ts";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import type { Output } from "../terminal/output.ts";

/** `tutti runs attach RUN`: watches a run that another process drives, to its end. Ctrl-C leaves it running. */
export async function attachRunCommand(id: string, session: Session): Promise<ExitCode> {
  const { out, signal } = session;
  await using store = await openExistingStore(session);
  const record = await storedRun(store, id, session);
  await using run = await attachRun(store, id);
  if (run.isDriven) out.note(`watching run ${id}; Ctrl-C leaves it running`);
  out.event({ type: "run", run: id, program: record.programId, seed: record.seed, sizes: record.sizes });
  const report = await watched(run, session).catch((error: unknown) => {
    throw signal.aborted ? leaving(id, session) : explained(error, id, session);
  });
  finishRun(record, report, session);
  return exitCodes.ok;
}

async function watched(run: AttachedRun, { out, signal }: Session): Promise<Report> {
  using progress = out.progress();
  const show = (): void => {
    const { share, text } = progressLine(run.status());
    progress.show(share, text);
  };
  run.events.subscribe((event) => {
    show();
    if (event.type === "told" || event.type === "ended") out.event({ ...run.status(), type: "progress", run: run.id });
    tellRequest(event, run.id, out);
  });
  if (run.isDriven) show();
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await Promise.race([run.finished, left.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function tellRequest({ type }: RunEvent, id: string, out: Output): void {
  if (type === "paused") out.note(`run ${id} was paused`);
  if (type === "resumed") out.note(`run ${id} goes on`);
  if (type === "stopping") out.note(`run ${id} is stopped: what is under way is awaited`);
}

function leaving(id: string, session: Session): CliError {
  const again = ownCommand(`runs attach ${id}`, session);
  return interruption(session.signal, `run ${id} goes on without being watched; watch it again with:\n  ${again}`);
}

/** Of a run that nobody drives, what to do. */
function explained(error: unknown, id: string, session: Session): unknown {
  const code = errorCode(error);
  if (!(error instanceof Error) || !["interrupted", "suspended", "infrastructure"].includes(code)) return error;
  const goOn = `Go on with:\n  ${ownCommand(`runs resume ${id}`, session)}`;
  return new CliError(code === "infrastructure" ? "unreachable" : "failed", `${error.message}\n${goOn}`, {
    cause: error,
  });
}
