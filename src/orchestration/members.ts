import type { AgentConfig, Role } from "./agent-config.ts";
import { topologies } from "./topologies/topologies.ts";
import type { Topology } from "./topologies/topology.ts";

type Configs = Readonly<Record<string, AgentConfig>>;

/** The active agents that do the work, or plan it: not those that judge it or look on. */
export function workersAmong(active: readonly string[], configs: Configs): string[] {
  const others: readonly (Role | undefined)[] = ["evaluator", "monitor"];
  return active.filter((agent) => !others.includes(configs[agent]?.role));
}

/** Whether a coordinator has a place in the topology: as a hub, or in a graph of one's own. */
export function hasCoordinators({ name, needsHub }: Topology): boolean {
  return needsHub || !Object.hasOwn(topologies, name);
}

/** The workers that a topology has a place for; coordinators all the same where there is nobody else. */
export function membersOf(topology: Topology, workers: readonly string[], configs: Configs): readonly string[] {
  if (hasCoordinators(topology)) return workers;
  const hands = workers.filter((agent) => configs[agent]?.role !== "coordinator");
  return hands.length === 0 ? workers : hands;
}
