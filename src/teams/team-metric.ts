import { describe, UsageError } from "#foundation";
import type { Metric, Score } from "#programs";
import type { TeamRunResult } from "./performance/team-run-result.ts";
import { teamExample } from "./team-example.ts";
import type { TeamExample } from "./team-example.ts";

/**
 * How good a team's work on an example is, 0 or more; larger is better, and what fails counts 0. It sees the output and
 * everything that was measured.
 */
export type TeamMetric = (result: TeamRunResult, example: TeamExample) => Score | Promise<Score>;

/** Throws `UsageError` for what is no metric. */
export function checkTeamMetric(metric: TeamMetric): void {
  if (typeof metric !== "function") throw new UsageError(`metric: expected a function, got ${describe(metric)}`);
}

/** A team's metric as one of the program that the team is: for taking up a run that `optimizeTeam` has begun. */
export function programMetric(metric: TeamMetric): Metric<{ task: unknown }, { run: unknown }> {
  checkTeamMetric(metric);
  return ({ run }, example) => metric(run as TeamRunResult, teamExample(example));
}
