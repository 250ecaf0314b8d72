import type { Comparison, Report, Spend } from "#optimize";
import { table } from "../terminal/table.ts";
import { counted, duration, gainInterval, interval, score, signed } from "../terminal/words.ts";
import { configurationText } from "./configuration-text.ts";

/** A run's report for people. */
export function reportText(report: Report): string[] {
  const { status, reason, heldOut, validation, significant, configuration, spend } = report;
  const judged = heldOut ?? validation;
  return [
    reason === status ? status : `${status}: ${reason}`,
    "",
    ...(judged === undefined ? ["Nothing was compared."] : comparisonText(judged, heldOut !== undefined)),
    "",
    significant
      ? "The gain is significant: the chosen configuration is the winner's."
      : "No significant gain: the chosen configuration is the baseline's.",
    ...configurationText(configuration),
    "",
    `The search cost ${spendText(spend)}.`,
  ];
}

function comparisonText({ examples, baseline, winner, gain }: Comparison, isHeldOut: boolean): string[] {
  const where = isHeldOut
    ? `On ${counted(examples, "held-out example")}, which nothing was chosen on:`
    : `On the ${counted(examples, "validation example")} that the winner was chosen on, which flatters it (--test gives the honest figure):`;
  const rows = [
    ["baseline", score(baseline.score), interval(baseline.interval)],
    ["winner", score(winner.score), interval(winner.interval)],
    ["gain", signed(gain.mean), gainInterval(gain.interval)],
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
