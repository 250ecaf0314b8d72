import type { Configuration } from "#variables";
import type { AgentConfig } from "../agent-config.ts";

/** What a coordination looks at. */
export interface CoordinationContext {
  readonly agents: Readonly<Record<string, AgentConfig>>;
  readonly configuration: Configuration;
  /** Who is active by the configuration and by hand, in order; what is told to others must be for these. */
  readonly active: readonly string[];
  /** What the team can hand out, by resource. */
  readonly totals: Readonly<Record<string, number>>;
  /** What is to be done, where agents are selected for it. */
  readonly task?: TaskRequirements;
  readonly observed?: Readonly<Record<string, Observed>>;
}

export interface TaskRequirements {
  readonly type?: string;
  /** The capabilities that an agent must have. */
  readonly required?: readonly string[];
}

/** What is known of an agent from its work. */
export interface Observed {
  /** By type of task. */
  readonly runs: Readonly<Record<string, { readonly successes: number; readonly runs: number }>>;
  /** The share of its capacity that is in use. */
  readonly load: number;
  /** Relative to the dearest agent: from 0 to 1. */
  readonly cost: number;
}
