import { describe, isPlainObject, present, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { choice, integer } from "#variables";
import type { Conditions, Configuration, Variable } from "#variables";
import { aggregators } from "../aggregate.ts";
import type { CoordinationContext } from "./coordination-context.ts";
import { decided, undecided } from "../decision.ts";
import type { Decision } from "../decision.ts";
import { directive } from "./directive.ts";
import type { Directive } from "./directive.ts";
import { hasCoordinators, membersOf, workersAmong } from "../members.ts";
import { checkAgents, checkId } from "./orchestration-definition.ts";
import type { OrchestrationDefinition } from "./orchestration-definition.ts";
import type { OrchestrationKind, OwnVariables } from "./orchestration-kind.ts";
import { customTopology } from "../topologies/custom.ts";
import { topologies } from "../topologies/topologies.ts";
import type { Topology } from "../topologies/topology.ts";
import type { Edge } from "../trace.ts";

/** Who talks to whom, and in which order a task passes through the team. */
export interface CommunicationTopology extends OrchestrationDefinition {
  readonly type: "communication_topology";
  /** The topologies that may be chosen, the default first; graphs by their names. */
  readonly patterns: readonly string[];
  /** Topologies of one's own, by name. */
  readonly graphs: Readonly<Record<string, readonly Edge[]>>;
  /** The agents that may be the hub where there is one. */
  readonly hubs: readonly string[];
  /** How often a topology may go round. */
  readonly rounds: { readonly min: number; readonly max: number; readonly default?: number };
  /** How several answers may become one where no evaluator decides, the default first. */
  readonly aggregates: readonly string[];
}

export interface CommunicationTopologyOptions {
  readonly agents: readonly string[];
  /** All that come with tutti, and the graphs, unless told. */
  readonly patterns?: readonly string[];
  readonly graphs?: Readonly<Record<string, readonly (Edge | readonly [from: string, to: string])[]>>;
  /** All agents unless told. */
  readonly hubs?: readonly string[];
  /** 1 unless told. A range is a variable of the space. */
  readonly rounds?: number | CommunicationTopology["rounds"];
  /** `["vote"]` unless told. */
  readonly aggregates?: readonly string[];
  readonly scope?: OrchestrationDefinition["scope"];
}

/** How the team talks: `communicationTopology("net", { agents, patterns: ["ring", "star"], hubs: ["planner"] })`. */
export function communicationTopology(id: string, options: CommunicationTopologyOptions): CommunicationTopology {
  const { agents, scope = "local", hubs = agents, aggregates = ["vote"], rounds = 1 } = options;
  const graphs = Object.fromEntries(
    Object.entries(options.graphs ?? {}).map(([name, edges]) => [name, edges.map(edgeOf)]),
  );
  const variable: CommunicationTopology = {
    type: "communication_topology",
    id,
    scope,
    agents,
    graphs,
    hubs,
    aggregates,
    patterns: options.patterns ?? [...Object.keys(topologies), ...Object.keys(graphs)],
    rounds:
      typeof rounds === "number"
        ? {
            min: rounds,
            max: rounds,
          }
        : present(rounds),
  };
  check(variable);
  return variable;
}

function edgeOf(edge: Edge | readonly [from: string, to: string]): Edge {
  return isPair(edge) ? { from: edge[0], to: edge[1], type: "data" } : edge;
}

function isPair(edge: Edge | readonly [from: string, to: string]): edge is readonly [from: string, to: string] {
  return Array.isArray(edge);
}

export const communicationTopologyKind: OrchestrationKind<CommunicationTopology> = {
  check,
  variables,
  coordinate: coordinateTopology,
};

function check(variable: CommunicationTopology): void {
  const where = checkId(variable);
  checkAgents(variable, where);
  const { agents, patterns, graphs, hubs, rounds, aggregates } = variable;
  if (!isPlainObject(graphs)) throw new UsageError(`${where}.graphs: expected edges by name, got ${describe(graphs)}`);
  for (const [name, edges] of Object.entries(graphs)) {
    if (Object.hasOwn(topologies, name))
      throw new UsageError(`${where}.graphs: ${name} is the name of a topology that comes with tutti`);
    customTopology(name, edges);
    const stranger = edges.flatMap(({ from, to }) => [from, to]).find((agent) => !agents.includes(agent));
    if (stranger !== undefined)
      throw new UsageError(`${where}.graphs.${name}: ${stranger} is none of ${agents.join(", ")}`);
  }
  const known = [...Object.keys(topologies), ...Object.keys(graphs)];
  checkNames(`${where}.patterns`, patterns, known);
  checkNames(`${where}.hubs`, hubs, agents);
  checkNames(`${where}.aggregates`, aggregates, Object.keys(aggregators));
  const { min, max } = isPlainObject(rounds) ? rounds : { min: 0, max: 0 };
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min || max > 100)
    throw new UsageError(`${where}.rounds: expected whole numbers 1 ≤ min ≤ max ≤ 100, got ${JSON.stringify(rounds)}`);
}

function checkNames(where: string, names: readonly string[], known: readonly string[]): void {
  if (!Array.isArray(names) || names.length === 0)
    throw new UsageError(`${where}: expected at least one of ${known.join(", ")}, got ${describe(names)}`);
  const unknown: unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`${where}: ${describe(unknown)} is none of ${known.join(", ")}`);
}

function variables(variable: CommunicationTopology): OwnVariables {
  const { id, patterns, hubs, rounds, aggregates } = variable;
  const group = "topology";
  const path = (setting: string): string => `team.${id}.${setting}`;
  const own: Variable[] = [choice(path("pattern"), patterns, { group })];
  const when: Record<string, Conditions> = {};
  const withHub = patterns.filter((pattern) => topologyOf(variable, pattern).needsHub);
  if (withHub.length > 0 && hubs.length > 1) {
    own.push(choice(path("hub"), hubs, { group }));
    when[path("hub")] = { [path("pattern")]: { oneOf: withHub } };
  }
  if (rounds.max > rounds.min) {
    own.push(integer(path("rounds"), { ...rounds, group }));
    const going = patterns.filter((pattern) => topologyOf(variable, pattern).goesRound);
    when[path("rounds")] = { [path("pattern")]: { oneOf: going } };
  }
  if (aggregates.length > 1) own.push(choice(path("aggregate"), aggregates, { group }));
  return { variables: own, when };
}

function topologyOf({ graphs }: CommunicationTopology, pattern: string): Topology {
  return (
    (Object.hasOwn(topologies, pattern) ? topologies[pattern] : undefined) ??
    customTopology(pattern, graphs[pattern] ?? [])
  );
}

/** The patterns in which a coordinator has a place. */
export function coordinatedPatterns(variable: CommunicationTopology): string[] {
  return variable.patterns.filter((pattern) => hasCoordinators(topologyOf(variable, pattern)));
}

/** What a configuration says of the topology. */
export interface TopologyValue {
  readonly topology: Topology;
  readonly hub: string | undefined;
  readonly rounds: number;
  readonly aggregate: string;
}

/** The topology that a configuration chooses for these members. A hub that is none of them is refused. */
export function topologyIn(
  variable: CommunicationTopology,
  configuration: Configuration,
  members: readonly string[],
): Decision<TopologyValue> {
  const { id, patterns, hubs, rounds, aggregates } = variable;
  const value = (setting: string): Json | undefined => configuration[`team.${id}.${setting}`];
  const pattern = (value("pattern") ?? patterns[0]) as string;
  if (!patterns.includes(pattern))
    return undecided("invalid_configuration", `team.${id}.pattern: ${pattern} is none of ${patterns.join(", ")}`);
  const topology = topologyOf(variable, pattern);
  const hub = topology.needsHub ? ((value("hub") ?? hubs[0]) as string) : undefined;
  if (hub !== undefined && members.length > 1 && !members.includes(hub))
    return undecided("invalid_configuration", `team.${id}: a ${pattern} needs its hub, but ${hub} is not active`);
  return decided({
    topology,
    hub,
    rounds: (value("rounds") ?? rounds.default ?? rounds.min) as number,
    aggregate: (value("aggregate") ?? aggregates[0]) as string,
  });
}

function coordinateTopology(
  variable: CommunicationTopology,
  { agents, configuration, active }: CoordinationContext,
): Decision<readonly Directive[]> {
  const workers = workersAmong(active, agents).filter((agent) => variable.agents.includes(agent));
  const value = topologyIn(variable, configuration, workers);
  if (!value.ok) return value;
  const { topology, hub } = value.value;
  const members = membersOf(topology, workers, agents);
  const edges = topology.edges(members, hub);
  return decided(members.map((agent) => directive(agent, "update_communication", neighbours(agent, edges))));
}

/** Whom an agent hears and whom it may send to. */
function neighbours(
  agent: string,
  edges: readonly Edge[],
): { readonly neighboursIn: readonly string[]; readonly neighboursOut: readonly string[] } {
  return {
    neighboursIn: edges.filter(({ to }) => to === agent).map(({ from }) => from),
    neighboursOut: edges.filter(({ from }) => from === agent).map(({ to }) => to),
  };
}
