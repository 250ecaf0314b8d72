import type { TeamExample, TeamMetric } from "tutti/teams";
import type { Candidate } from "./candidate.ts";
import type { Examiner } from "./examiner.ts";
import type { LabelledTask, Pair } from "./task.ts";

/** What an example that a coder was shown costs, in operations. */
export const viewPrice = 100;

/** A labelled task as the team's example: the hidden pairs are what is expected. */
export function exampleOf({ task, hidden, family, complexity }: LabelledTask): TeamExample {
  return {
    input: task as unknown as TeamExample["input"],
    expectedOutput: hidden as unknown as NonNullable<TeamExample["expectedOutput"]>,
    taskType: family,
    complexity,
  };
}

/**
 * 1 when the returned program gives every hidden pair, by executing it, less 0.2 · cost / 20,000 for what the team used:
 * operations, counted where they are done, and 100 for each example that a coder was shown.
 */
export function synthesisMetric(examiner: Examiner): TeamMetric {
  return async ({ output, used }, { expectedOutput }) => {
    const found = output as unknown as Candidate | null;
    const hidden = expectedOutput as unknown as readonly Pair[];
    const solved = found !== null && (await examiner.failures(found.source, hidden)).length === 0 ? 1 : 0;
    const cost = (used["operations"] ?? 0) + viewPrice * (used["views"] ?? 0);
    return { score: solved - (0.2 * cost) / 20_000, objectives: { solved, cost } };
  };
}
