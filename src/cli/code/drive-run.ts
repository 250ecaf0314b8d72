import type { Report, RunEvent, RunProgress, RunRecord, Runner } from "#optimize";
import { CliError } from "../cli-error.ts";
import { ownCommand } from "../own-command.ts";
import type { Session } from "../session.ts";
import { counted, score } from "../terminal/words.ts";

/**
 * Sees a run to its end: shows how far it is, and puts it down as paused at Ctrl-C, which rejects with the command that
 * takes it up again.
 */
export async function driveRun(
  runner: Runner,
  record: Pick<RunRecord, "budget" | "teleprompter">,
  session: Session,
): Promise<Report> {
  const { out, signal } = session;
  const resume = ownCommand(`runs resume ${runner.id}`, session);
  using progress = out.progress();
  const watching = new AbortController();
  runner.events.subscribe((event) => report(event, runner), { signal: watching.signal });
  const report = (event: RunEvent, { id }: Runner): void => {
    const status = runner.status();
    progress.show(shareOf(record, status), progressText(status));
    if (event.type === "told" || event.type === "ended") out.event({ ...status, type: "progress", run: id });
  };
  try {
    return await whileRunning(runner, signal);
  } catch (error) {
    if (signal.aborted)
      throw new CliError("interrupted", `run ${runner.id} is paused and keeps what it has; go on with:\n  ${resume}`);
    if (error instanceof Error && Reflect.get(error, "code") === "infrastructure")
      throw new CliError("unreachable", `${error.message}\nThe run keeps what it has; go on with:\n  ${resume}`, {
        cause: error,
      });
    throw error;
  } finally {
    watching.abort();
  }
}

async function whileRunning(runner: Runner, signal: AbortSignal): Promise<Report> {
  const putDown = async (): Promise<void> => {
    await runner.pause().catch(() => {});
    await runner[Symbol.asyncDispose]();
  };
  let down: Promise<void> | undefined;
  const onAbort = (): void => {
    down = putDown();
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await runner.finished;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await down;
  }
}

/** How much of the way is behind a run: of its candidates, or of its budget, whichever ends it first. */
function shareOf(
  { budget, teleprompter }: Pick<RunRecord, "budget" | "teleprompter">,
  { status, candidates, spend }: RunProgress,
): number {
  if (status === "completed" || status === "stopped") return 1;
  const wanted = teleprompter.options["candidates"];
  // The baseline is measured too, and the comparison on held-out examples follows.
  const ofCandidates = typeof wanted === "number" ? candidates / (wanted + 2) : 0;
  const ofBudget = Object.entries(budget).map(([name, limit]) => spend[name as keyof typeof spend] / limit);
  return Math.max(ofCandidates, ...ofBudget);
}

function progressText({ status, candidates, bestScore, baselineScore, spend }: RunProgress): string {
  const state = status === "running" ? "" : `${status}, `;
  const best = bestScore === undefined ? "" : ` · best ${score(bestScore)}, baseline ${score(baselineScore)}`;
  return `${state}${counted(candidates, "candidate")}${best} · ${counted(spend.calls, "call")}`;
}
