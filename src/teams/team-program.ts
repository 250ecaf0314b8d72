import { integerBelow, seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { TeamError } from "#orchestration";
import type { LiveTeam, Team } from "#orchestration";
import { program, signature } from "#programs";
import type { LanguageModel, ModelError, Module, Program } from "#programs";
import type { Configuration } from "#variables";
import { measuresOf } from "./performance/team-measures.ts";
import { runResult } from "./performance/team-run-result.ts";
import type { TeamRunResult } from "./performance/team-run-result.ts";

/** What agents of this thread may use for one request: the models of whoever asks, so that a budget is kept. */
export interface TeamServices {
  /** Throws `UsageError` when the caller gave none. */
  readonly model: () => LanguageModel;
  readonly signal?: AbortSignal | undefined;
  readonly rollout?: number | undefined;
  /** For a program of a request that is to be repeatable: another one for each of the trace's calls. */
  readonly seed?: ((call: number) => number | undefined) | undefined;
  /** Hears of calls that failed because a model did. */
  readonly onModelError?: ((error: ModelError) => void) | undefined;
}

/**
 * A team as a program: one stage that passes the task through the team, and the team's configuration as its own. So a
 * team is executed, evaluated and optimised as any program is. Its output `run` is a `TeamRunResult`.
 */
export function teamProgram(team: Team): Program<{ task: unknown }, { output: unknown; run: unknown }> {
  return program({
    name: team.name,
    signature: signature("task: json -> output: json, run: json"),
    // Not `team`: below that lie the team's own values, and one of them may be called as a stage's setting is.
    pipeline: [{ id: "request", module: "team" }],
    configuration: team.configuration,
  });
}

export interface TeamStageOptions {
  /** What the process holds; Node's own figure unless told. */
  readonly memoryBytes?: () => number;
  /** Whether agents get the model that the program is executed with; `"own"`: each asks its own. `"given"` unless told. */
  readonly models?: "given" | "own";
}

/**
 * The module of that stage: it asks the live team, which has to keep every agent ready (`isStandby`). A team that finds
 * no answer says so in its outputs; it rejects where a model that was given is to blame, so that the world's failure is
 * not held against the configuration, and with `UsageError` when the team is not running.
 */
export function teamStage(live: LiveTeam, { models = "given", ...options }: TeamStageOptions = {}): Module {
  return {
    name: "team",
    run: async ({ inputs, config }, stage) => {
      const { signal, rollout } = stage;
      let failure: ModelError | undefined;
      const services: TeamServices = {
        model: models === "given" ? () => stage.model() : noModel,
        signal,
        rollout,
        seed: seedsFrom(config["seed"]),
        onModelError: (error) => (failure ??= error),
      };
      const run = await runOnce(live, inputs["task"] as Json, {
        overrides: ownPaths(config),
        signal,
        services,
        ...options,
      }).catch(refuseStopped);
      if (run.error !== undefined && failure !== undefined) throw failure;
      return { outputs: { output: run.output, run } };
    },
  };
}

function noModel(): never {
  throw new UsageError("the team was given no model to ask");
}

/**
 * Two agents that are asked the same must not draw the same lot: every call of a request has a seed of its own, by its
 * place in the trace, since those that are made at once get to their models in any order.
 */
function seedsFrom(seed: Json | undefined): TeamServices["seed"] {
  if (seed === undefined) return undefined;
  const rng = seededRng(JSON.stringify(seed));
  return (call) => integerBelow(rng.fork(`call ${call}`), 2 ** 31);
}

/** A team that does not run answers nothing to any configuration: that is no candidate's failure. */
function refuseStopped(error: unknown): never {
  throw error instanceof TeamError && error.code === "not_running" ? new UsageError(error.message) : error;
}

export interface RunOnceOptions {
  readonly overrides: Configuration;
  readonly signal?: AbortSignal | undefined;
  readonly services?: TeamServices | undefined;
  /** What the process holds; Node's own figure unless told. */
  readonly memoryBytes?: (() => number) | undefined;
}

/** One request with its measures. Rejects as `ask` does. */
export async function runOnce(live: LiveTeam, task: Json, options: RunOnceOptions): Promise<TeamRunResult> {
  const { overrides, signal, services, memoryBytes = () => process.memoryUsage.rss() } = options;
  const answer = await live.ask(task, { overrides, signal, services });
  return runResult(answer, measuresOf([{ trace: answer.trace, ok: answer.ok, memoryBytes: memoryBytes() }]));
}

/** The paths that are the team's: the kernel passes on more (a seed). */
function ownPaths(configuration: Configuration): Configuration {
  const own = Object.entries(configuration).filter(([path]) => path.startsWith("team.") || path.includes("/"));
  return Object.fromEntries(own);
}
