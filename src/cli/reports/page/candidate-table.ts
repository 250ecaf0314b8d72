import type { Interval } from "#programs";
import type { ReportedCandidate, RunReport } from "#optimize";
import { count, counted, interval, score } from "../../terminal/words.ts";
import { parentText, rankedCandidates } from "../ranked-candidates.ts";
import { axisOf } from "./axis.ts";
import type { Axis } from "./axis.ts";
import { kindOfCandidate } from "./candidate-kind.ts";
import { changesMarkup } from "./changes.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { round } from "./plot.ts";

const width = 120;

/** Every candidate with what it came from, why it was tried, what it scored and cost, and what it changes. */
export function candidateTable(report: RunReport): Markup {
  const { candidates } = report;
  const ends = candidates.flatMap(({ score: mean, interval: range }) => [
    ...(mean === null ? [] : [mean]),
    ...(range ?? []),
  ]);
  const axis = axisOf(ends);
  const hasMoney = candidates.some(({ usage }) => usage.usd > 0);
  const titles = ["score", "95 % interval"];
  const numbers = ["examples", "calls", "tokens", ...(hasMoney ? ["USD"] : [])];
  return markup`<div class="card wide"><table><thead><tr><th class="number">#</th><th>from</th><th>why it was tried</th>
<th class="number">${titles[0]}</th><th>${titles[1]}</th>${numbers.map((title) => markup`<th class="number">${title}</th>`)}
<th>against the baseline</th></tr></thead>
<tbody>${rankedCandidates(report).map((candidate) => rowOf(report, candidate, { axis, hasMoney }))}</tbody></table></div>`;
}

interface RowOptions {
  readonly axis: Axis;
  readonly hasMoney: boolean;
}

function rowOf(report: RunReport, candidate: ReportedCandidate, { axis, hasMoney }: RowOptions): Markup {
  const { number, purpose, score: mean, interval: range, examples, usage, train, objectives } = candidate;
  const kind = kindOfCandidate(report, candidate);
  const costs = [count(usage.calls), count(usage.inputTokens + usage.outputTokens)];
  const notes = [
    ...(kind === "best" ? ["found best"] : []),
    ...(candidate.isBaseline ? ["the configuration that was to be beaten"] : []),
    ...givenUpText(candidate),
    ...(candidate.weighted === undefined ? [] : [`${score(candidate.weighted)} less its cost`]),
    ...(train === null ? [] : [`${score(train.score)} on ${counted(train.examples, "training example")}`]),
    ...Object.entries(objectives ?? {}).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`),
  ];
  return markup`<tr class="${kind}"><td class="number">${number}</td><td>${parentText(candidate)}</td>
<td class="words">${purpose}${notes.length === 0 ? "" : markup`<div class="soft small">${notes.join("; ")}</div>`}</td>
<td class="number">${score(mean)}</td><td>${mean === null ? "" : rangePicture({ mean, range, kind }, axis)}</td>
<td class="number">${count(examples)}</td>${[...costs, ...(hasMoney ? [usage.usd.toFixed(4)] : [])].map((cost) => markup`<td class="number">${cost}</td>`)}
<td class="words">${changesCell(candidate)}</td></tr>
`;
}

function givenUpText({ givenUpAfter, isPartial, score: mean }: ReportedCandidate): readonly string[] {
  if (givenUpAfter !== undefined) return [`given up after ${counted(givenUpAfter, "example")}`];
  return isPartial && mean !== null ? ["given up early"] : [];
}

function changesCell({ changes, isBaseline }: ReportedCandidate): Markup {
  if (changes.length === 0) return markup`<span class="soft">${isBaseline ? "–" : "nothing"}</span>`;
  const names = changes.map(({ path }) => path).join(", ");
  const title = changes.length > 3 ? counted(changes.length, "variable") : names;
  return markup`<details style="margin:0"><summary>${title}</summary>${changesMarkup(changes)}</details>`;
}

interface Range {
  readonly mean: number;
  readonly range: Interval | null;
  readonly kind: string;
}

function rangePicture({ mean, range, kind }: Range, { position }: Axis): Markup {
  const x = (value: number): number => round(5 + position(value) * (width - 10));
  const title = range === null ? "too few examples for an interval" : interval(range);
  const line = range && markup`<line class="range" x1="${x(range[0])}" x2="${x(range[1])}" y1="9" y2="9"/>`;
  return markup`<svg width="${width}" height="18" viewBox="0 0 ${width} 18" role="img" aria-label="${title}"><title>${title}</title>${line}
<circle class="dot ${kind}" cx="${x(mean)}" cy="9" r="4"/></svg><span class="soft small">${title}</span>`;
}
