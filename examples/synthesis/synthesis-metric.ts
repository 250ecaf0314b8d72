import { describe, UsageError } from "tutti/foundation";
import type { TeamMetric } from "tutti/teams";
import type { Examiner } from "./agents/examiner.ts";
import { isCandidate } from "./coders/candidate.ts";
import { arePairs } from "./tasks/task.ts";

/** What an example that a coder was shown costs, in operations. */
const viewPrice = 100;

/**
 * 1 when the returned program gives every hidden pair, by executing it, less 0.2 · cost / 20,000 for what the team used:
 * operations, counted where they are done, and 100 for each example that a coder was shown.
 */
export function synthesisMetric(examiner: Examiner): TeamMetric {
  return async ({ output, used }, { expectedOutput: hidden }) => {
    if (!arePairs(hidden)) throw new UsageError(`expectedOutput: expected the hidden pairs, got ${describe(hidden)}`);
    const solved = isCandidate(output) && (await examiner.failures(output.source, hidden)).length === 0 ? 1 : 0;
    const cost = (used["operations"] ?? 0) + viewPrice * (used["views"] ?? 0);
    return { score: solved - (0.2 * cost) / 20_000, objectives: { solved, cost } };
  };
}
