import { prefixedSpace, space } from "#variables";
import type { Conditions, Space } from "#variables";
import { whenSelected } from "./variables/agent-selection.ts";
import type { AgentConfig, Role } from "./agent-config.ts";
import { coordinatedPatterns } from "./variables/communication-topology.ts";
import { orchestrationKindOf } from "./variables/orchestration-variable.ts";
import type { OrchestrationVariable } from "./variables/orchestration-variable.ts";

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
    {
      when: Object.assign({}, ...every.map(({ when }) => when)) as Record<string, Conditions>,
      constraints: locals.flatMap(({ constraints = [] }) => constraints),
    },
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

function localVariables(agent: string, { localVariableSpace }: AgentConfig, whenActive: Conditions = {}): Space {
  const own = prefixedSpace(localVariableSpace, `${agent}/`);
  const conditions = own.variables.flatMap(({ name }) => {
    const all = { ...whenActive, ...own.when?.[name] };
    return Object.keys(all).length === 0 ? [] : [[name, all] as const];
  });
  return {
    ...own,
    variables: own.variables.map((variable) => ({ group: "parameters", ...variable })),
    when: Object.fromEntries(conditions),
  };
}

/** An agent that both variables select, if there is one. */
export function selectionsOverlap(one: OrchestrationVariable, other: OrchestrationVariable): string | undefined {
  if (one.type !== "agent_selection" || other.type !== "agent_selection") return undefined;
  return one.agents.find((agent) => other.agents.includes(agent));
}

/** An agent to whom two variables would share out the same resource, if there is one. */
export function allocationsOverlap(one: OrchestrationVariable, other: OrchestrationVariable): string | undefined {
  if (one.type !== "resource_allocation" || other.type !== "resource_allocation") return undefined;
  if (one.resource !== other.resource) return undefined;
  return one.agents.find((agent) => other.agents.includes(agent));
}
