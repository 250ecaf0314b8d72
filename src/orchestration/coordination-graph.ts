import type { Space } from "#variables";
import { planOf } from "./plan-of.ts";
import type { Team } from "./team.ts";
import type { Edge } from "./trace.ts";

/** Who may send to whom in a team, by its configuration. */
export interface CoordinationGraph {
  /** Every registered agent, active or not. */
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
  /** The topology's name; `undefined` where nobody is active or the configuration comes to no plan. */
  readonly topology: string | undefined;
}

/** The team's graph. It follows from the configuration and is never stored, so that the two cannot disagree. */
export function coordinationGraph(team: Team): CoordinationGraph {
  const nodes = Object.keys(team.agents);
  const planned = planOf(team, team.configuration);
  if (!planned.ok) return { nodes, edges: [], topology: undefined };
  const { edges, pattern } = planned.value.plan;
  return { nodes, edges, topology: pattern };
}

/** Every agent's own variables, by agent. */
export function localVariables({ agents }: Team): Readonly<Record<string, Space>> {
  return Object.fromEntries(Object.entries(agents).map(([id, { localVariableSpace }]) => [id, localVariableSpace]));
}
