import { canonicalJson } from "#foundation";
import type { Comparison, Report, Spend } from "#optimize";
import type { Configuration } from "#variables";
import { table } from "../terminal/table.ts";
import { counted, duration, gainInterval, interval, score, signed } from "../terminal/words.ts";
import { configurationText } from "./configuration-text.ts";
import { weighedRows, weighedText } from "./weighted-text.ts";

/** A run's report for people. `baseline` is the configuration that was to be beaten. */
export function reportText(report: Report, baseline: Configuration): string[] {
  const { status, reason, configuration, spend } = report;
  return [
    reason === status ? status : `${status}: ${reason}`,
    ...worstCaseText(reason),
    "",
    ...findingText(report, baseline),
    "",
    choiceText(report),
    ...weighedText(report.costWeight),
    ...configurationText(configuration),
    ...failedText(report),
    "",
    `The search cost ${spendText(spend)}.`,
  ];
}

/** What kept examples from being scored: a program that gives no answer, or a metric that throws. */
function failedText({ failures = [] }: Report): string[] {
  if (failures.length === 0) return [];
  return [
    "",
    "Examples that failed, and counted 0:",
    ...failures.map(({ message, count }) => `  ${count} × ${message}`),
  ];
}

function choiceText({ significant, candidates }: Report): string {
  if (significant) return "The gain is significant: the chosen configuration is the winner's.";
  if (candidates.length < 2) return "The chosen configuration is the baseline's.";
  return "No significant gain: the chosen configuration is the baseline's.";
}

/** What was compared. A baseline beside itself is no comparison. */
function findingText(report: Report, baseline: Configuration): string[] {
  const { candidates, heldOut, validation, judgedOn } = report;
  const judged = heldOut ?? validation;
  const own = canonicalJson(baseline);
  const others = candidates.filter(({ configuration }) => canonicalJson(configuration) !== own);
  if (judged === undefined || others.length === 0)
    return ["Nothing was compared: no candidate beside the baseline was measured in full.", ...baselineText(judged)];
  if (candidates[0] !== undefined && canonicalJson(candidates[0].configuration) === own)
    return [
      `None of ${counted(others.length, "candidate")} did better than the baseline on validation.`,
      ...baselineText(judged),
    ];
  if (judgedOn === "validation" || heldOut !== undefined) return comparisonText(judged, heldOut !== undefined);
  return ["The run ended before its comparison on the held-out examples.", ...comparisonText(judged, false)];
}

function baselineText(judged: Comparison | undefined): string[] {
  if (judged === undefined) return [];
  const { baseline, examples } = judged;
  const range = interval(baseline.interval);
  return [`The baseline scores ${score(baseline.score)} on ${counted(examples, "example")}, 95 % interval ${range}.`];
}

/** A limit of tokens or money ends a search earlier than its figures suggest. */
function worstCaseText(reason: string): string[] {
  if (!/\bbudget's (tokens|usd)\b/.test(reason)) return [];
  return [
    "A call is made only where its longest answer is covered (4,096 tokens unless maxTokens says less): a lower maxTokens",
    "in the program's configuration lets a small budget go further.",
  ];
}

function comparisonText(comparison: Comparison, isHeldOut: boolean): string[] {
  const { examples, baseline, winner, gain } = comparison;
  const where = isHeldOut
    ? `On ${counted(examples, "held-out example")}, which nothing was chosen on:`
    : `On the ${counted(examples, "validation example")} that the winner was chosen on, which flatters it (held-out examples, --test, give the honest figure):`;
  const rows = [
    ["baseline", score(baseline.score), interval(baseline.interval)],
    ["winner", score(winner.score), interval(winner.interval)],
    ["gain", signed(gain.mean), gainInterval(gain.interval)],
    ...weighedRows(comparison),
  ];
  const columns = [
    { title: "" },
    { title: "score", align: "right" },
    { title: "95 % interval", align: "right" },
  ] as const;
  return [where, ...table(columns, rows).map((line) => `  ${line}`)];
}

export function spendText({ evaluations, calls, tokens, usd, ms }: Spend): string {
  const money = usd > 0 ? [`${usd.toFixed(4)} USD`] : [];
  return [
    counted(evaluations, "evaluation"),
    counted(calls, "model call"),
    counted(tokens, "token"),
    ...money,
    duration(ms),
  ].join(", ");
}
