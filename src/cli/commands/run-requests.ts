import { systemClock } from "#foundation";
import type { Store } from "#foundation";
import { isDriven, readRecord, resumeRun, sendRunRequest } from "#optimize";
import type { RunProgress, RunRecord, RunRequest, RunStatus } from "#optimize";
import { CliError } from "../cli-error.ts";
import { driveRun } from "../code/drive-run.ts";
import { codeOfRun } from "../code/run-source.ts";
import { storedRun } from "../code/stored-run.ts";
import { waitAloud } from "../code/wait-note.ts";
import { watchedModel } from "../code/watched-model.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { ownCommand } from "../own-command.ts";
import { finishRun } from "../reports/finish-run.ts";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";

/** How long the process that drives a run may take to follow a request. */
const patienceMs = 10_000;
const lookMs = 100;

/** `tutti runs pause RUN`: asks the process that drives the run, and waits until it has. */
export async function pauseRunCommand(id: string, session: Session): Promise<ExitCode> {
  const { out } = session;
  await using store = await openExistingStore(session);
  const record = await openRecord(store, id, session);
  const followed = await request(store, id, "pause", (status) => status === "paused" || hasEnded(status));
  const status = followed ?? record.progress.status;
  if (followed === undefined) out.print(`no process drives run ${id}: there is nothing to pause`);
  else out.print(`run ${id} is ${status}`);
  if (!hasEnded(status)) out.print(`go on with: ${ownCommand(`runs resume ${id}`, session)}`);
  out.event({ type: "result", run: id, status, driven: followed !== undefined });
  return exitCodes.ok;
}

/** `tutti runs stop RUN`: ends the run with what it has, in whatever process; it cannot go on afterwards. */
export async function stopRunCommand(id: string, session: Session): Promise<ExitCode> {
  const { out } = session;
  await using store = await openExistingStore(session);
  const record = await openRecord(store, id, session);
  const status = await request(store, id, "stop", hasEnded);
  if (status === undefined) {
    out.note(`no process drives run ${id}: it is ended here, with what it has`);
    return await takeUp(record, store, session, { toStop: true });
  }
  out.print(`run ${id} is ${status}; see it with: ${ownCommand(`runs show ${id}`, session)}`);
  out.event({ type: "result", run: id, status, driven: true });
  return exitCodes.ok;
}

/** `tutti runs resume RUN`: lets a paused process go on, or takes the run up in this one. */
export async function resumeRunCommand(id: string, session: Session): Promise<ExitCode> {
  const { out } = session;
  await using store = await openExistingStore(session);
  const record = await openRecord(store, id, session);
  const isPaused = record.progress.status === "paused";
  const status = isPaused ? await request(store, id, "resume", (now) => now !== "paused") : undefined;
  if (status === undefined) return await takeUp(record, store, session, { toStop: false });
  out.print(`run ${id} is ${status} in the process that drives it`);
  out.event({ type: "result", run: id, status, driven: true });
  return exitCodes.ok;
}

/** Drives a run in this process, to its end or only to end it. What is under way is finished either way. */
async function takeUp(
  record: RunRecord,
  store: Store,
  session: Session,
  { toStop }: { readonly toStop: boolean },
): Promise<ExitCode> {
  const { id, programId, seed, sizes } = record;
  const code = await codeOfRun(record, session.model);
  const watched = watchedModel(code.model);
  // Whoever stops a run does not want to wait for others.
  const waiting = toStop ? { wait: false } : waitAloud(session);
  await using runner = await resumeRun(id, { ...code, ...waiting, model: watched.model, store });
  if (toStop) await runner.stop();
  session.out.event({ type: "run", run: id, program: programId, seed, sizes });
  const report = await driveRun({ runner, record, watched }, session);
  finishRun(record, report, session);
  return exitCodes.ok;
}

/** The run's record; rejects when the run has ended for good. */
async function openRecord(store: Store, id: string, session: Session): Promise<RunRecord> {
  const record = await storedRun(store, id, session);
  const { status } = record.progress;
  if (status !== "completed" && status !== "stopped") return record;
  const show = ownCommand(`runs show ${id}`, session);
  throw new CliError("failed", `run ${id} has already ended (${status}); see it with: ${show}`);
}

/** Asks the process that drives the run and waits until it has followed; `undefined` when there is no such process. */
async function request(
  store: Store,
  id: string,
  what: RunRequest["request"],
  isDone: (status: RunStatus) => boolean,
): Promise<RunStatus | undefined> {
  if (!(await isDriven(store, id))) return undefined;
  await sendRunRequest(store, id, what);
  const until = systemClock.now() + patienceMs;
  for (;;) {
    const progress: RunProgress = (await readRecord(store, id)).progress;
    if (isDone(progress.status)) return progress.status;
    if (!(await isDriven(store, id))) return undefined;
    if (systemClock.now() > until) {
      const message = `the process that drives run ${id} has not followed within ${patienceMs / 1000} s; it may still ${what} it`;
      throw new CliError("failed", message);
    }
    await systemClock.sleep(lookMs);
  }
}

function hasEnded(status: RunStatus): boolean {
  return status === "completed" || status === "stopped" || status === "failed";
}
