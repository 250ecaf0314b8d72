import type { Json, JsonObject } from "#foundation";
import { mergeConfigurations, settleConfiguration, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { chooseAgents } from "./variables/agent-selection.ts";
import type { AgentConfig } from "./agent-config.ts";
import { topologyIn } from "./variables/communication-topology.ts";
import type { CommunicationTopology, TopologyValue } from "./variables/communication-topology.ts";
import type { CoordinationContext } from "./variables/coordination-context.ts";
import { decided, undecided } from "./decision.ts";
import type { Decision } from "./decision.ts";
import { membersOf, workersAmong } from "./members.ts";
import type { Plan } from "./plan.ts";
import { amountsIn } from "./variables/resource-allocation.ts";
import type { Team } from "./team.ts";
import { teamSpace } from "./team-space.ts";
import { chain } from "./topologies/chain.ts";
import { customTopology } from "./topologies/custom.ts";
import type { Topology } from "./topologies/topology.ts";

/** A plan with the topology that carries it out. */
export interface Planned {
  readonly plan: Plan;
  readonly topology: Topology;
}

/** The team's configuration with a call's own values: paths that are then no longer active are left out. */
export function effectiveConfiguration(team: Team, overrides: Configuration | undefined): Decision<Configuration> {
  if (overrides === undefined) return decided(team.configuration);
  const space = teamSpace(team);
  const known = new Set(space.variables.map(({ name }) => name));
  const strange = Object.keys(overrides).find((path) => !known.has(path));
  if (strange !== undefined) return undecided("invalid_configuration", `${strange}: the team has no such variable`);
  const configuration = settleConfiguration(space, mergeConfigurations(team.configuration, overrides));
  const asked = Object.fromEntries(Object.entries(overrides).filter(([path]) => path in configuration));
  const checked = validateConfiguration(space, { ...configuration, ...asked });
  if (checked.ok) return decided(checked.configuration);
  const [issue] = checked.issues;
  return undecided("invalid_configuration", `${issue?.path}: ${issue?.expected}, got ${issue?.received}`);
}

/**
 * Who is active by a configuration, in the order of the selections, then of registration. Agents that no variable
 * selects are always active; those that a task selects are who is active, or starting, now.
 */
export function activeAgents(team: Team, context: SelectionContext): Decision<readonly string[]> {
  const selections = Object.values(team.orchestrationVariables).filter(
    (variable) => variable.type === "agent_selection",
  );
  const governed = new Set(selections.flatMap(({ agents }) => agents));
  const chosen: string[] = [];
  for (const selection of selections) {
    const present = selection.agents.filter((agent) => isPresent(team, agent));
    const isHeld = selection.select === "by_task" && context.reselect !== true;
    const choice: Decision<readonly string[]> = isHeld
      ? decided(present)
      : chooseAgents(selection, { ...context, agents: team.agents, totals: team.resourcePool });
    if (!choice.ok && context.keepsPresent !== true) return choice;
    chosen.push(...(choice.ok ? choice.value : present));
  }
  const others = Object.keys(team.agents).filter((agent) => !governed.has(agent));
  return decided([...chosen, ...others].filter((agent) => mayServe(team, agent)));
}

export interface SelectionContext extends Pick<CoordinationContext, "task" | "observed"> {
  readonly configuration: Configuration;
  /** Whether agents that are selected by task are chosen anew. */
  readonly reselect?: boolean;
  /** Whether a selection that cannot be decided leaves those that are active, instead of being the answer. */
  readonly keepsPresent?: boolean;
}

function isPresent({ agents }: Team, agent: string): boolean {
  const status = agents[agent]?.status;
  return status === "active" || status === "starting";
}

/** An agent that has failed, or was stopped by hand, takes no part although it is selected. */
export function mayServe({ agents, stopped = [] }: Team, agent: string): boolean {
  return agents[agent] !== undefined && agents[agent].status !== "failed" && !stopped.includes(agent);
}

/**
 * How the team answers a task by its configuration, or by one with a call's own values. Pure. Where there is a topology,
 * only the agents that it concerns work; monitors never do, coordinators where the topology has a place for them.
 */
export function planOf(team: Team, configuration: Configuration): Decision<Planned> {
  const active = activeAgents(team, { configuration });
  if (!active.ok) return active;
  const evaluators = active.value.filter((agent) => team.agents[agent]?.role === "evaluator");
  const concerned = team.edges === undefined ? topologyVariable(team)?.agents : undefined;
  const workers = workersAmong(active.value, team.agents).filter((agent) => concerned?.includes(agent) !== false);
  if (workers.length === 0) return undecided("agent_unavailable", `team ${team.name}: nobody is active who could work`);
  const chosen = topologyOf(team, configuration, workers);
  if (!chosen.ok) return chosen;
  const members = membersOf(chosen.value.topology, workers, team.agents);
  const grants = grantsOf(team, configuration, active.value);
  if (!grants.ok) return grants;
  const { topology, hub, rounds, aggregate } = chosen.value;
  const plan: Plan = {
    pattern: topology.name,
    members,
    hub,
    rounds,
    aggregate,
    evaluators,
    edges: topology.edges(members, hub),
    grants: grants.value,
    parameters: Object.fromEntries(active.value.map((agent) => [agent, parametersOf(agent, configuration)])),
    roles: Object.fromEntries(active.value.map((agent) => [agent, (team.agents[agent] as AgentConfig).role])),
  };
  return decided({ plan, topology });
}

function topologyOf(team: Team, configuration: Configuration, members: readonly string[]): Decision<TopologyValue> {
  const variable = topologyVariable(team);
  const byHand = team.edges;
  if (variable === undefined || byHand !== undefined) {
    const topology = byHand === undefined ? chain : customTopology("by_hand", byHand);
    return decided({ topology, hub: undefined, rounds: 1, aggregate: variable?.aggregates[0] ?? "vote" });
  }
  return topologyIn(variable, configuration, members);
}

/** The team's topology variable, if it has one. */
function topologyVariable({ orchestrationVariables }: Team): CommunicationTopology | undefined {
  return Object.values(orchestrationVariables).find((variable) => variable.type === "communication_topology");
}

function grantsOf(team: Team, configuration: Configuration, active: readonly string[]): Decision<Plan["grants"]> {
  const grants: Record<string, Record<string, number>> = {};
  for (const variable of Object.values(team.orchestrationVariables)) {
    if (variable.type !== "resource_allocation" || variable.per !== "request") continue;
    const amounts = amountsIn(variable, configuration, active);
    if (!amounts.ok) return amounts;
    for (const [agent, amount] of Object.entries(amounts.value))
      grants[agent] = { ...grants[agent], [variable.resource]: amount };
  }
  return decided(grants);
}

/** An agent's own values, by their names without its scope. */
function parametersOf(agent: string, configuration: Configuration): JsonObject {
  const scope = `${agent}/`;
  const own = Object.entries(configuration).filter(([path]) => path.startsWith(scope));
  return Object.fromEntries(own.map(([path, value]): [string, Json] => [path.slice(scope.length), value]));
}
