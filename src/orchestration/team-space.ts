import { space } from "#variables";
import type { Conditions, Space, Variable } from "#variables";
import { whenSelected } from "./agent-selection.ts";
import type { AgentConfig, Role } from "./agent-config.ts";
import { coordinatedPatterns } from "./communication-topology.ts";
import { orchestrationKindOf } from "./orchestration-variable.ts";
import type { OrchestrationVariable } from "./orchestration-variable.ts";

interface Assembly {
  readonly agents: Readonly<Record<string, AgentConfig>>;
  readonly orchestrationVariables: Readonly<Record<string, OrchestrationVariable>>;
}

/**
 * The one space of everything that may change about a team: `team.<variable>…` for the orchestration, then
 * `<agent>/<name>` for each agent's own. What belongs to an agent that is not selected is absent. The variables' groups
 * are `agent_selection`, `topology`, `resources` and `parameters`.
 */
export function teamSpace({ agents, orchestrationVariables }: Assembly): Space {
  const all = Object.values(orchestrationVariables);
  const whenActive = (agent: string): Conditions | undefined =>
    all
      .filter((variable) => variable.type === "agent_selection")
      .map((selection) => (selection.agents.includes(agent) ? whenSelected(selection, agent) : undefined))
      .find((condition) => condition !== undefined) ?? whenCoordinating(agents[agent]?.role, all);
  const parts = all.map((variable) => orchestrationKindOf(variable).variables(variable, whenActive));
  const locals = Object.entries(agents).map(([id, config]) => localVariables(id, config, whenActive(id)));
  const every = [...parts, ...locals];
  return space(
    every.flatMap(({ variables }) => variables),
    { when: Object.assign({}, ...every.map(({ when }) => when)) as Record<string, Conditions> },
  );
}

/** A coordinator's variables matter only where the topology has a place for it. */
function whenCoordinating(role: Role | undefined, all: readonly OrchestrationVariable[]): Conditions | undefined {
  const topology = all.find((variable) => variable.type === "communication_topology");
  if (role !== "coordinator" || topology === undefined) return undefined;
  const patterns = coordinatedPatterns(topology);
  const isAlways = patterns.length === topology.patterns.length;
  return patterns.length === 0 || isAlways ? undefined : { [`team.${topology.id}.pattern`]: { oneOf: patterns } };
}

function localVariables(
  agent: string,
  { localVariableSpace }: AgentConfig,
  whenActive: Conditions = {},
): { readonly variables: readonly Variable[]; readonly when: Readonly<Record<string, Conditions>> } {
  const path = (name: string): string => `${agent}/${name}`;
  const { variables, when = {} } = localVariableSpace;
  const conditions = variables.flatMap(({ name }) => {
    const own = Object.entries(when[name] ?? {}).map(([other, condition]) => [path(other), condition] as const);
    const all = { ...whenActive, ...Object.fromEntries(own) };
    return Object.keys(all).length === 0 ? [] : [[path(name), all] as const];
  });
  return {
    variables: variables.map((variable) => ({ group: "parameters", ...variable, name: path(variable.name) })),
    when: Object.fromEntries(conditions),
  };
}

/** An agent that both variables select, if there is one. */
export function selectionsOverlap(one: OrchestrationVariable, other: OrchestrationVariable): string | undefined {
  if (one.type !== "agent_selection" || other.type !== "agent_selection") return undefined;
  return one.agents.find((agent) => other.agents.includes(agent));
}
