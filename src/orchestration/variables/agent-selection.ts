import { describe, present, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { choice, permutation, subset } from "#variables";
import type { Conditions, Configuration, Variable } from "#variables";
import type { AgentConfig } from "../agent-config.ts";
import type { CoordinationContext, Observed, TaskRequirements } from "./coordination-context.ts";
import { decided, undecided } from "../decision.ts";
import type { Decision } from "../decision.ts";
import { directive } from "./directive.ts";
import type { Directive } from "./directive.ts";
import { checkAgents, checkId } from "./orchestration-definition.ts";
import type { OrchestrationDefinition } from "./orchestration-definition.ts";
import type { OrchestrationKind } from "./orchestration-kind.ts";

/** Which of some agents are active. */
export interface AgentSelection extends OrchestrationDefinition {
  readonly type: "agent_selection";
  /**
   * `"one"` of them; a `"subset"`; an `"order"`: a subset in the order in which it is to work; `"by_task"`: no variable
   * of the space, but those with the best scores for the task whenever the team is coordinated.
   */
  readonly select: "one" | "subset" | "order" | "by_task";
  readonly min: number;
  readonly max: number;
  readonly default?: string | readonly string[];
  /** The agents together must not need more of this resource than the pool has. */
  readonly resourceLimit?: "memory_bound" | "cpu_bound";
  /** How much an agent's relative cost counts against it, in a selection by task. */
  readonly costWeight: number;
}

export interface AgentSelectionOptions {
  readonly agents: readonly string[];
  /** `"one"` unless told. */
  readonly select?: AgentSelection["select"];
  /** The fewest agents of a subset or an order; 1 unless told. */
  readonly min?: number;
  /** The most that are active at once; all unless told. */
  readonly maxConcurrent?: number;
  /** The first agent, or the first agents up to the most, unless told. */
  readonly default?: string | readonly string[];
  readonly resourceLimit?: "memory_bound" | "cpu_bound";
  /** 0.1 unless told. */
  readonly costWeight?: number;
  readonly scope?: OrchestrationDefinition["scope"];
}

/** Who is active: `agentSelection("coder", { agents: ["weak", "strong"] })`. */
export function agentSelection(id: string, options: AgentSelectionOptions): AgentSelection {
  const { agents, select = "one", min = 1, maxConcurrent, resourceLimit, costWeight = 0.1, scope = "local" } = options;
  const max = maxConcurrent ?? (select === "one" ? 1 : agents?.length);
  const variable: AgentSelection = {
    type: "agent_selection",
    id,
    scope,
    agents,
    select,
    min,
    max,
    costWeight,
    ...present({
      default: options.default,
      resourceLimit,
    }),
  };
  check(variable);
  return variable;
}

export const agentSelectionKind: OrchestrationKind<AgentSelection> = {
  check,
  variables: (variable) => ({ variables: ownVariable(variable), when: {} }),
  coordinate: coordinateSelection,
};

function check(variable: AgentSelection): void {
  const where = checkId(variable);
  checkAgents(variable, where);
  const { select, min, max, agents, resourceLimit } = variable;
  if (!["one", "subset", "order", "by_task"].includes(select))
    throw new UsageError(`${where}.select: expected one, subset, order or by_task, got ${describe(select)}`);
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < min || max > agents.length || max < 1)
    throw new UsageError(
      `${where}: expected whole numbers 0 ≤ min ≤ maxConcurrent ≤ ${agents.length}, got min ${min}, maxConcurrent ${max}`,
    );
  if (resourceLimit !== undefined && resourceLimit !== "memory_bound" && resourceLimit !== "cpu_bound")
    throw new UsageError(`${where}.resourceLimit: expected memory_bound or cpu_bound, got ${describe(resourceLimit)}`);
  // Making the variable checks the default.
  ownVariable(variable);
}

function ownVariable(variable: AgentSelection): Variable[] {
  const { id, agents, select, min, max, default: chosen } = variable;
  const name = `team.${id}`;
  const settings = { group: "agent_selection", ...(chosen === undefined ? {} : { default: chosen as Json }) };
  if (select === "by_task") return [];
  if (select === "one") return [choice(name, agents, settings)];
  const list = { ...settings, min, max } as { group: string; min: number; max: number; default?: readonly Json[] };
  return [select === "subset" ? subset(name, agents, list) : permutation(name, agents, list)];
}

/** What must hold for an agent to be active; `undefined` when the space does not say. */
export function whenSelected({ id, select }: AgentSelection, agent: string): Conditions | undefined {
  if (select === "by_task") return undefined;
  return { [`team.${id}`]: select === "one" ? { is: agent } : { includes: agent } };
}

/** Whom a configuration selects, in its order; `undefined` when it leaves that to the task. */
function selectedIn({ id, select }: AgentSelection, configuration: Configuration): string[] | undefined {
  if (select === "by_task") return undefined;
  const value = configuration[`team.${id}`];
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]) as string[];
}

/** Whom the configuration, or else the task, selects. */
export function chooseAgents(
  variable: AgentSelection,
  context: Pick<CoordinationContext, "agents" | "configuration" | "totals" | "task" | "observed">,
): Decision<readonly string[]> {
  const chosen = selectedIn(variable, context.configuration);
  return chosen === undefined ? byScore(variable, context) : asSaid(variable, chosen, context);
}

function asSaid(
  { id, agents, resourceLimit }: AgentSelection,
  chosen: readonly string[],
  context: Pick<CoordinationContext, "agents" | "totals">,
): Decision<readonly string[]> {
  const unknown = chosen.find((agent) => !agents.includes(agent));
  if (unknown !== undefined)
    return undecided("invalid_configuration", `team.${id}: ${unknown} is none of ${agents.join(", ")}`);
  const resource = resourceOf(resourceLimit);
  if (resource === undefined) return decided(chosen);
  const needed = chosen.reduce((sum, agent) => sum + need(context.agents[agent], resource), 0);
  const total = context.totals[resource] ?? 0;
  return needed <= total
    ? decided(chosen)
    : undecided("resource_exhausted", `team.${id}: ${chosen.join(", ")} need ${needed} of ${total} ${resource}`);
}

/**
 * Those with the highest scores that fit into the pool together: 0.5 · performance + 0.3 · match + 0.2 · (1 − load) −
 * costWeight · cost, ties by the order of the definition (spec/semantics.md §2.1).
 */
function byScore(
  { id, agents, min, max, resourceLimit, costWeight }: AgentSelection,
  {
    agents: configs,
    totals,
    task = {},
    observed = {},
  }: Pick<CoordinationContext, "agents" | "totals" | "task" | "observed">,
): Decision<readonly string[]> {
  const eligible = agents.filter((agent) => isEligible(configs[agent], task));
  const scored = eligible
    .map((agent) => ({ agent, score: score(configs[agent], observed[agent], task, costWeight) }))
    .toSorted((a, b) => b.score - a.score);
  const resource = resourceOf(resourceLimit);
  let left = resource === undefined ? Infinity : (totals[resource] ?? 0);
  const chosen: string[] = [];
  for (const { agent } of scored) {
    const amount = resource === undefined ? 0 : need(configs[agent], resource);
    if (chosen.length >= max || amount > left) continue;
    chosen.push(agent);
    left -= amount;
  }
  if (chosen.length >= min) return decided(chosen);
  return undecided("agent_unavailable", `team.${id}: ${chosen.length} of at least ${min} agents can do the task`);
}

function isEligible(config: AgentConfig | undefined, { required = [] }: TaskRequirements): boolean {
  if (config === undefined || (config.status !== "active" && config.status !== "inactive")) return false;
  return required.every((capability) => config.capabilities.includes(capability));
}

function score(
  config: AgentConfig | undefined,
  observed: Observed | undefined,
  { type }: TaskRequirements,
  costWeight: number,
): number {
  const { successes, runs } = observed?.runs[type ?? ""] ?? { successes: 0, runs: 0 };
  // The mean of a Beta(1, 1) prior after the runs.
  const performance = (successes + 1) / (runs + 2);
  const match = type === undefined || config?.capabilities.includes(type) === true ? 1 : 0;
  return 0.5 * performance + 0.3 * match + 0.2 * (1 - (observed?.load ?? 0)) - costWeight * (observed?.cost ?? 0);
}

function resourceOf(limit: AgentSelection["resourceLimit"]): string | undefined {
  return limit === undefined ? undefined : limit === "memory_bound" ? "memory" : "cpu";
}

function need(config: AgentConfig | undefined, resource: string): number {
  return (config?.resourceRequirements[resource] ?? 0) * (config?.replicas ?? 1);
}

function coordinateSelection(variable: AgentSelection, context: CoordinationContext): Decision<readonly Directive[]> {
  const chosen = chooseAgents(variable, context);
  if (!chosen.ok) return chosen;
  const failed = chosen.value.find((agent) => context.agents[agent]?.status === "failed");
  if (failed !== undefined) return undecided("agent_unavailable", `team.${variable.id}: agent ${failed} has failed`);
  const isRunning = (agent: string): boolean => context.agents[agent]?.status === "active";
  return decided([
    ...chosen.value.filter((agent) => !isRunning(agent)).map((agent) => directive(agent, "start")),
    ...variable.agents
      .filter((agent) => isRunning(agent) && !chosen.value.includes(agent))
      .map((agent) => directive(agent, "stop")),
  ]);
}
