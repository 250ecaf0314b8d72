import { mapConcurrently, nextTurn } from "#foundation";
import type { AgentConfig, LiveTeamOptions, Team, TeamModule } from "#orchestration";
import { mean } from "#programs";
import { startedTeam } from "./started-team.ts";
import type { TeamExample } from "./team-example.ts";
import type { TeamMetric } from "./team-metric.ts";
import { outcomeOf, scoreIn } from "./team-outcome.ts";
import type { TeamOutcome } from "./team-outcome.ts";
import type { RunOnceOptions } from "./team-program.ts";

export interface InjectFaultsOptions extends RunOnceOptions, LiveTeamOptions {
  readonly metric: TeamMetric;
  readonly concurrency: number;
}

/** An example with what came of it unharmed. */
export interface Unharmed {
  readonly example: TeamExample;
  readonly outcome: TeamOutcome;
}

/**
 * The mean over the agents that took part of clip(score with the agent killed under the request / score without): 1
 * when no kill costs anything, or nothing was there to lose. Every kill has a team of its own, so that none is explained
 * by the one before. spec/semantics.md §2.4.
 */
export async function injectedFaultTolerance(
  team: Team,
  unharmed: readonly Unharmed[],
  options: InjectFaultsOptions,
): Promise<number> {
  const before = mean(unharmed.map(({ outcome }) => scoreIn(outcome)));
  const agents = [...new Set(unharmed.flatMap(({ outcome }) => participants(outcome)))];
  if (!(before > 0) || agents.length === 0) return 1;
  const kills = agents.flatMap((agent) => unharmed.map(({ example }) => ({ agent, example })));
  const harmed = new Map<string, number[]>(agents.map((agent) => [agent, []]));
  const run = async ({ agent, example }: (typeof kills)[number]): Promise<void> => {
    harmed.get(agent)?.push(scoreIn(await killedUnder(team, agent, example, options)));
  };
  const { concurrency, signal } = options;
  for await (const _ of mapConcurrently(kills, run, { concurrency, signal }));
  return mean([...harmed.values()].map((scores) => Math.min(1, Math.max(0, mean(scores) / before))));
}

function participants({ result }: TeamOutcome): readonly string[] {
  return result?.trace.calls.map(({ agent }) => agent) ?? [];
}

/** One request in a team of its own, the agent killed once as it has a call under way. */
async function killedUnder(
  team: Team,
  agent: string,
  example: TeamExample,
  { metric, modules, ...options }: InjectFaultsOptions,
): Promise<TeamOutcome> {
  let [isCalled, isOver] = [false, false];
  const drill = drilled(team, agent, modules, () => {
    if (!isCalled) live.kill(agent);
    isCalled = true;
  });
  await using live = await startedTeam(drill.team, { ...options, modules: drill.modules });
  const outcome = outcomeOf(live, example, metric, options).finally(() => {
    isOver = true;
  });
  outcome.catch(() => {});
  for (let turn = 0; !isOver && !isCalled; turn++) {
    await (turn < eagerTurns ? nextTurn() : live.runtime.clock.sleep(1));
    // An agent in another thread or process is seen from here only.
    if (live.status().agents[agent]?.load !== 0 && !isCalled) {
      live.kill(agent);
      isCalled = true;
    }
  }
  return await outcome;
}

/** Whoever has not been called after so many turns waits for agents that take their time. */
const eagerTurns = 100;

/** The team with code of its own for one agent, which tells of its calls: one in this thread may answer at once. */
function drilled(
  team: Team,
  agent: string,
  modules: readonly TeamModule[],
  onCall: () => void,
): { readonly team: Team; readonly modules: readonly TeamModule[] } {
  const config = team.agents[agent] as AgentConfig;
  const own = modules.find(({ name }) => name === config.module) as TeamModule;
  const name = `${own.name} under drill`;
  const child: TeamModule["child"] = (id, settings, place) =>
    own.child(id, settings, {
      ...place,
      services: (request) => {
        onCall();
        return place.services(request);
      },
    });
  const agents = { ...team.agents, [agent]: { ...config, module: name } };
  return { team: { ...team, agents }, modules: [...modules, { ...own, name, child }] };
}
