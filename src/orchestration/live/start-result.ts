import type { DecisionError } from "../decision.ts";
import type { Team } from "../team.ts";

/** An agent that did not start; no agent is named when it was the team that could not. */
export interface Failure {
  readonly agent: string;
  readonly error: DecisionError;
}

export type StartPolicy = "all_or_nothing" | "best_effort";

export interface StartAgentsOptions {
  /** `"all_or_nothing"` unless told. */
  readonly policy?: StartPolicy;
}

/** What came of a start; with best effort the agents that did not start have failed in the team. */
export type StartResult =
  | { readonly ok: true; readonly team: Team }
  | { readonly ok: false; readonly errors: readonly Failure[] };
