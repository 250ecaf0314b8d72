import type { CurvePoint, RunReport, Spend } from "#optimize";
import { count, duration, score } from "../../terminal/words.ts";
import { axisOf, shortNumber } from "./axis.ts";
import type { Axis } from "./axis.ts";
import { candidateTitle, drawnCandidates, kindOfCandidate } from "./candidate-kind.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dot, plot } from "./plot.ts";
import type { Field } from "./plot.ts";

interface Scale {
  readonly resource: keyof Spend;
  readonly title: string;
  readonly text: (value: number) => string;
}

const scales: readonly Scale[] = [
  { resource: "evaluations", title: "evaluations", text: shortNumber },
  { resource: "calls", title: "model calls", text: shortNumber },
  { resource: "tokens", title: "tokens", text: shortNumber },
  { resource: "usd", title: "USD", text: shortNumber },
  { resource: "ms", title: "time", text: duration },
];

/** The best score so far against everything that was paid, with every candidate where it was first measured. */
export function historyCharts(report: RunReport): readonly Markup[] {
  const { curve } = report;
  const scores = [
    ...drawnCandidates(report).map(({ score: mean }) => mean),
    ...curve.flatMap(({ best }) => (best === null ? [] : [best.score])),
  ];
  const y = axisOf(scores);
  return scales
    .filter(({ resource }) => curve.some(({ spend }) => spend[resource] > 0))
    .map(
      (scale) => markup`<figure class="card" style="margin:0"><h3>against ${scale.title}</h3>
${historyChart(report, scale, y)}</figure>`,
    );
}

function historyChart(report: RunReport, { resource, title, text }: Scale, y: Axis): Markup {
  const { curve } = report;
  const x = axisOf([0, ...curve.map(({ spend }) => spend[resource])], { text, ticks: 3 });
  const at = ({ spend }: CurvePoint | { readonly spend: Spend }): number => x.position(spend[resource]);
  const draw = (field: Field): readonly Markup[] => [
    ...drawnCandidates(report).flatMap((candidate) =>
      candidate.measuredAt === null
        ? []
        : [
            dot(field.x(at({ spend: candidate.measuredAt })), field.y(y.position(candidate.score)), {
              kind: kindOfCandidate(report, candidate),
              title: candidateTitle(candidate),
            }),
          ],
    ),
    ...bestLine(
      curve,
      (point) => field.x(at(point)),
      (mean) => field.y(y.position(mean)),
    ),
  ];
  const label = `The best validation score so far against ${title}; the table below has the figures`;
  return plot({ label, y, xTicks: x.ticks.filter((tick) => tick.at >= 0), xTitle: title, draw });
}

/** Steps: what is best holds until something better is known. */
function bestLine(
  curve: readonly CurvePoint[],
  x: (point: CurvePoint) => number,
  y: (score: number) => number,
): readonly Markup[] {
  const known = curve.flatMap((point) =>
    point.best === null ? [] : [{ at: x(point), height: y(point.best.score), point }],
  );
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return [];
  const steps = known.map(({ at, height }) => `H${at}V${height}`).join("");
  const isRight = last.at > 260;
  return [
    markup`<path class="best-line" d="M${first.at} ${first.height}${steps}"/>`,
    markup`<text class="strong" x="${isRight ? last.at - 4 : last.at + 8}" y="${last.height - 8}" text-anchor="${isRight ? "end" : "start"}">${score(last.point.best?.score)}</text>`,
  ];
}

/** The curve in figures. */
export function historyTable({ curve }: RunReport): Markup {
  const hasMoney = curve.some(({ spend }) => spend.usd > 0);
  const titles = ["candidate", "its score", "best", "best so far", "evaluations", "calls", "tokens", "time"];
  return markup`<div class="wide"><table><thead><tr>${titles.map((title) => markup`<th class="number">${title}</th>`)}${hasMoney ? markup`<th class="number">USD</th>` : ""}</tr></thead>
<tbody>${curve.map(({ candidate, score: mean, best, spend }) => {
    const { evaluations, calls, tokens, ms, usd } = spend;
    const cells = [
      candidate,
      score(mean),
      best?.candidate ?? "–",
      score(best?.score),
      count(evaluations),
      count(calls),
      count(tokens),
      duration(ms),
    ];
    return markup`<tr>${cells.map((cell) => markup`<td class="number">${cell}</td>`)}${hasMoney ? markup`<td class="number">${usd.toFixed(4)}</td>` : ""}</tr>
`;
  })}</tbody></table></div>`;
}
