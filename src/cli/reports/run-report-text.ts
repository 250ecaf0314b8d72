import { present } from "#foundation";
import type { CandidateReport, DiffPart, Report, RunReport, Spend } from "#optimize";
import { count, counted, duration, interval, score, shortened } from "../terminal/words.ts";
import { table } from "../terminal/table.ts";
import { amortisationWords } from "./amortisation-text.ts";
import { changeText } from "./change-text.ts";
import { fittedTable } from "./fitted-table.ts";
import type { FittedColumn } from "./fitted-table.ts";
import { parentText, rankedCandidates } from "./ranked-candidates.ts";
import { frontWords } from "./front-text.ts";
import type { FrontWords } from "./front-text.ts";
import { reportText } from "./report-text.ts";

export interface RunReportTextOptions {
  /** The terminal's; lines are as long as they are where there is none. */
  readonly width?: number | undefined;
  readonly bold: (text: string) => string;
}

/** A run's report for a terminal or a file. */
export function runReportText(report: RunReport, { width, bold }: RunReportTextOptions): string[] {
  const { run } = report;
  const part = (title: string, lines: readonly string[]): string[] => ["", bold(title), ...lines];
  return [
    `${bold(run.program)}, run ${run.id}: ${run.teleprompter.name} with ${run.model}`,
    ...reportText(asReport(report), report.baseline),
    ...part("The way there", historyText(report)),
    ...part("What changed", changedText(report)),
    ...part("What matters", importanceText(report)),
    ...part("Every candidate, best first", candidatesText(report, width)),
    ...compromises(report, part),
    ...part("What it cost", costText(report)),
  ];
}

function asReport(report: RunReport): Report {
  const { status, reason, configuration, significant, judgedOn, validation, heldOut, failures, spend } = report;
  const candidates = rankedCandidates(report)
    .filter((candidate) => candidate.score !== null)
    .map(({ work, purpose, configuration: own, score: mean, examples, usage }): CandidateReport => {
      return { work, purpose, configuration: own, score: mean, examples, usage };
    });
  const compared = { validation: validation ?? undefined, heldOut: heldOut ?? undefined };
  const weighed = present({ costWeight: report.run.costWeight });
  const rest = { configuration, significant, judgedOn, candidates, failures, spend, ...weighed };
  return { status, reason: reason === "" ? `${status}, not ended yet` : reason, ...compared, ...rest };
}

const bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const mostBars = 60;

/** The best so far as a line of bars, and where it changed. */
function historyText({ curve, run }: RunReport): string[] {
  const known = curve.flatMap(({ best, spend }) => (best === null ? [] : [{ ...best, spend }]));
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return ["No candidate was measured yet."];
  const steps = known.filter(({ candidate }, at) => at === 0 || candidate !== known[at - 1]?.candidate);
  const all = known.map((point) => point.score);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const drawn = Array.from(
    { length: Math.min(mostBars, all.length) },
    (_, at, size = Math.min(mostBars, all.length)) => {
      const value = all[Math.floor(((at + 1) * all.length) / size) - 1] ?? least;
      return bars[most === least ? 0 : Math.round(((value - least) / (most - least)) * (bars.length - 1))];
    },
  );
  const hasMoney = last.spend.usd > 0;
  const titles = ["BEST SO FAR", "CANDIDATE", "EVALUATIONS", "CALLS", "TOKENS", ...(hasMoney ? ["USD"] : []), "TIME"];
  const costs = ({ evaluations, calls, tokens, usd, ms }: Spend): string[] => [
    count(evaluations),
    count(calls),
    count(tokens),
    ...(hasMoney ? [usd.toFixed(4)] : []),
    duration(ms),
  ];
  return [
    `${score(first.score)} ${drawn.join("")} ${score(last.score)}  validation${run.costWeight === undefined ? "" : ", less cost"}, over ${counted(curve.length, "measurement")}`,
    ...table(
      titles.map((title) => ({ title, align: "right" })),
      steps.map(({ candidate, score: mean, spend }) => [score(mean), `${candidate}`, ...costs(spend)]),
    ),
  ];
}

/** How much of what is the same stands around a change. */
const context = 60;

function changedText({ candidates, winner }: RunReport): string[] {
  const best = candidates.find(({ number }) => number === winner?.candidate);
  if (best === undefined || best.isBaseline) return ["No candidate did better than the baseline."];
  const lines = best.changes.flatMap((change) =>
    change.kind === "text"
      ? [`  ${change.path}`, ...diffText(change.diff).map((line) => `    ${line}`)]
      : [`  ${changeText(change)}`],
  );
  return [
    `Candidate ${best.number} against the baseline; in texts [-this is removed-] and {+this is added+}:`,
    ...lines,
  ];
}

function diffText(parts: readonly DiffPart[]): string[] {
  return parts
    .map(({ op, text }, at) => {
      if (op === "removed") return `[-${text}-]`;
      if (op === "added") return `{+${text}+}`;
      const [head, tail] = [at === 0 ? 0 : context, at === parts.length - 1 ? 0 : context];
      const isLong = text.length > head + tail + context;
      return isLong ? `${text.slice(0, head)} … ${tail === 0 ? "" : text.slice(-tail)}` : text;
    })
    .join("")
    .split("\n");
}

function importanceText({ importance }: RunReport): string[] {
  if (!importance.known) return [`Not known: ${importance.reason}.`];
  const shares = importance.shares.filter(({ share }) => share > 0);
  if (shares.length === 0) return ["No variable was seen to matter."];
  const name = Math.max(...shares.map(({ variable }) => variable.length));
  return shares.map(({ variable, share }) => {
    const full = Math.round(20 * share);
    return `${variable.padEnd(name)}  ${"█".repeat(full)}${"░".repeat(20 - full)} ${`${Math.round(100 * share)} %`.padStart(5)}`;
  });
}

function candidatesText(report: RunReport, width: number | undefined): string[] {
  const isWeighed = report.run.costWeight !== undefined;
  const columns: readonly FittedColumn[] = [
    { title: "#", align: "right" },
    { title: "FROM" },
    { title: "WHY IT WAS TRIED", isLong: true },
    { title: "VALIDATION", align: "right" },
    ...(isWeighed ? [{ title: "LESS COST", align: "right" } as const] : []),
    { title: "95 % INTERVAL", align: "right", leastWidth: 80 },
    { title: "EXAMPLES", align: "right", leastWidth: 60 },
    { title: "CALLS", align: "right", leastWidth: 100 },
    { title: "TOKENS", align: "right", leastWidth: 110 },
    { title: "AGAINST THE BASELINE", isLong: true, leastWidth: 90 },
  ];
  const rows = rankedCandidates(report).map((candidate) => {
    const { number, purpose, score: mean, interval: range, examples, usage, changes, isBaseline } = candidate;
    return [
      `${number}${report.winner?.candidate === number ? "*" : " "}`,
      parentText(candidate),
      shortened(purpose, 120),
      score(mean),
      ...(isWeighed ? [score(candidate.weighted)] : []),
      range === null ? "–" : interval(range),
      count(examples),
      count(usage.calls),
      count(usage.inputTokens + usage.outputTokens),
      isBaseline ? "the baseline" : shortened(changes.map(changeText).join(", "), 240),
    ];
  });
  const notes = [
    ...(report.winner === null ? [] : ["* found best"]),
    ...(report.candidates.some(({ parents }) => parents[0]?.by === "nearest")
      ? ["≈ the nearest candidate known then: the teleprompter does not say what it made this one from"]
      : []),
  ];
  return [...fittedTable(columns, rows, width), ...notes];
}

function compromises(
  report: RunReport,
  part: (title: string, lines: readonly string[]) => string[],
): readonly string[] {
  const words = frontWords(report);
  return words === undefined ? [] : part("The best compromises", wordsText(words));
}

function costText({ amortisation }: RunReport): string[] {
  return wordsText(amortisationWords(amortisation));
}

function wordsText({ sentences, titles, rows }: FrontWords): string[] {
  if (rows.length === 0) return [...sentences];
  const columns = titles.map((title, at) => ({ title, align: at === 0 ? ("left" as const) : ("right" as const) }));
  return [...sentences, ...table(columns, rows)];
}
