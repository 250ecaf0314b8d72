import { canonicalJson, describe, present, UsageError } from "#foundation";
import type { Clock, Json, Store } from "#foundation";
import { actionsBetween, configured, teamSpace } from "#orchestration";
import type { AgentConfig, ConfigurationAction, LiveTeam, Team, TeamModule } from "#orchestration";
import { optimize } from "#optimize";
import type { Budget, CostWeight, Report, RunEvent, Runner, Teleprompter } from "#optimize";
import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import type { Configuration, Space } from "#variables";
import { startedTeam } from "./started-team.ts";
import { checkTeamExamples, programExample } from "./team-example.ts";
import type { TeamExample } from "./team-example.ts";
import { checkTeamMetric, programMetric } from "./team-metric.ts";
import type { TeamMetric } from "./team-metric.ts";
import { teamProgram, teamStage } from "./team-program.ts";
import { teamTeleprompters } from "./teleprompters/team-teleprompters.ts";

export interface OptimizeTeamOptions {
  /** Where the run is kept: it can be resumed from there. */
  readonly store: Store;
  /** The code of the agents. */
  readonly modules: readonly TeamModule[];
  readonly metric: TeamMetric;
  /** A team teleprompter, such as `simba()`. */
  readonly teleprompter: Teleprompter;
  readonly train: readonly TeamExample[];
  /** For choosing the winner. A random half of `train` unless told, which is then taken out of it. */
  readonly validation?: readonly TeamExample[];
  /** For the honest comparison at the end, touched once. */
  readonly test?: readonly TeamExample[];
  readonly budget?: Budget;
  /** What a unit of a request's cost counts against its score, as for programs; calls are counted of `model` alone. */
  readonly costWeight?: CostWeight;
  readonly seed?: string | number;
  /** Requests at once; 8 unless told. */
  readonly concurrency?: number;
  readonly deterministic?: boolean;
  /** What agents ask; its calls are counted against the budget. Without it each asks the model of its own module. */
  readonly model?: LanguageModel;
  readonly models?: Readonly<Record<string, LanguageModel>>;
  /** What may change; everything about the team unless told. */
  readonly space?: Space;
  /** A team with every agent ready (`isStandby`), to be tried; one is started and ended unless told. */
  readonly live?: LiveTeam;
  /** Whatever whoever resumes the run needs to find its code again. */
  readonly source?: Json;
  /** A stored run to go on with instead of starting one. */
  readonly resume?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent, runner: Runner) => void;
}

/** What the optimisation of a team comes to. */
export interface OptimizedTeam {
  readonly run: string;
  /** The team with the chosen configuration: its own without a significant gain. */
  readonly team: Team;
  readonly configuration: Configuration;
  /** What has to be done to a live team to follow; none without a significant gain. */
  readonly actions: readonly ConfigurationAction[];
  readonly report: Report;
}

/**
 * Searches a better configuration of a whole team (who is active, who talks to whom, who may spend what, and every
 * agent's own variables, as one space) on examples and within a budget. The winner is chosen on validation examples and
 * judged on test examples that nothing was chosen on; without a significant gain the team comes back as it was. An agent
 * that crashes, or a team without a plan, is the candidate's failure and counts 0. Throws `UsageError` before anything is
 * stored: examples that are none, a space that is not the team's, a limit on a model that was not given, a live team
 * whose agents are not ready.
 */
export async function optimizeTeam(team: Team, options: OptimizeTeamOptions): Promise<OptimizedTeam> {
  checkOptions(team, options);
  const { live, modules, clock } = options;
  if (live !== undefined) return searched(team, live, options);
  await using own = await startedTeam(tireless(team), { modules, isStandby: true, ...present({ clock }) });
  return await searched(team, own, options);
}

/**
 * All candidates share these agents: one that has crashed under many candidates must not be given up, or the ones after
 * it would be measured without it.
 */
function tireless(team: Team): Team {
  const restarting = (config: AgentConfig): AgentConfig => ({
    ...config,
    supervision: { ...config.supervision, restart: "permanent", maxFailures: Number.MAX_SAFE_INTEGER },
  });
  const agents = Object.entries(team.agents).map(([id, config]) => [id, restarting(config)] as const);
  return { ...team, agents: Object.fromEntries(agents) };
}

async function searched(team: Team, live: LiveTeam, options: OptimizeTeamOptions): Promise<OptimizedTeam> {
  const { live: _live, modules: _modules, metric, train, validation, test, space, model = none, ...rest } = options;
  const { teleprompter } = rest;
  const { run, report } = await optimize(teamProgram(team), {
    ...rest,
    model,
    teleprompters: { [teleprompter.name]: () => teleprompter, ...teamTeleprompters },
    space: space ?? teamSpace(team),
    metric: programMetric(metric),
    modules: [teamStage(live, { models: options.model === undefined ? "own" : "given" })],
    train: train.map(programExample),
    ...(validation === undefined ? {} : { validation: validation.map(programExample) }),
    ...(test === undefined ? {} : { test: test.map(programExample) }),
  });
  const better = report.significant ? configured(team, report.configuration) : team;
  const { configuration } = better;
  return { run, team: better, configuration, actions: actionsBetween(team, team.configuration, configuration), report };
}

function checkOptions(team: Team, options: OptimizeTeamOptions): void {
  const {
    train,
    validation,
    test,
    metric,
    teleprompter,
    space,
    live,
    model,
    budget = {},
    costWeight,
    signal,
  } = options;
  signal?.throwIfAborted();
  for (const [split, examples] of Object.entries({ train, validation, test }))
    if (examples !== undefined || split === "train") checkTeamExamples(examples as readonly TeamExample[], split);
  checkTeamMetric(metric);
  if (typeof teleprompter?.ask !== "function")
    throw new UsageError(`teleprompter: expected one, such as simba(), got ${describe(teleprompter)}`);
  const known = new Set(teamSpace(team).variables.map(({ name }) => name));
  const strange = space?.variables.filter(({ name }) => !known.has(name)).map(({ name }) => name) ?? [];
  if (strange.length > 0) throw new UsageError(`space: team ${team.name} has no such variables`, strange);
  const uncounted = (["calls", "tokens", "usd"] as const).filter((limit) => budget[limit] !== undefined);
  if (model === undefined && costWeight !== undefined)
    throw new UsageError("costWeight: costs are counted of the model that the agents ask; give it as `model`");
  if (model === undefined && uncounted.length > 0)
    throw new UsageError(`budget.${uncounted[0]}: it is kept for the model that the agents ask; give it as \`model\``);
  if (live !== undefined) checkReady(team, live);
}

/** A candidate must not fail because nobody had started its agents. */
function checkReady({ name, agents, configuration }: Team, live: LiveTeam): void {
  if (canonicalJson(live.team.configuration) !== canonicalJson(configuration))
    throw new UsageError(`live: expected team ${name} with the configuration that is to be beaten, got another one`);
  const there = live.status().agents;
  const missing = Object.keys(agents).filter((agent) => (there[agent]?.instances ?? 0) === 0);
  if (missing.length > 0)
    throw new UsageError(
      `live: expected team ${name} running with every agent ready (isStandby), but ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not`,
    );
}

/** What the run's record names where no model was given; nobody gets to ask it. */
const none: LanguageModel = {
  id: "none",
  generate: () => Promise.reject(new ModelError("invalid_request", "the optimisation was given no model")),
};
