import type { RunReport, ReportedCandidate, TextChange, VariableChange } from "#optimize";
import { changeText } from "../change-text.ts";
import { recordsMarkup } from "./configuration.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** A text with what was removed and added. */
function diffMarkup({ diff }: TextChange): Markup {
  const parts = diff.map(({ op, text }) => {
    if (op === "same") return text;
    return op === "added" ? markup`<ins>${text}</ins>` : markup`<del>${text}</del>`;
  });
  return markup`<div class="diff">${parts}</div>`;
}

/** What a candidate has otherwise than the baseline. */
export function changesMarkup(changes: readonly VariableChange[]): readonly Markup[] {
  return changes.map((change) =>
    change.kind === "text"
      ? markup`<div class="code">${change.path}</div>${diffMarkup(change)}`
      : markup`<div class="code">${changeText(change)}</div>`,
  );
}

/** The candidate found best beside the baseline, with all its texts. */
export function winnerChanges({ candidates, winner, significant }: RunReport): Markup {
  const candidate = candidates.find(({ number }) => number === winner?.candidate);
  if (candidate === undefined || candidate.isBaseline)
    return markup`<p class="soft">No candidate did better than the baseline.</p>`;
  const note = significant
    ? markup`Candidate ${candidate.number} against the baseline. This is the configuration to use.`
    : markup`Candidate ${candidate.number} against the baseline. No significant gain was shown: the baseline is the configuration to use.`;
  return markup`<p>${note}</p>${changesMarkup(candidate.changes)}${demosMarkup(candidate)}`;
}

function demosMarkup({ changes, configuration }: ReportedCandidate): readonly Markup[] {
  return changes.flatMap((change) => {
    if (change.kind !== "demos" || change.after === 0) return [];
    return [recordsMarkup(`${change.path}: the demonstrations`, configuration[change.path])];
  });
}
