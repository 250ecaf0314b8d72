import type { ReportedCandidate, RunReport } from "#optimize";

/** Best first; those given up early after all others, those that were never measured last. */
export function rankedCandidates({ candidates }: RunReport): readonly ReportedCandidate[] {
  return candidates.toSorted(
    (a, b) => Number(a.isPartial) - Number(b.isPartial) || (b.score ?? -Infinity) - (a.score ?? -Infinity) || 0,
  );
}

/** What it came from: `4`, `2, 5`, or `≈ 3` for the nearest one known, where the teleprompter did not say. */
export function parentText({ parents }: ReportedCandidate): string {
  if (parents.length === 0) return "";
  const numbers = parents.map(({ candidate }) => candidate).join(", ");
  return parents[0]?.by === "nearest" ? `≈ ${numbers}` : numbers;
}
