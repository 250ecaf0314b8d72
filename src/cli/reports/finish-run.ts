import type { Report, RunRecord } from "#optimize";
import { ownCommand } from "../own-command.ts";
import type { Session } from "../session.ts";
import { printable } from "./printable.ts";
import { reportText } from "./report-text.ts";

/** The last words about a run that has ended. */
export function finishRun({ id, program, programId, baseline }: RunRecord, report: Report, session: Session): void {
  const { out, storePath } = session;
  out.print(`${out.bold(program.name)}, run ${id}`, ...reportText(printable(report), printable(baseline)), "");
  out.print(`Stored in ${storePath}; see it with: ${ownCommand(`runs show ${id}`, session)}`);
  out.event({ type: "result", run: id, program: programId, store: storePath, report });
}
