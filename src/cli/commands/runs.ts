import { listRuns, teleprompterNamed, teleprompters } from "#optimize";
import type { RunRecord, Teleprompter } from "#optimize";
import { sourceText } from "../code/run-source.ts";
import { standingOf, standingRuns } from "../code/run-standing.ts";
import type { RunStanding, StandingRun } from "../code/run-standing.ts";
import { searchedVariables } from "../code/searched-variables.ts";
import { storedRun } from "../code/stored-run.ts";
import { ownCommand } from "../own-command.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { reportText, spendText } from "../reports/report-text.ts";
import { configurationText } from "../reports/configuration-text.ts";
import { candidatesText } from "../reports/candidates-text.ts";
import { printable } from "../reports/printable.ts";
import { runsTable } from "../reports/runs-table.ts";
import { hasStore, openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import { counted, score } from "../terminal/words.ts";
import { localTime } from "../terminal/local-time.ts";

/** `tutti runs ls`: every run of the store, oldest first. */
export async function listRunsCommand(session: Session): Promise<ExitCode> {
  const { out, storePath } = session;
  const listed = hasStore(session) ? await readAll(session) : [];
  const summaries = listed.map(({ record, standing }) => ({ ...summaryOf(record), driven: standing.driven }));
  out.event({ type: "result", store: storePath, runs: summaries });
  if (listed.length === 0) out.print(`no runs in ${storePath}; tutti optimize starts one`);
  else out.print(...runsTable(listed));
  if (listed.some(({ standing }) => standing.status === "interrupted"))
    out.print("", `interrupted: nobody drives it; go on with: ${ownCommand("runs resume RUN", session)}`);
  return exitCodes.ok;
}

async function readAll(session: Session): Promise<StandingRun[]> {
  await using store = await openExistingStore(session);
  return await standingRuns(store, await listRuns(store));
}

/** `tutti runs show RUN`: what it was started with, what it found and what it cost. */
export async function showRunCommand(id: string, session: Session): Promise<ExitCode> {
  const { out } = session;
  await using store = await openExistingStore(session);
  const record = await storedRun(store, id, session);
  const standing = await standingOf(store, record);
  const { driven } = standing;
  const shown = printable(record);
  out.print(...recordText(shown));
  if (shown.report === undefined || shown.progress.status === "failed")
    out.print("", ...progressLines(shown, standing), nextText(shown, standing, session));
  else out.print("", ...reportText(shown.report, shown.baseline), "", ...candidatesText(shown.report));
  out.event({
    type: "result",
    run: { ...summaryOf(record), driven, baseline: record.baseline, report: record.report },
  });
  return exitCodes.ok;
}

/** One of one's own is not known here, and may search anything. */
function knownTeleprompter({ teleprompter: { name, options } }: RunRecord): Teleprompter | undefined {
  return Object.hasOwn(teleprompters, name) ? teleprompterNamed(name, options) : undefined;
}

function recordText(record: RunRecord): string[] {
  const { id, program, programId, teleprompter, space, model, sizes, budget, seed, concurrency, createdAt } = record;
  const limits = Object.entries(budget).map(([name, limit]) => `${name} ${limit}`);
  const options = Object.entries(teleprompter.options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const { searched, left } = searchedVariables(knownTeleprompter(record) ?? {}, space);
  const named = (variables: typeof searched): string =>
    variables.map(({ name, kind }) => `${name} (${kind})`).join(", ");
  const lines: readonly (readonly [string, string])[] = [
    ["run", id],
    ["program", `${program.name}${programId === undefined ? "" : ` (${programId})`}`],
    ["from", sourceText(record)],
    ["started", localTime(createdAt)],
    ["teleprompter", `${teleprompter.name}${options.length === 0 ? "" : ` (${options.join(", ")})`}`],
    ["searches", named(searched)],
    ...(left.length === 0 ? [] : [["leaves", named(left)] as const]),
    ["model", model],
    ["examples", `${sizes.train} to learn from, ${sizes.validation} to choose by, ${sizes.test} held out`],
    ["budget", limits.length === 0 ? "no limit" : limits.join(", ")],
    ["seed", `${seed}, ${concurrency} examples at once${record.deterministic ? ", deterministic" : ""}`],
  ];
  return lines.map(([title, text]) => `${title.padEnd(12)}  ${text}`);
}

/** What to do with a run that has not ended. */
function nextText({ id, progress }: RunRecord, { driven }: RunStanding, session: Session): string {
  return driven && progress.status === "running"
    ? `Watch it with: ${ownCommand(`runs attach ${id}`, session)}`
    : `Go on with: ${ownCommand(`runs resume ${id}`, session)}`;
}

function progressLines({ baseline, progress }: RunRecord, { status }: RunStanding): string[] {
  const { reason, candidates, baselineScore, bestScore, spend } = progress;
  return [
    reason === undefined ? status : `${status}: ${reason}`,
    `${counted(candidates, "candidate")} measured, best ${score(bestScore)}, baseline ${score(baselineScore)}`,
    `Spent so far: ${spendText(spend)}.`,
    "The baseline's configuration:",
    ...configurationText(baseline),
  ];
}

function summaryOf(record: RunRecord): object {
  const { id, program, programId, teleprompter, model, sizes, budget, seed, source, createdAt, progress } = record;
  return {
    id,
    program: program.name,
    programId,
    teleprompter,
    model,
    sizes,
    budget,
    seed,
    source,
    createdAt,
    progress,
  };
}
