import type { LiveTeam } from "tutti/orchestration";
import { meanInterval, pairedInterval } from "tutti/programs";
import type { Interval } from "tutti/programs";
import { evaluateTeamPerformance } from "tutti/teams";
import type { TeamExample, TeamMetric } from "tutti/teams";
import { allSix, asWritten, handWrittenStar, singles, withLargestBudget } from "./baselines.ts";
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
  /** Hears after every set-up that it is measured. */
  readonly onMeasured?: (() => void) | undefined;
}

/** Measures set-ups. A live team with every agent ready tries them as values of the request, nothing is changed. */
export async function measure(
  live: LiveTeam,
  setUps: readonly Baseline[],
  { examples, metric, signal, onMeasured }: MeasureOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, overrides } of setUps) {
    const options = { overrides, signal, concurrency: 6 };
    const { outcomes, objectives } = await evaluateTeamPerformance(live, examples, metric, options);
    const scores = outcomes.map((outcome) => (outcome.ok ? outcome.score : 0));
    const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    const { solved = 0, cost = 0 } = objectives;
    rows.push({ name, score, interval: meanInterval(scores), solved, cost, scores });
    onMeasured?.();
  }
  return rows;
}

/**
 * What one would set up by hand: the team as it was written, the agent that is best alone on these examples, the same
 * with all that may be spent, all six at once, a star.
 */
export async function setUpsByHand(live: LiveTeam, options: MeasureOptions): Promise<readonly Baseline[]> {
  const rows = await measure(live, singles, options);
  const best = rows.reduce((left, right) => (right.score > left.score ? right : left));
  return [
    asWritten,
    ...singles.filter(({ name }) => name === best.name).flatMap((single) => [single, withLargestBudget(single)]),
    allSix,
    handWrittenStar,
  ];
}

/** How much better one row is than another on the same tasks, with its 95 % interval. */
export function gainOver(before: Row, after: Row): { readonly mean: number; readonly interval: Interval } {
  return { mean: after.score - before.score, interval: pairedInterval(before.scores, after.scores) };
}
