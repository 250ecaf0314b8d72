import type { RunRecord } from "#optimize";
import { localTime } from "../terminal/local-time.ts";
import { table } from "../terminal/table.ts";
import type { Column } from "../terminal/table.ts";
import { count, score } from "../terminal/words.ts";

const columns: readonly Column[] = [
  { title: "RUN" },
  { title: "PROGRAM" },
  { title: "TELEPROMPTER" },
  { title: "STATUS" },
  { title: "BASELINE", align: "right" },
  { title: "BEST", align: "right" },
  { title: "JUDGED ON" },
  { title: "CALLS", align: "right" },
  { title: "STARTED" },
];

/** One line a run; the scores of ended runs are those that the report judges by. */
export function runsTable(records: readonly RunRecord[]): string[] {
  return table(columns, records.map(rowOf));
}

function rowOf({ id, program, teleprompter, progress, report, createdAt }: RunRecord): string[] {
  const judged = report?.heldOut ?? report?.validation;
  const [baseline, best] =
    judged === undefined ? [progress.baselineScore, progress.bestScore] : [judged.baseline.score, judged.winner.score];
  return [
    id,
    program.name,
    teleprompter.name,
    progress.status,
    score(baseline),
    score(best),
    report?.judgedOn ?? "validation",
    count(progress.spend.calls),
    localTime(createdAt),
  ];
}
