import type { StandingRun } from "../code/run-standing.ts";
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
export function runsTable(runs: readonly StandingRun[]): string[] {
  return table(columns, runs.map(rowOf));
}

function rowOf({ record, standing }: StandingRun): string[] {
  const { id, program, teleprompter, progress, report, createdAt } = record;
  const judged = report?.heldOut ?? report?.validation;
  const [baseline, best] =
    judged === undefined ? [progress.baselineScore, progress.bestScore] : [judged.baseline.score, judged.winner.score];
  return [
    id,
    program.name,
    teleprompter.name,
    standing.status,
    score(baseline),
    score(best),
    report?.judgedOn ?? "validation",
    count(progress.spend.calls),
    localTime(createdAt),
  ];
}
