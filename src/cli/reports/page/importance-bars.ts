import type { RunReport } from "#optimize";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { round } from "./plot.ts";

const width = 120;

/** Which variables the score depends on: a table with a bar in each row, or why that is not known. */
export function importanceBars({ importance }: RunReport): Markup {
  if (!importance.known) return markup`<p class="soft">Not known: ${importance.reason}.</p>`;
  const shares = importance.shares.filter(({ share }) => share > 0);
  const none = importance.shares.length - shares.length;
  if (shares.length === 0)
    return markup`<p class="soft">No variable was seen to matter: over ${importance.candidates} configurations, trees that
had not seen one knew no better than the mean.</p>`;
  return markup`<div class="card wide"><table><thead><tr><th>variable</th><th class="number">share</th><th></th></tr></thead>
<tbody>${shares.map(
    ({
      variable,
      share,
    }) => markup`<tr><td class="words">${variable}</td><td class="number">${Math.round(100 * share)} %</td>
<td><svg width="${width}" height="14" viewBox="0 0 ${width} 14" aria-hidden="true"><rect class="bar" x="0" y="2" width="${round(share * width)}" height="10" rx="2"/></svg></td></tr>
`,
  )}</tbody></table></div>
<p class="soft small">Over ${importance.candidates} configurations measured in full.${none > 0 ? ` Nothing was seen of ${none} other ${none === 1 ? "variable" : "variables"}.` : ""}</p>`;
}
