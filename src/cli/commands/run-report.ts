import { statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "#foundation";
import { readEvents, runReport } from "#optimize";
import { CliError } from "../cli-error.ts";
import { storedRun } from "../code/stored-run.ts";
import { errorCode, exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { ownCommand } from "../own-command.ts";
import { runPage } from "../reports/page/run-page.ts";
import { printable } from "../reports/printable.ts";
import { runReportText } from "../reports/run-report-text.ts";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";

export interface RunReportOptions {
  /** The file for the page with pictures. */
  readonly output?: string;
  /** A file that exists is written over. */
  readonly force?: boolean;
}

/** `tutti runs report RUN`: all that can be told of a run, in the terminal or, with `-o`, as one HTML file. */
export async function runReportCommand(id: string, options: RunReportOptions, session: Session): Promise<ExitCode> {
  const { out } = session;
  const file = options.output === undefined ? undefined : checkedFile(options.output, options);
  await using store = await openExistingStore(session);
  const record = await storedRun(store, id, session);
  const report = runReport(record, await readEvents(store, id));
  if (report.curve.length === 0) {
    const show = ownCommand(`runs show ${id}`, session);
    throw new CliError("failed", `run ${id} has measured no candidate yet: there is nothing to report; see ${show}`);
  }
  if (file === undefined)
    out.print(...runReportText(printable(report), { width: out.width, bold: (text) => out.bold(text) }));
  else {
    write(file, runPage(report), options);
    out.print(`The report of run ${id} is in ${file}`);
  }
  out.event({ type: "result", report, ...(file === undefined ? {} : { file }) });
  return exitCodes.ok;
}

/** The absolute path. Throws `UsageError` before anything is read. */
function checkedFile(output: string, { force = false }: RunReportOptions): string {
  const file = resolve(output);
  if (!/\.html?$/i.test(file))
    throw new UsageError(`-o: expected a file that ends in .html, got ${output}; --json prints the report as JSON`);
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`-o: there is no folder ${folder}`);
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) throw new UsageError(`-o: ${file} is a folder; expected a file`);
  if (there !== undefined && !force) throw new UsageError(`-o: ${file} exists; --force writes over it`);
  return file;
}

function write(file: string, page: string, { force = false }: RunReportOptions): void {
  try {
    writeFileSync(file, page, { flag: force ? "w" : "wx" });
  } catch (error) {
    throw new CliError("failed", `${file} cannot be written (${errorCode(error)})`, { cause: error });
  }
}
