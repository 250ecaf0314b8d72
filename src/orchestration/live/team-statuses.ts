import type { AgentConfig, AgentStatus } from "../agent-config.ts";
import type { Team } from "../team.ts";

/** The team with these agents in another status. */
export function withStatus(team: Team, ids: readonly string[], status: AgentStatus): Team {
  const changed = ids.map((id) => [id, { ...(team.agents[id] as AgentConfig), status }] as const);
  return { ...team, agents: { ...team.agents, ...Object.fromEntries(changed) } };
}

/** The target with the agents' present statuses. */
export function statusesFrom(target: Team, present: Team): Team {
  const agents = Object.entries(target.agents).map(
    ([id, config]) => [id, { ...config, status: present.agents[id]?.status ?? "inactive" }] as const,
  );
  return { ...target, agents: Object.fromEntries(agents) };
}
