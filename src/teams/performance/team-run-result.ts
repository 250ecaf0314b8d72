import type { Json } from "#foundation";
import type { TeamAnswer, Trace } from "#orchestration";
import type { TeamMeasures } from "./team-measures.ts";

/** One request of a team with all that was measured of it: what a team's metric looks at. Plain JSON. */
export interface TeamRunResult extends TeamMeasures {
  /** `null` when the team found none. */
  readonly output: Json;
  /** Why there is no output. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Whether an agent failed under the request, or was missing. */
  readonly isDegraded: boolean;
  readonly trace: Trace;
}

/** An answer with its measures. */
export function runResult(answer: TeamAnswer, measures: TeamMeasures): TeamRunResult {
  const { isDegraded, trace } = answer;
  return answer.ok
    ? { ...measures, output: answer.output, isDegraded, trace }
    : { ...measures, output: null, error: answer.error, isDegraded, trace };
}
