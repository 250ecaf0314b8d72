import type { RunReport, ReportedCandidate, TextChange, VariableChange } from "#optimize";
import { changeText } from "../change-text.ts";
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
    : markup`Candidate ${candidate.number} against the baseline. Its gain is not significant: the baseline stays.`;
  return markup`<p>${note}</p>${changesMarkup(candidate.changes)}${demosMarkup(candidate)}`;
}

function demosMarkup({ changes, configuration }: ReportedCandidate): readonly Markup[] {
  return changes.flatMap((change) => {
    if (change.kind !== "demos" || change.after === 0) return [];
    const text = JSON.stringify(configuration[change.path], null, 2);
    return [
      markup`<details><summary>${change.path}: the demonstrations</summary><div class="diff code">${text}</div></details>`,
    ];
  });
}
