import type { AgentStatus, Role } from "../agent-config.ts";
import type { Seats } from "./crew.ts";
import type { Plan } from "../plan.ts";
import { poolStatus } from "../pool/ledger.ts";
import type { Pool, PoolStatus } from "../pool/ledger.ts";
import type { Team } from "../team.ts";
import type { Edge } from "../trace.ts";

/** A live team at one moment, as plain data. */
export interface TeamStatus {
  readonly name: string;
  readonly agents: Readonly<Record<string, AgentState>>;
  readonly activeAgents: readonly string[];
  /** Who talks to whom; `undefined` while the configuration comes to no plan. */
  readonly topology:
    | { readonly pattern: string; readonly hub: string | undefined; readonly edges: readonly Edge[] }
    | undefined;
  readonly configuration: Team["configuration"];
  readonly resourcePool: PoolStatus;
  readonly requests: { readonly inFlight: number; readonly answered: number; readonly failed: number };
}

export interface AgentState {
  readonly status: AgentStatus;
  readonly role: Role;
  /** Instances that are alive now. */
  readonly instances: number;
  /** Calls under way. */
  readonly load: number;
}

/** What a status is made of. */
export interface StatusParts {
  readonly plan: Plan | undefined;
  readonly seats: Seats;
  readonly pool: Pool;
  readonly requests: TeamStatus["requests"];
}

export function statusOf(team: Team, { plan, seats, pool, requests }: StatusParts): TeamStatus {
  const agents = Object.entries(team.agents).map(([id, { status, role }]) => {
    const own = seats.get(id) ?? [];
    const instances = own.filter(({ address }) => address.ref?.isAlive === true).length;
    const load = own.reduce((sum, seat) => sum + seat.load, 0);
    return [id, { status, role, instances, load }] as const;
  });
  return {
    name: team.name,
    agents: Object.fromEntries(agents),
    activeAgents: agents.filter(([, { status }]) => status === "active").map(([id]) => id),
    topology: plan && { pattern: plan.pattern, hub: plan.hub, edges: plan.edges },
    configuration: team.configuration,
    resourcePool: poolStatus(pool),
    requests,
  };
}
