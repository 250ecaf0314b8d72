import type { ReportedCandidate, RunReport } from "#optimize";

/** Best first; those given up early after all others, those that were never measured last. */
export function rankedCandidates({ candidates }: RunReport): readonly ReportedCandidate[] {
  const worth = ({ weighted, score }: ReportedCandidate): number => weighted ?? score ?? -Infinity;
  return candidates.toSorted((a, b) => Number(a.isPartial) - Number(b.isPartial) || worth(b) - worth(a) || 0);
}

/** What it came from: `4`, `2, 5`, or `≈ 3` for the nearest one known, where the teleprompter did not say. */
export function parentText({ parents }: ReportedCandidate): string {
  if (parents.length === 0) return "";
  const numbers = parents.map(({ candidate }) => candidate).join(", ");
  return parents[0]?.by === "nearest" ? `≈ ${numbers}` : numbers;
}
