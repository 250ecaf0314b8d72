import { estimateRun } from "#optimize";
import type { StartOptions } from "#optimize";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { estimateText } from "../reports/estimate-text.ts";
import type { Session } from "../session.ts";

/** `tutti optimize --dry-run`: what the run would cost. No model is asked and nothing is stored. */
export async function dryRun(
  start: Omit<StartOptions, "store">,
  notes: readonly string[],
  { out, signal }: Session,
): Promise<ExitCode> {
  for (const note of notes) out.note(note);
  const estimate = await estimateRun({ ...start, signal });
  out.print(...estimateText(estimate), "", "Nothing was asked and nothing stored: a dry run.");
  out.event({ type: "result", estimate });
  return exitCodes.ok;
}
