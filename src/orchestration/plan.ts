import type { JsonObject } from "#foundation";
import type { Role } from "./agent-config.ts";
import type { Edge } from "./trace.ts";

/** How a team answers one task: what its configuration comes to. Plain JSON. */
export interface Plan {
  /** The name of the topology. */
  readonly pattern: string;
  /** Who works, in order: every active agent that the topology has a place for, and that does not judge. */
  readonly members: readonly string[];
  /** The hub of a star, the first sender of a broadcast. */
  readonly hub: string | undefined;
  readonly edges: readonly Edge[];
  /** How often the topology may go round. */
  readonly rounds: number;
  /** How several answers become one where no evaluator decides. */
  readonly aggregate: string;
  /** Who judges, in order: each sees the answers and what the one before it said. */
  readonly evaluators: readonly string[];
  /** What each may use in a request, by agent and resource. */
  readonly grants: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The values of each agent's own variables. */
  readonly parameters: Readonly<Record<string, JsonObject>>;
  readonly roles: Readonly<Record<string, Role>>;
}
