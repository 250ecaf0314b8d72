import type { LiveTeam } from "tutti/orchestration";
import { meanInterval, pairedInterval } from "tutti/programs";
import type { Interval } from "tutti/programs";
import { evaluateTeamPerformance } from "tutti/teams";
import type { TeamExample, TeamMetric } from "tutti/teams";
import type { Configuration } from "tutti/variables";
import type { Baseline } from "./baselines.ts";

/** One way to set up the team, measured on tasks that nothing was chosen on. */
export interface Row {
  readonly name: string;
  /** The metric's mean with its 95 % interval. */
  readonly score: number;
  readonly interval: Interval;
  readonly solved: number;
  /** Operations and examples shown, priced in operations, a task. */
  readonly cost: number;
  /** The metric of each task, in order. */
  readonly scores: readonly number[];
}

export interface MeasureOptions {
  readonly examples: readonly TeamExample[];
  readonly metric: TeamMetric;
  readonly signal?: AbortSignal | undefined;
}

/** Measures a set-up. A live team with every agent ready tries it as values of the request, nothing is changed. */
export async function measureRow(
  live: LiveTeam,
  { name, overrides }: Baseline,
  { examples, metric, signal }: MeasureOptions,
): Promise<Row> {
  const { outcomes, objectives } = await evaluateTeamPerformance(live, examples, metric, {
    overrides,
    signal,
    concurrency: 6,
  });
  const scores = outcomes.map((outcome) => (outcome.ok ? outcome.score : 0));
  const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  const { solved = 0, cost = 0 } = objectives;
  return { name, score, interval: meanInterval(scores), solved, cost, scores };
}

/** How much better one row is than another on the same tasks, with its 95 % interval. */
export function gainOver(before: Row, after: Row): { readonly mean: number; readonly interval: Interval } {
  return { mean: after.score - before.score, interval: pairedInterval(before.scores, after.scores) };
}

/** The best of some set-ups on tasks that may be chosen by. */
export async function bestOf(
  live: LiveTeam,
  baselines: readonly Baseline[],
  options: MeasureOptions,
): Promise<Baseline> {
  const rows: { readonly baseline: Baseline; readonly score: number }[] = [];
  for (const baseline of baselines) rows.push({ baseline, score: (await measureRow(live, baseline, options)).score });
  return rows.reduce((best, row) => (row.score > best.score ? row : best)).baseline;
}

/** A whole configuration as a set-up. */
export function setUp(name: string, configuration: Configuration): Baseline {
  return { name, overrides: configuration };
}
