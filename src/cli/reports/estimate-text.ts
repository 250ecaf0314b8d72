import type { EstimatedCost, RunEstimate } from "#optimize";
import { table } from "../terminal/table.ts";
import type { Column } from "../terminal/table.ts";
import { count, counted } from "../terminal/words.ts";

const columns: readonly Column[] = [
  { title: "" },
  { title: "likely", align: "right" },
  { title: "at the most", align: "right" },
];

/** What a run would cost, for people. */
export function estimateText({ likely, most, reason, ends, perExample, assumptions }: RunEstimate): string[] {
  const rows = (["evaluations", "examples", "proposals", "calls", "tokens"] as const).map((name) => [
    name === "calls" ? "model calls" : name,
    count(likely[name]),
    count(most[name]),
  ]);
  const { usd = 0 } = likely;
  const money = usd === 0 ? [] : [["USD", usd.toFixed(4), (most.usd ?? usd).toFixed(4)]];
  const { calls, inputTokens, outputTokens } = perExample;
  return [
    ...table(columns, [...rows, ...money]),
    "",
    ends
      ? `The search would end because ${reason}.`
      : `The search has no end of its own (${reason}): --budget gives it one.`,
    `An example with the program as it stands: ${counted(calls, "call")}, about ${count(inputTokens)} tokens in and ${count(outputTokens)} out.`,
    "",
    "Assumed:",
    ...assumptions.map((line) => `  - ${line}`),
  ];
}

/** The same in a line, before a run. */
export function likelyText({ evaluations, calls, tokens, usd = 0 }: EstimatedCost): string {
  const money = usd > 0 ? `, ${usd.toFixed(2)} USD` : "";
  return `likely to take ${counted(evaluations, "evaluation")}, ${counted(calls, "model call")}, about ${count(tokens)} tokens${money}`;
}
