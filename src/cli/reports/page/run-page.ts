import type { RunReport } from "#optimize";
import { amortisationWords } from "../amortisation-text.ts";
import { frontWords } from "../front-text.ts";
import type { FrontWords } from "../front-text.ts";
import { spendText } from "../report-text.ts";
import { weighedRows, weighedText } from "../weighted-text.ts";
import { localTime } from "../../terminal/local-time.ts";
import { count, gainInterval, interval, score, signed } from "../../terminal/words.ts";
import { candidateTable } from "./candidate-table.ts";
import { winnerChanges } from "./changes.ts";
import { configurationMarkup } from "./configuration.ts";
import { historyCharts, historyTable } from "./history.ts";
import { importanceBars } from "./importance-bars.ts";
import { markup, markupText, styleSheet } from "./markup.ts";
import type { Markup, Part } from "./markup.ts";
import { reportStyle } from "./style.ts";
import { parallelChart, sliceCharts, valuesTable } from "./variable-charts.ts";
import { variableAxes } from "./variable-axis.ts";

/** A report as one HTML file with pictures. It loads and runs nothing: the policy in it forbids all but its own style. */
export function runPage(report: RunReport): string {
  const { run } = report;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${run.program}, run ${run.id}</title>
${styleSheet(reportStyle)}
</head>
<body><main>
<h1>${run.program}</h1>
<p class="soft">Run <code>${run.id}</code>, started ${localTime(run.createdAt)}: ${run.teleprompter.name} with ${run.model}.</p>
<p>${endText(report)}</p>
${tiles(report)}
${comparison(report)}
${section("The way there", history(report))}
${section("What changed", winnerChanges(report))}
${section("The configuration to use", configurationMarkup(report.configuration))}
${section("What matters", importanceBars(report))}
${variables(report)}
${section("Every candidate", candidates(report))}
${compromises(report)}
${section("What it cost", costs(report))}
${failures(report)}
${section("What it was started with", started(report))}
</main></body>
</html>
`;
  return markupText(page);
}

function section(title: string, content: Part): Markup {
  return markup`<section><h2>${title}</h2>
${content}</section>`;
}

function endText({ status, reason }: RunReport): string {
  if (status === "running" || status === "paused" || status === "stopping")
    return `The run has not ended (${status}): this is what is known so far.`;
  return reason === status || reason === "" ? `It ended ${status}.` : `It ended ${status}: ${reason}.`;
}

function tiles(report: RunReport): Markup {
  const { heldOut, validation, candidates: all, spend, significant } = report;
  const judged = heldOut ?? validation;
  const where = heldOut === null ? "on validation examples" : "on held-out examples";
  const measured = all.filter(({ score: mean }) => mean !== null).length;
  const list: readonly (readonly [string, string])[] = [
    ...(judged === null
      ? []
      : ([
          [score(judged.baseline.score), `baseline, ${where}`],
          [score(judged.winner.score), `best found, ${where}`],
          [signed(judged.gain.mean), `gain, ${significant ? "significant" : "not significant"}`],
        ] as const)),
    [count(measured), `candidates measured of ${count(all.length)} tried`],
    spend.usd > 0
      ? [`$${spend.usd.toPrecision(3)}`, `${count(spend.calls)} model calls`]
      : [count(spend.calls), "model calls"],
  ];
  return markup`<div class="tiles">${list.map(([value, title]) => markup`<div class="tile"><b>${value}</b><span>${title}</span></div>`)}</div>`;
}

function comparison({ heldOut, validation, run }: RunReport): Markup {
  const list = [
    ...(heldOut === null ? [] : [["held-out examples, which nothing was chosen on", heldOut] as const]),
    ...(validation === null ? [] : [["validation examples, which the best was chosen on", validation] as const]),
  ];
  if (list.length === 0)
    return markup`<p>Nothing was compared: no candidate beside the baseline was measured in full.</p>`;
  return markup`<div class="cards">${list.map(([name, compared]) => {
    const { examples, baseline, winner, gain } = compared;
    const rows = [
      ["baseline", score(baseline.score), interval(baseline.interval)],
      ["best found", score(winner.score), interval(winner.interval)],
      ["gain", signed(gain.mean), gainInterval(gain.interval)],
      ...weighedRows(compared),
    ];
    return markup`<div class="card"><h3>On ${count(examples)} ${name}</h3><table><thead><tr><th></th><th class="number">score</th>
<th class="number">95 % interval</th></tr></thead><tbody>${rows.map(([title, mean, range]) => markup`<tr><td>${title}</td><td class="number">${mean}</td><td class="number">${range}</td></tr>`)}</tbody></table></div>`;
  })}</div>${weighedText(run.costWeight).map((sentence) => markup`<p>${sentence}</p>`)}`;
}

const dots = markup`<li><i class="best"></i>found best</li><li><i class="base"></i>baseline</li>
<li><i></i>candidate</li><li><i class="partial"></i>given up early</li>`;

function history(report: RunReport): Markup {
  if (report.curve.length === 0) return markup`<p class="soft">No candidate was measured yet.</p>`;
  return markup`<p class="soft">Scores on validation examples${report.run.costWeight === undefined ? "" : ", less what these cost,"} against what the run had spent when they were known.</p>
<ul class="key"><li><i class="best line"></i>best so far</li>${dots}</ul>
<div class="cards">${historyCharts(report)}</div>
<details><summary>As a table</summary>${historyTable(report)}</details>`;
}

/** So many variables are drawn: the most important ones. */
const [mostSlices, mostAxes] = [24, 10];

function variables(report: RunReport): Markup | undefined {
  const axes = variableAxes(report);
  if (axes.length === 0) return undefined;
  const hidden = axes.length - mostSlices;
  const more = hidden > 0 ? ` ${hidden} more are in the table.` : "";
  const text = `Each dot is a candidate: its score against its value of one variable.${more} Values differ in other variables too, so that a slope is a hint and no proof.`;
  return section(
    "Variable by variable",
    markup`<p class="soft">${text}</p><ul class="key">${dots}</ul><div class="cards">${sliceCharts(report, axes.slice(0, mostSlices))}</div>
<h2>All variables at once</h2><p class="soft">A line for each candidate that was measured in full; the best tenth in blue.</p>
${parallelChart(report, axes.slice(0, mostAxes))}
<details><summary>As a table</summary>${valuesTable(report, axes)}</details>`,
  );
}

function candidates(report: RunReport): Markup {
  const isGuessed = report.candidates.some(({ parents }) => parents[0]?.by === "nearest");
  const guess = isGuessed
    ? " ≈ marks the nearest candidate that was known then, where the teleprompter does not say what it made one from."
    : "";
  return markup`<p class="soft">Best first. “From” is the candidate it was made from.${guess}</p>${candidateTable(report)}`;
}

function compromises(report: RunReport): Markup | undefined {
  const words = frontWords(report);
  return words && section("The best compromises", wordsMarkup(words));
}

function costs(report: RunReport): Markup {
  const words = amortisationWords(report.amortisation);
  return markup`<p>In all ${spendText(report.spend)}, the comparison included.</p>${wordsMarkup(words)}`;
}

/** Sentences, and the table that they are about. */
function wordsMarkup({ sentences, titles, rows }: FrontWords): Markup {
  const table =
    rows.length === 0
      ? ""
      : markup`<div class="card wide"><table><thead><tr>${titles.map((title, at) => markup`<th class="${at === 0 ? "" : "number"}">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, at) => markup`<td class="${at === 0 ? "" : "number"}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
  return markup`${sentences.map((sentence) => markup`<p>${sentence}</p>`)}${table}`;
}

function failures({ failures: kinds }: RunReport): Markup | undefined {
  if (kinds.length === 0) return undefined;
  const rows = kinds.map(
    ({ count: times, message }) =>
      markup`<tr><td class="number">${count(times)}</td><td class="words">${message}</td></tr>`,
  );
  return section(
    "What failed",
    markup`<p class="soft">Examples that failed count 0.</p><div class="card wide"><table><thead><tr><th class="number">times</th><th>message</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

function started({ run, baseline }: RunReport): Markup {
  const { teleprompter, model, sizes, budget, seed, concurrency, deterministic, programId } = run;
  const limits = Object.entries(budget).map(([name, limit]) => `${name} ${limit}`);
  const lines: readonly (readonly [string, string])[] = [
    ["program", `${run.program}${programId === undefined ? "" : ` (${programId})`}`],
    ["teleprompter", `${teleprompter.name} ${JSON.stringify(teleprompter.options)}`],
    ["model", model],
    ["examples", `${sizes.train} to learn from, ${sizes.validation} to choose by, ${sizes.test} held out`],
    ["budget", limits.length === 0 ? "no limit" : limits.join(", ")],
    ["seed", `${seed}, ${concurrency} examples at once${deterministic ? ", deterministic" : ""}`],
  ];
  return markup`<dl>${lines.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>The baseline's configuration</h3>${configurationMarkup(baseline)}`;
}
