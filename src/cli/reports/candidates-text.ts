import type { Report } from "#optimize";
import { table } from "../terminal/table.ts";
import { count, score } from "../terminal/words.ts";

/** How many candidates are listed. */
const shown = 12;

/** The best candidates of a run, as measured on validation examples. */
export function candidatesText({ candidates }: Report): string[] {
  if (candidates.length === 0) return ["No candidate was measured."];
  const rows = candidates
    .slice(0, shown)
    .map(({ purpose, score: mean, examples, usage }, index) => [
      `${index + 1}`,
      purpose,
      score(mean),
      count(examples),
      count(usage.calls),
      count(usage.inputTokens + usage.outputTokens),
    ]);
  const right = "right" as const;
  const columns = [
    { title: "", align: right },
    { title: "CANDIDATE" },
    { title: "VALIDATION", align: right },
    { title: "EXAMPLES", align: right },
    { title: "CALLS", align: right },
    { title: "TOKENS", align: right },
  ];
  const more = candidates.length - shown;
  return [...table(columns, rows), ...(more > 0 ? [`and ${more} more (--json shows all)`] : [])];
}
