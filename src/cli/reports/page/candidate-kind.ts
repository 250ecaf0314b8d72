import type { ReportedCandidate, RunReport } from "#optimize";
import { score } from "../../terminal/words.ts";
import type { DotKind } from "./plot.ts";

/** As what a candidate is drawn. */
export function kindOfCandidate({ winner }: RunReport, { number, isBaseline, isPartial }: ReportedCandidate): DotKind {
  if (winner?.candidate === number) return "best";
  if (isBaseline) return "base";
  return isPartial ? "partial" : "other";
}

/** What is said of a candidate where the pointer rests on it. */
export function candidateTitle({ number, purpose, score: mean, examples }: ReportedCandidate): string {
  return `candidate ${number} (${purpose}): ${score(mean)} on ${examples} examples`;
}

/** Those that have a score, which is less their cost where the run weighs costs; the ones to be seen best come last, so that nothing covers them. */
export function drawnCandidates(report: RunReport): readonly (ReportedCandidate & { readonly score: number })[] {
  const order: readonly DotKind[] = ["partial", "other", "base", "best"];
  const place = (candidate: ReportedCandidate): number => order.indexOf(kindOfCandidate(report, candidate));
  return report.candidates
    .flatMap((candidate) =>
      candidate.score === null ? [] : [{ ...candidate, score: candidate.weighted ?? candidate.score }],
    )
    .toSorted((a, b) => place(a) - place(b));
}
