import { mapConcurrently, nextTurn, UsageError } from "#foundation";
import { LiveTeam } from "#orchestration";
import type { Team, TeamModule } from "#orchestration";
import { mean, meanInterval } from "#programs";
import type { Interval } from "#programs";
import type { Configuration } from "#variables";
import { injectedFaultTolerance } from "./injected-faults.ts";
import { adaptationSpeed } from "./performance/adaptation-speed.ts";
import { creditOf } from "./performance/credit.ts";
import { measuresOf } from "./performance/team-measures.ts";
import type { TeamMeasures } from "./performance/team-measures.ts";
import { startedTeam } from "./started-team.ts";
import { checkTeamExamples } from "./team-example.ts";
import type { TeamExample } from "./team-example.ts";
import { checkTeamMetric } from "./team-metric.ts";
import type { TeamMetric } from "./team-metric.ts";
import { outcomeOf, scoreIn } from "./team-outcome.ts";
import type { TeamOutcome } from "./team-outcome.ts";
import type { TeamServices } from "./team-program.ts";

/** How good a team is on examples, every figure measured from its runs. */
export interface TeamPerformanceResult extends TeamMeasures {
  /** The mean of the metric; an example that failed counts 0. */
  readonly overallScore: number;
  /** Its 95 % bootstrap interval. */
  readonly interval: Interval;
  /** Credit by provenance: of each agent the mean score of the requests whose output goes back to it; 0 if none does. */
  readonly individualScores: Readonly<Record<string, number>>;
  /** How soon scores settled after the team was last changed, of the examples in their order; 1 if it was not. */
  readonly adaptationSpeed: number;
  /** Means of the metric's further goals, over the examples that have them. */
  readonly objectives: Readonly<Record<string, number>>;
  /** What came of each example, in order. */
  readonly outcomes: readonly TeamOutcome[];
}

export interface EvaluateTeamOptions {
  /** The code of the agents, for a team that is a value. */
  readonly modules?: readonly TeamModule[];
  /** Values that win over the team's configuration. */
  readonly overrides?: Configuration;
  /** Requests at once; 4 unless told. */
  readonly concurrency?: number;
  /**
   * Measures what it costs to kill an agent: each that took part, once under each of this many of the first examples, in
   * teams started for it. Only for a team that is a value. None unless told.
   */
  readonly faults?: { readonly examples: number };
  /** For agents of this thread that ask a model. */
  readonly services?: TeamServices;
  /** What the process holds; Node's own figure unless told. */
  readonly memoryBytes?: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the team on every example and scores it. A team that is a value is started for it and ended; one that lives is
 * asked as it is. A metric that throws is that example's failure. Throws `UsageError` for an empty list of examples and
 * for examples that are none; rejects with `TeamError` when the agents do not start, and with the signal's reason.
 */
export async function evaluateTeamPerformance(
  team: Team | LiveTeam,
  examples: readonly TeamExample[],
  metric: TeamMetric,
  options: EvaluateTeamOptions = {},
): Promise<TeamPerformanceResult> {
  checkTeamExamples(examples, "examples");
  checkTeamMetric(metric);
  const { faults, signal } = options;
  signal?.throwIfAborted();
  if (team instanceof LiveTeam) {
    if (faults !== undefined)
      throw new UsageError("faults: expected a team that is a value; agents of a living one are not killed");
    return evaluateLive(team, examples, metric, options);
  }
  return evaluateValue(team, examples, metric, options);
}

async function evaluateValue(
  team: Team,
  examples: readonly TeamExample[],
  metric: TeamMetric,
  options: EvaluateTeamOptions,
): Promise<TeamPerformanceResult> {
  const { modules = [], overrides = {}, concurrency = 4, faults } = options;
  checkFaults(faults);
  // Everybody is kept ready only where others than the team's own may be asked.
  const life = { modules, isStandby: Object.keys(overrides).length > 0 };
  await using live = await startedTeam(team, life);
  const performance = await evaluateLive(live, examples, metric, options);
  if (faults === undefined) return performance;
  const unharmed = examples
    .slice(0, faults.examples)
    .map((example, place) => ({ example, outcome: performance.outcomes[place] as TeamOutcome }));
  const faultToleranceScore = await injectedFaultTolerance(team, unharmed, {
    ...options,
    ...life,
    overrides,
    concurrency,
    metric,
  });
  return { ...performance, faultToleranceScore, faultToleranceMeasured: "injected" };
}

function checkFaults(faults: EvaluateTeamOptions["faults"]): void {
  if (faults === undefined || (Number.isInteger(faults.examples) && faults.examples >= 1)) return;
  throw new UsageError(`faults.examples: expected a whole number of at least 1, got ${String(faults.examples)}`);
}

async function evaluateLive(
  live: LiveTeam,
  examples: readonly TeamExample[],
  metric: TeamMetric,
  { overrides = {}, concurrency = 4, signal, services, memoryBytes }: EvaluateTeamOptions,
): Promise<TeamPerformanceResult> {
  const changes: number[] = [];
  const outcomes: TeamOutcome[] = [];
  let begun = 0;
  const unsubscribe = live.events.subscribe(({ type }) => {
    if (type === "actions_applied") changes.push(begun);
  });
  try {
    const run = async (example: TeamExample): Promise<TeamOutcome> => {
      if (++begun % examplesPerTurn === 0) await nextTurn();
      return outcomeOf(live, example, metric, { overrides, signal, services, memoryBytes });
    };
    for await (const outcome of mapConcurrently(examples, run, { concurrency, ordered: true, signal }))
      outcomes.push(outcome);
  } finally {
    unsubscribe();
  }
  return performanceOf(outcomes, Object.keys(live.team.agents), changes);
}

/** With agents that answer at once, so many examples are done before timers and signals get their turn. */
const examplesPerTurn = 16;

function performanceOf(
  outcomes: readonly TeamOutcome[],
  agents: readonly string[],
  changes: readonly number[],
): TeamPerformanceResult {
  const scores = outcomes.map(scoreIn);
  const runs = outcomes.flatMap((outcome) => {
    const { result } = outcome;
    if (result === undefined) return [];
    const { trace, error, memoryUsage } = result;
    return [{ trace, ok: error === undefined, memoryBytes: memoryUsage, score: scoreIn(outcome) }];
  });
  return {
    overallScore: mean(scores),
    interval: meanInterval(scores),
    individualScores: creditOf(runs, agents),
    ...measuresOf(runs),
    adaptationSpeed: adaptationSpeed(scores, changes),
    objectives: meanObjectives(outcomes),
    outcomes,
  };
}

function meanObjectives(outcomes: readonly TeamOutcome[]): Record<string, number> {
  const told = outcomes.flatMap((outcome) => Object.entries((outcome.ok && outcome.objectives) || {}));
  const byName = Map.groupBy(told, ([name]) => name);
  return Object.fromEntries([...byName].map(([name, values]) => [name, mean(values.map(([, value]) => value))]));
}
