import { describe, isPlainObject, mintId, present, systemRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { defaultConfiguration, settleConfiguration, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { agentConfig, statuses } from "./agent-config.ts";
import type { AgentConfig, AgentDraft } from "./agent-config.ts";
import { parseOrchestrationVariable } from "./variables/orchestration-variable.ts";
import type { OrchestrationVariable } from "./variables/orchestration-variable.ts";
import type { ResourceAllocation } from "./variables/resource-allocation.ts";
import { allocationsOverlap, selectionsOverlap, teamSpace } from "./team-space.ts";
import { customTopology } from "./topologies/custom.ts";
import type { Edge } from "./trace.ts";

/**
 * A team as an immutable value: agents, what may change about them together, and the values that hold. It contains no
 * code and survives JSON.
 */
export interface Team {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  /** In the order of registration. */
  readonly agents: Readonly<Record<string, AgentConfig>>;
  readonly orchestrationVariables: Readonly<Record<string, OrchestrationVariable>>;
  /** A value for every active variable of the team's space. */
  readonly configuration: Configuration;
  /** What the team can hand out, by resource. */
  readonly resourcePool: Readonly<Record<string, number>>;
  /** Edges that were set by hand and win over the topology's. */
  readonly edges?: readonly Edge[];
  /** Agents that were stopped by hand: they take no part although they are selected. */
  readonly stopped?: readonly string[];
  readonly policies: TeamPolicies;
}

export interface TeamPolicies {
  /** How long one call of an agent may take from when it is its turn; 30,000 unless told. */
  readonly callTimeoutMs: number;
  /** How often a call is made again when its agent ended under it; 1 unless told. */
  readonly retries: number;
  /** How long what is under way may take when an agent is to stop; 5,000 unless told. */
  readonly drainMs: number;
  /** How long a start and its check may take; 5,000 unless told. */
  readonly startMs: number;
}

export interface TeamOptions {
  readonly name: string;
  /** A new one unless told. */
  readonly id?: string;
  readonly agents?: Readonly<Record<string, AgentDraft>>;
  readonly variables?: readonly OrchestrationVariable[];
  /** Values that differ from the variables' defaults. */
  readonly configuration?: Configuration;
  readonly resourcePool?: Readonly<Record<string, number>>;
  readonly policies?: Partial<TeamPolicies>;
  /** Where the id comes from; the system's unless told. */
  readonly rng?: Rng;
}

const defaultPolicies: TeamPolicies = { callTimeoutMs: 30_000, retries: 1, drainMs: 5000, startMs: 5000 };

/**
 * A team. Throws `UsageError` for agents that are none, variables that name unknown agents or one agent twice, a
 * configuration outside the space, agents that need more than the pool ever has.
 */
export function team(options: TeamOptions): Team {
  if (!isPlainObject(options)) throw new UsageError(`team: expected { name, agents, … }, got ${describe(options)}`);
  const { name, rng = systemRng(), id = mintId(rng, "team"), agents = {}, variables = [], resourcePool = {} } = options;
  if (typeof name !== "string" || name === "")
    throw new UsageError(`team.name: expected a name, got ${describe(name)}`);
  if (typeof id !== "string" || id === "")
    throw new UsageError(`team ${name}.id: expected a text, got ${describe(id)}`);
  if (!isPlainObject(agents))
    throw new UsageError(`team ${name}.agents: expected agents by id, got ${describe(agents)}`);
  checkPool(name, resourcePool);
  const empty: Team = {
    schema: 1,
    id,
    name,
    resourcePool,
    agents: {},
    orchestrationVariables: {},
    configuration: {},
    policies: checkPolicies(name, {
      ...defaultPolicies,
      ...options.policies,
    }),
  };
  const registered = Object.entries(agents).reduce(
    (value, [agent, draft]) => registerAgent(value, agent, draft),
    empty,
  );
  if (!Array.isArray(variables))
    throw new UsageError(
      `team ${name}.variables: expected a list of orchestration variables, got ${describe(variables)}`,
    );
  const complete = variables.reduce(addOrchestrationVariable, registered);
  for (const variable of variables) if (variable.type === "resource_allocation") checkShares(complete, variable);
  return options.configuration === undefined ? complete : configured(complete, options.configuration);
}

/** The team with one more agent, inactive. Throws `UsageError` when there is one of that id. */
export function registerAgent(value: Team, id: string, draft: AgentDraft): Team {
  if (Object.hasOwn(value.agents, id)) throw new UsageError(`team ${value.name}: there is an agent ${id} already`);
  const config = agentConfig(id, draft);
  for (const [resource, amount] of Object.entries(config.resourceRequirements)) {
    const total = value.resourcePool[resource] ?? 0;
    if (amount * config.replicas > total)
      throw new UsageError(
        `agent ${id}.resourceRequirements.${resource}: expected at most ${total}, all that the pool of team ${value.name} has, got ${amount * config.replicas}`,
      );
  }
  return settled({ ...value, agents: { ...value.agents, [id]: config } });
}

/**
 * The team with one more orchestration variable at its default. Throws `UsageError` when there is one of that id, when
 * it names agents that are not registered, or selects one that another variable selects already.
 */
export function addOrchestrationVariable(value: Team, variable: OrchestrationVariable): Team {
  const { id, agents } = parseOrchestrationVariable(variable, `team ${value.name}`);
  if (Object.hasOwn(value.orchestrationVariables, id))
    throw new UsageError(`team ${value.name}: there is a variable ${id} already`);
  const unknown = agents.filter((agent) => !Object.hasOwn(value.agents, agent));
  if (unknown.length > 0)
    throw new UsageError(
      `variable ${id}.agents: ${unknown.join(", ")} ${unknown.length === 1 ? "is" : "are"} not registered in team ${value.name}; agents are ${Object.keys(value.agents).join(", ") || "none yet"}`,
    );
  checkOthers(value, variable);
  return settled({ ...value, orchestrationVariables: { ...value.orchestrationVariables, [id]: variable } });
}

/** Variables that would contradict: two topologies, two selections of one agent, two shares of one resource for it. */
function checkOthers({ name, orchestrationVariables }: Team, variable: OrchestrationVariable): void {
  for (const other of Object.values(orchestrationVariables)) {
    if (variable.type === "communication_topology" && other.type === variable.type)
      throw new UsageError(`team ${name}: ${other.id} is its topology already; a team has one`);
    const shared = selectionsOverlap(variable, other);
    if (shared !== undefined)
      throw new UsageError(`variable ${variable.id}.agents: ${shared} is selected by ${other.id} already`);
    const given = allocationsOverlap(variable, other);
    if (given !== undefined)
      throw new UsageError(
        `variable ${variable.id}.agents: ${given} has its share of the resource by ${other.id} already`,
      );
  }
}

/** However many may be active at once, their least amounts have to fit, and what is held into the pool. */
function checkShares(value: Team, { id, agents, least, totals, per, resource }: ResourceAllocation): void {
  const selections = Object.values(value.orchestrationVariables).filter(({ type }) => type === "agent_selection");
  const selected = new Set(selections.flatMap((selection) => selection.agents));
  let most = agents.filter((agent) => !selected.has(agent)).length;
  for (const selection of selections) {
    if (selection.type !== "agent_selection") continue;
    most += Math.min(selection.max, agents.filter((agent) => selection.agents.includes(agent)).length);
  }
  const smallest = Math.min(...totals);
  if (least * most > smallest)
    throw new UsageError(
      `variable ${id}: expected least · ${most} agents to fit into the total of ${smallest}, got ${least} · ${most} = ${least * most}`,
    );
  const pooled = value.resourcePool[resource] ?? 0;
  const largest = Math.max(...totals);
  if (per === "team" && largest > pooled)
    throw new UsageError(
      `variable ${id}.total: expected at most ${pooled} ${resource}, all that the pool of team ${value.name} has, got ${largest}`,
    );
}

/**
 * The team with these values: all others as they are, but for what these make active or absent. A value for something
 * that is then absent is left out. Throws `UsageError` that lists what is outside the space.
 */
export function configured(value: Team, configuration: Configuration): Team {
  const space = teamSpace(value);
  const known = new Set(space.variables.map(({ name }) => name));
  const strange = Object.keys(configuration).filter((path) => !known.has(path));
  const merged = settleConfiguration(space, { ...value.configuration, ...configuration });
  const checked = validateConfiguration(space, { ...merged, ...given(configuration, merged, strange) });
  if (checked.ok) return { ...value, configuration: checked.configuration };
  const lines = checked.issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`);
  throw new UsageError(`team ${value.name}: the configuration is outside its space`, lines);
}

/** What was asked for wins over what settling made of it, so that it is refused instead of mended. */
function given(configuration: Configuration, merged: Configuration, strange: readonly string[]): Configuration {
  const entries = Object.entries(configuration).filter(([path]) => path in merged || strange.includes(path));
  return Object.fromEntries(entries);
}

/** A team from foreign JSON, as `JSON.stringify(team)` wrote it. Throws `UsageError` that says what is wrong and where. */
export function parseTeam(json: unknown): Team {
  if (!isPlainObject(json)) throw new UsageError(`team: expected an object, got ${describe(json)}`);
  const { schema } = json;
  if (schema !== 1) throw new UsageError(`team.schema: expected 1, got ${describe(schema)}`);
  const stored = json as unknown as Team;
  if (typeof stored.id !== "string") throw new UsageError(`team.id: expected a text, got ${describe(stored.id)}`);
  for (const field of ["agents", "orchestrationVariables", "configuration", "resourcePool"] as const)
    if (!isPlainObject(stored[field]))
      throw new UsageError(`team.${field}: expected an object, got ${describe(stored[field])}`);
  const parsed = team({
    ...stored,
    variables: Object.entries(stored.orchestrationVariables).map(([id, value]) => {
      const variable = parseOrchestrationVariable(value, `team.orchestrationVariables.${id}`);
      if (variable.id === id) return variable;
      throw new UsageError(`team.orchestrationVariables.${id}: expected the variable ${id}, got ${variable.id}`);
    }),
  });
  const agents = Object.fromEntries(
    Object.entries(parsed.agents).map(([id, config]) => [id, { ...config, status: statusOf(id, stored) }]),
  );
  return { ...parsed, agents, ...byHand(stored) };
}

/** What was set by hand. */
function byHand(stored: Team): Pick<Team, "edges" | "stopped"> {
  const { stopped, agents, edges } = stored;
  const isAgent = (agent: string): boolean => typeof agent === "string" && Object.hasOwn(agents, agent);
  if (stopped !== undefined && !(Array.isArray(stopped) && stopped.every(isAgent)))
    throw new UsageError(`team.stopped: expected ids of its agents, got ${describe(stopped)}`);
  if (edges !== undefined) {
    customTopology("team", edges);
    const stranger = edges.flatMap(({ from, to }) => [from, to]).find((agent) => !isAgent(agent));
    if (stranger !== undefined) throw new UsageError(`team.edges: ${stranger} is no agent of the team`);
  }
  return present({ stopped, edges });
}

function statusOf(id: string, { agents }: Team): AgentConfig["status"] {
  const { status } = agents[id] as AgentConfig;
  if (!statuses.includes(status))
    throw new UsageError(`agent ${id}.status: expected one of ${statuses.join(", ")}, got ${describe(status)}`);
  return status;
}

/** The team with a value for every variable that is active now, and for no other. */
export function settled(value: Team): Team {
  const space = teamSpace(value);
  return {
    ...value,
    configuration: settleConfiguration(space, { ...defaultConfiguration(space), ...value.configuration }),
  };
}

function checkPool(name: string, pool: Readonly<Record<string, number>>): void {
  if (!isPlainObject(pool))
    throw new UsageError(`team ${name}.resourcePool: expected amounts by resource, got ${describe(pool)}`);
  for (const [resource, total] of Object.entries(pool))
    if (typeof total !== "number" || !Number.isFinite(total) || total < 0)
      throw new UsageError(
        `team ${name}.resourcePool.${resource}: expected an amount of at least 0, got ${describe(total)}`,
      );
}

function checkPolicies(name: string, policies: TeamPolicies): TeamPolicies {
  for (const [policy, value] of Object.entries(policies)) {
    if (!Object.hasOwn(defaultPolicies, policy))
      throw new UsageError(
        `team ${name}.policies.${policy}: no such policy; there are ${Object.keys(defaultPolicies).join(", ")}`,
      );
    if (!Number.isFinite(value) || value < 0)
      throw new UsageError(
        `team ${name}.policies.${policy}: expected a finite number of at least 0, got ${describe(value)}`,
      );
  }
  return policies;
}
