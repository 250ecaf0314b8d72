import { describe, isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { settleConfiguration, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { holds, pathsOf } from "./action.ts";
import type { Action, AgentActionRequest, ConfigurationAction } from "./action.ts";
import { configDefect } from "./agent-config.ts";
import type { AgentConfig } from "./agent-config.ts";
import { decided, undecided } from "./decision.ts";
import type { Decision } from "./decision.ts";
import { activeAgents, planOf } from "./plan-of.ts";
import { amountsIn } from "./variables/resource-allocation.ts";
import { settled } from "./team.ts";
import type { Team } from "./team.ts";
import { withStatus } from "./live/team-statuses.ts";
import { teamSpace } from "./team-space.ts";
import type { Edge } from "./trace.ts";

const configurationActions: readonly string[] = [
  "reconfigure_supervisor",
  "change_topology",
  "reallocate",
  "adjust_parameters",
];

/**
 * The team after an action, or why it is refused: an unknown agent or variable, a value outside the space, a
 * configuration that is no longer what the action starts from (or has already come to). Pure: nothing is done to
 * anything that runs. An agent that is to run and does not is `starting` in it.
 */
export function nextTeam(team: Team, action: Action): Decision<Team> {
  return afterActions(team, [action]);
}

/** The team after all actions: changes of the configuration together, then the others in their order. */
export function afterActions(team: Team, actions: readonly Action[]): Decision<Team> {
  const strange = actions.find((action) => !isPlainObject(action) || typeof action.type !== "string");
  if (strange !== undefined) return refused(`expected an action, got ${describe(strange)}`);
  const changes = actions.filter((action) => isConfigurationAction(action));
  let target: Decision<Team> = changes.length === 0 ? decided(team) : afterChanges(team, changes);
  for (const action of actions) {
    if (!target.ok) return target;
    if (!isConfigurationAction(action)) target = afterRequest(target.value, action);
  }
  return target;
}

function isConfigurationAction(action: Action): action is ConfigurationAction {
  return configurationActions.includes(action.type);
}

/** The team after changes of its configuration that belong together: only what comes of all of them has to fit. */
function afterChanges(team: Team, actions: readonly ConfigurationAction[]): Decision<Team> {
  const space = teamSpace(team);
  const known = new Set(space.variables.map(({ name }) => name));
  let wanted: Configuration = {};
  for (const action of actions) {
    const defect = shapeDefect(action);
    if (defect !== undefined) return refused(`${action.type}.${defect}`);
    const { from, to } = pathsOf(inOrder(team, action));
    const strange = Object.keys(to).find((path) => !known.has(path));
    if (strange !== undefined) return refused(`${action.type}: the team has no variable ${strange}`);
    if (!holds(from, team.configuration) && !holds(to, team.configuration))
      return refused(`${action.type}: ${stale(from, team.configuration)}`);
    wanted = { ...wanted, ...to };
  }
  const settled = settleConfiguration(space, { ...team.configuration, ...wanted });
  // What was asked for must be there as asked: settling would have mended it.
  const checked = validateConfiguration(space, { ...settled, ...wanted });
  if (!checked.ok) {
    const [issue] = checked.issues;
    return refused(`${issue?.path}: ${issue?.expected}, got ${issue?.received}`);
  }
  const { edges: _edges, ...rest } = team;
  const base = actions.some(({ type }) => type === "change_topology") ? rest : team;
  const chosen = actions.flatMap((action) => (action.type === "reconfigure_supervisor" ? action.to : []));
  return decided(revived({ ...base, configuration: checked.configuration }, chosen));
}

function shapeDefect(action: ConfigurationAction): string | undefined {
  const name = action.type === "adjust_parameters" ? "agent" : "variable";
  const id: unknown = Reflect.get(action, name);
  if (typeof id !== "string") return `${name}: expected its id, got ${describe(id)}`;
  if (action.type === "reconfigure_supervisor") return undefined;
  for (const side of ["from", "to"] as const) {
    const values: unknown = action[side];
    if (!isPlainObject(values) && !(side === "from" && values === undefined))
      return `${side}: expected values by name, got ${describe(values)}`;
  }
  return undefined;
}

/** The space knows a subset in the order of its variable's agents; an action may name them in any. */
function inOrder({ orchestrationVariables }: Team, action: ConfigurationAction): ConfigurationAction {
  if (action.type !== "reconfigure_supervisor") return action;
  const variable = orchestrationVariables[action.variable];
  if (variable?.type !== "agent_selection" || variable.select !== "subset") return action;
  const place = (agent: string): number => variable.agents.indexOf(agent);
  const sorted = (agents: string | readonly string[]): string | readonly string[] =>
    Array.isArray(agents) ? agents.toSorted((a: string, b: string) => place(a) - place(b)) : agents;
  return { ...action, from: sorted(action.from), to: sorted(action.to) };
}

/** Those of the agents that have failed are to be started again: an action that wants one gives it another chance. */
function revived(team: Team, agents: readonly string[]): Team {
  const failed = agents.filter((agent) => agentOf(team, agent)?.status === "failed");
  return failed.length === 0 ? team : withStatus(team, failed, "starting");
}

function agentOf({ agents }: Team, id: string): AgentConfig | undefined {
  return Object.hasOwn(agents, id) ? agents[id] : undefined;
}

function stale(from: Configuration, configuration: Configuration): string {
  const path = Object.keys(from).find((each) => !holds({ [each]: from[each] as Json }, configuration)) as string;
  return `${path}: expected ${JSON.stringify(from[path])} to hold now, got ${JSON.stringify(configuration[path])}`;
}

function afterRequest(team: Team, action: AgentActionRequest): Decision<Team> {
  const { agent } = action;
  const config = agentOf(team, agent);
  if (config === undefined)
    return refused(
      `${action.type}: there is no agent ${describe(agent)}; agents are ${Object.keys(team.agents).join(", ")}`,
    );
  const changed = (change: Partial<AgentConfig>): Decision<Team> => {
    const next = { ...config, ...change };
    const defect = configDefect(next);
    if (defect !== undefined) return refused(`${action.type}: agent ${agent}.${defect}`);
    return decided({ ...team, agents: { ...team.agents, [agent]: next } });
  };
  switch (action.type) {
    case "start":
      return started(team, agent);
    case "stop":
      return decided({ ...team, stopped: [...(team.stopped ?? []).filter((other) => other !== agent), agent] });
    case "scale_up":
      return scaled(action.by, (by) => changed({ replicas: config.replicas + by }));
    case "scale_down":
      return scaled(action.by, (by) => changed({ replicas: config.replicas - by }));
    case "change_role":
      return resettled(changed({ role: action.role }));
    case "reconfigure": {
      const shared = shareDefect(team, action);
      if (shared !== undefined) return refused(shared);
      return changed({
        ...(config.status === "failed" ? { status: "starting" } : {}),
        module: action.module ?? config.module,
        settings: merged(config.settings, action.settings),
        resourceRequirements: merged(config.resourceRequirements, needsIn(team, action)),
      });
    }
    case "update_communication":
      return connected(team, action);
    default:
      return refused(`there is no action ${describe((action as { type: unknown }).type)}`);
  }
}

/** An agent's role can decide which of its variables are active. */
function resettled(next: Decision<Team>): Decision<Team> {
  return next.ok ? decided(settled(next.value)) : next;
}

type Reconfigure = Extract<AgentActionRequest, { readonly type: "reconfigure" }>;

/** What a team shares out to the agent is no need of its own; as a coordination's directive it says what holds anyway. */
function needsIn(team: Team, { agent, resources }: Reconfigure): Reconfigure["resources"] {
  if (!isPlainObject(resources)) return resources;
  const shares = sharesOf(team, agent);
  return Object.fromEntries(Object.entries(resources).filter(([resource]) => !Object.hasOwn(shares, resource)));
}

function shareDefect(team: Team, { agent, resources }: Reconfigure): string | undefined {
  const shares = sharesOf(team, agent);
  const [resource, amount] =
    Object.entries(resources ?? {}).find(([name, value]) => Object.hasOwn(shares, name) && shares[name] !== value) ??
    [];
  if (resource === undefined) return undefined;
  return `reconfigure: agent ${agent} has ${shares[resource]} ${resource} by the team's shares, got ${amount}: reallocate them`;
}

/** What the team's allocations give to an agent, by resource. */
function sharesOf(team: Team, agent: string): Readonly<Record<string, number>> {
  const active = activeAgents(team, { configuration: team.configuration, keepsPresent: true });
  const amounts = Object.values(team.orchestrationVariables).flatMap((variable) => {
    if (variable.type !== "resource_allocation" || !variable.agents.includes(agent)) return [];
    const given = amountsIn(variable, team.configuration, active.ok ? active.value : []);
    return [[variable.resource, given.ok ? (given.value[agent] ?? 0) : 0] as const];
  });
  return Object.fromEntries(amounts);
}

/** With a change that is no object the result is none either, so that it is refused. */
function merged<T extends JsonObject>(values: T, change: T | undefined): T {
  return change === undefined ? values : isPlainObject(change) ? { ...values, ...change } : change;
}

/** Takes back a stop by hand, and a failure; an agent that is not selected is selected. */
function started(team: Team, agent: string): Decision<Team> {
  const { stopped = [], ...rest } = team;
  const others = stopped.filter((other) => other !== agent);
  const again: Team = others.length === 0 ? rest : { ...rest, stopped: others };
  const isRunning = agentOf(team, agent)?.status === "active";
  const starting = isRunning ? again : withStatus(again, [agent], "starting");
  const selection = Object.values(team.orchestrationVariables).find(
    (variable) => variable.type === "agent_selection" && variable.agents.includes(agent),
  );
  const path = `team.${selection?.id}`;
  const value = team.configuration[path];
  if (selection === undefined || value === undefined || [value].flat().includes(agent)) return decided(starting);
  const to = Array.isArray(value) ? [...(value as string[]), agent] : agent;
  return afterChanges(starting, [
    { type: "reconfigure_supervisor", variable: selection.id, from: value as string | string[], to },
  ]);
}

function scaled(by: number | undefined = 1, change: (by: number) => Decision<Team>): Decision<Team> {
  return Number.isInteger(by) && by >= 1
    ? change(by)
    : refused(`expected to scale by a whole number of at least 1, got ${describe(by)}`);
}

/** The agent's own edges are these from now on; those between others stay as they are at present. */
function connected(
  team: Team,
  { agent, neighboursIn, neighboursOut }: Extract<AgentActionRequest, { readonly type: "update_communication" }>,
): Decision<Team> {
  for (const neighbours of [neighboursIn, neighboursOut]) {
    if (!Array.isArray(neighbours))
      return refused(`update_communication: expected lists of agents, got ${describe(neighbours)}`);
    const stranger: unknown = neighbours.find((other) => agentOf(team, other) === undefined || other === agent);
    if (stranger !== undefined)
      return refused(`update_communication: ${describe(stranger)} is no other agent of the team`);
  }
  const present = edgesNow(team);
  const edge = (from: string, to: string): Edge =>
    present.find((other) => other.from === from && other.to === to) ?? { from, to, type: "data" };
  const own = [
    ...[...new Set(neighboursIn)].map((from) => edge(from, agent)),
    ...[...new Set(neighboursOut)].map((to) => edge(agent, to)),
  ];
  return decided({ ...team, edges: [...present.filter(({ from, to }) => from !== agent && to !== agent), ...own] });
}

function edgesNow(team: Team): readonly Edge[] {
  if (team.edges !== undefined) return team.edges;
  const planned = planOf(team, team.configuration);
  return planned.ok ? planned.value.plan.edges : [];
}

function refused(message: string): Decision<never> {
  return undecided("invalid_configuration", message);
}
