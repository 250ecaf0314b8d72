import type { RunReport } from "#optimize";
import { score } from "../../terminal/words.ts";
import { axisOf } from "./axis.ts";
import { candidateTitle, drawnCandidates, kindOfCandidate } from "./candidate-kind.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dot, plot, round } from "./plot.ts";
import { valueText } from "./variable-axis.ts";
import type { VariableAxis } from "./variable-axis.ts";

/** The scores against the values of each variable. */
export function sliceCharts(report: RunReport, axes: readonly VariableAxis[]): readonly Markup[] {
  const drawn = drawnCandidates(report);
  const y = axisOf(drawn.map(({ score: mean }) => mean));
  return axes.map((axis) => {
    const xTitle = axis.unit === "value" ? "" : axis.unit;
    const picture = plot({
      label: `Validation scores by ${axis.name}`,
      y,
      xTicks: axis.ticks,
      xTitle,
      draw: (field) =>
        drawn.flatMap((candidate) => {
          const at = axis.position(candidate.configuration);
          if (at === undefined) return [];
          const title = `${valueText(candidate.configuration, axis)}; ${candidateTitle(candidate)}`;
          const kind = kindOfCandidate(report, candidate);
          return [dot(field.x(at), field.y(y.position(candidate.score)), { kind, title })];
        }),
    });
    return markup`<figure class="card" style="margin:0"><h3>${axis.name}</h3>${picture}</figure>`;
  });
}

const axisGap = 120;
const height = 300;
const [top, bottom] = [44, 20];

/** A line for each candidate that was measured in full, through its value of every variable to its score. */
export function parallelChart(report: RunReport, axes: readonly VariableAxis[]): Markup {
  const drawn = drawnCandidates(report).filter(({ isPartial }) => !isPartial);
  const y = axisOf(drawn.map(({ score: mean }) => mean));
  const x = (place: number): number => 70 + place * axisGap;
  const high = (position: number): number => round(height - bottom - position * (height - top - bottom));
  const ranked = drawn.toSorted((a, b) => b.score - a.score);
  const good = new Set(ranked.slice(0, Math.max(1, Math.floor(ranked.length / 10))).map(({ number }) => number));
  const paths = drawn
    .toSorted((a, b) => Number(good.has(a.number)) - Number(good.has(b.number)))
    .toSorted((a, b) => Number(kindOfCandidate(report, a) === "best") - Number(kindOfCandidate(report, b) === "best"))
    .map((candidate) => {
      const places = [...axes.map((axis) => axis.position(candidate.configuration)), y.position(candidate.score)];
      const kind = kindOfCandidate(report, candidate);
      const style = kind === "other" && good.has(candidate.number) ? "good" : kind;
      return markup`<path class="path ${style}" d="${pathOf(places, x, high)}"><title>${candidateTitle(candidate)}</title></path>
`;
    });
  const all = [...axes, { name: "validation score", ticks: y.ticks }];
  const width = 130 + axes.length * axisGap;
  const label = "Parallel coordinates of the candidates: their values of every variable, and their scores";
  return markup`<div class="card wide"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${paths}
${all.map(({ name, ticks }, place) => axisMarkup({ name, ticks }, x(place), high, place))}
</svg></div>`;
}

/** A gap where a variable is not set. */
function pathOf(
  places: readonly (number | undefined)[],
  x: (place: number) => number,
  high: (position: number) => number,
): string {
  return places
    .map((position, place) => {
      if (position === undefined) return "";
      return `${place === 0 || places[place - 1] === undefined ? "M" : "L"}${x(place)} ${high(position)}`;
    })
    .join("");
}

function axisMarkup(
  { name, ticks }: Pick<VariableAxis, "name" | "ticks">,
  x: number,
  high: (position: number) => number,
  place: number,
): Markup {
  const shown = name.length > 34 ? `…${name.slice(-33)}` : name;
  // Two heights, so that long names do not run into each other.
  return markup`<line class="axis" x1="${x}" x2="${x}" y1="${top}" y2="${height - bottom}"/>
<text class="strong" x="${x}" y="${place % 2 === 0 ? 14 : 30}" text-anchor="middle">${shown}<title>${name}</title></text>
${ticks.map(({ at, text }) => markup`<text x="${x - 5}" y="${high(at) + 4}" text-anchor="end">${text}</text>`)}`;
}

/** The values that the pictures show. */
export function valuesTable({ candidates }: RunReport, axes: readonly VariableAxis[]): Markup {
  const measured = candidates
    .filter(({ score: mean }) => mean !== null)
    .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0));
  return markup`<div class="wide"><table><thead><tr><th class="number">candidate</th><th class="number">score</th>${axes.map(({ name }) => markup`<th>${name}</th>`)}</tr></thead>
<tbody>${measured.map(
    ({
      number,
      score: mean,
      configuration,
    }) => markup`<tr><td class="number">${number}</td><td class="number">${score(mean)}</td>${axes.map((axis) => markup`<td>${valueText(configuration, axis)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}
