import { LiveTeam, TeamError } from "#orchestration";
import type { LiveTeamOptions, Team } from "#orchestration";

/** The team alive. Rejects with `TeamError` when one of the agents that it needs does not start; then none is left. */
export async function startedTeam(team: Team, options: LiveTeamOptions): Promise<LiveTeam> {
  const live = new LiveTeam(team, options);
  const started = await live.startAgents();
  if (started.ok) return live;
  await live[Symbol.asyncDispose]();
  const reasons = started.errors.map(({ error }) => error.message).join("; ");
  throw new TeamError("start_failed", `team ${team.name} did not start: ${reasons}`);
}
