import { LiveTeam, team, teamModule } from "#orchestration";
import type { AgentDraft, LiveTeamOptions, Team, TeamEvent, TeamModule, TeamOptions, Work } from "#orchestration";
import { AgentRuntime } from "#foundation/agents";
import type { AgentEvent } from "#foundation/agents";

/** Answers with its settings' name, or else with the task. */
export const echo: TeamModule = teamModule("echo", (call, { settings }) => ({
  output: settings["says"] ?? call.task,
}));

/** An agent that says its own name. */
export function sayer(says: string, draft: Partial<AgentDraft> = {}): AgentDraft {
  return { module: "echo", settings: { says }, ...draft };
}

/** A team of agents that say their own names. */
export function sayers(names: string, options: Partial<TeamOptions> = {}): Team {
  return team({ name: "t", agents: Object.fromEntries(names.split(" ").map((id) => [id, sayer(id)])), ...options });
}

export interface Lab extends AsyncDisposable {
  readonly live: LiveTeam;
  readonly events: TeamEvent[];
  readonly lives: AgentEvent[];
  /** The agents' names by which the team's supervisor knows them now. */
  children(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A live team with everything that it tells. Not started. */
export function lab(value: Team, options: Partial<LiveTeamOptions> = {}): Lab {
  const runtime = options.runtime ?? new AgentRuntime(options.clock === undefined ? {} : { clock: options.clock });
  const live = new LiveTeam(value, { modules: [echo], ...options, runtime });
  const events: TeamEvent[] = [];
  const lives: AgentEvent[] = [];
  live.events.subscribe((event) => void events.push(event));
  runtime.events.subscribe((event) => void lives.push(event));
  return {
    live,
    events,
    lives,
    children: async () => ((await live.supervisor?.whichChildren()) ?? []).map(({ id }) => id).toSorted(),
    [Symbol.asyncDispose]: async () => {
      await live[Symbol.asyncDispose]();
      runtime[Symbol.dispose]();
    },
  };
}

/** A live team that has started. */
export async function started(value: Team, options: Partial<LiveTeamOptions> = {}): Promise<Lab> {
  const opened = lab(value, options);
  const result = await opened.live.startAgents();
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return opened;
}

/** The code of one module, made for one test. */
export function code(name: string, work: Work, options: Parameters<typeof teamModule>[2] = {}): TeamModule {
  return teamModule(name, work, options);
}

/** How the agents of a team stand, in a line. */
export function statuses(live: LiveTeam): string {
  return Object.entries(live.team.agents)
    .map(([id, { status }]) => `${id} ${status}`)
    .join(", ");
}

/** The ways of one agent through its statuses. */
export function wayOf(events: readonly TeamEvent[], agent: string): string {
  const steps = events.flatMap((event) => (event.type === "agent_status" && event.agent === agent ? [event] : []));
  return [steps[0]?.from, ...steps.map(({ to }) => to)].join(" → ");
}

/** The instances that an agent's supervisor has. */
export async function agentChildren(live: LiveTeam, agent: string): Promise<string[] | undefined> {
  const children = await live.supervisor?.whichChildren();
  const own = children?.find(({ id }) => id === agent)?.child as unknown as LiveTeam["supervisor"];
  return (await own?.whichChildren())?.map(({ id }) => id).toSorted();
}
