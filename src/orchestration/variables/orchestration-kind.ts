import type { Conditions, Variable } from "#variables";
import type { CoordinationContext } from "./coordination-context.ts";
import type { Decision } from "../decision.ts";
import type { Directive } from "./directive.ts";

/** What a type of orchestration variable knows about itself. Everything that works on teams goes through this. */
export interface OrchestrationKind<V> {
  /** Throws `UsageError` when the definition, possibly from foreign JSON, is none. */
  readonly check: (variable: V) => void;
  /** Its part of the team's space. `whenActive` says what must hold for an agent to be active. */
  readonly variables: (variable: V, whenActive: (agent: string) => Conditions | undefined) => OwnVariables;
  /** What has to be done for the configuration's value to be in force. */
  readonly coordinate: (variable: V, context: CoordinationContext) => Decision<readonly Directive[]>;
}

export interface OwnVariables {
  readonly variables: readonly Variable[];
  readonly when: Readonly<Record<string, Conditions>>;
}
