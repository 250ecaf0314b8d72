import type { Action } from "../action.ts";
import type { AgentStatus } from "../agent-config.ts";
import type { DecisionError } from "../decision.ts";

/** What happens to a live team. The lives of its agents' instances are told by its runtime's events. */
export type TeamEvent =
  | {
      readonly type: "agent_status";
      readonly at: number;
      readonly agent: string;
      readonly from: AgentStatus;
      readonly to: AgentStatus;
    }
  /** An agent did not start, or was found unfit. */
  | { readonly type: "agent_start_failed"; readonly at: number; readonly agent: string; readonly error: unknown }
  /** Failed more often than its supervision allows: the team goes on without it. */
  | { readonly type: "agent_failed"; readonly at: number; readonly agent: string }
  | { readonly type: "request_started"; readonly at: number; readonly request: number }
  | {
      readonly type: "request_ended";
      readonly at: number;
      readonly request: number;
      readonly ok: boolean;
      readonly isDegraded: boolean;
    }
  /** A variable could not be coordinated; the others were. */
  | {
      readonly type: "coordination_failed";
      readonly at: number;
      readonly variable: string;
      readonly error: DecisionError;
    }
  | { readonly type: "message_refused"; readonly at: number; readonly from: string; readonly to: string }
  | { readonly type: "actions_applied"; readonly at: number; readonly actions: readonly Action[] }
  /** Nothing was tried. */
  | {
      readonly type: "actions_refused";
      readonly at: number;
      readonly actions: readonly Action[];
      readonly error: DecisionError;
    }
  /** What had been started for them was stopped again: the team is as it was. */
  | { readonly type: "actions_rolled_back"; readonly at: number; readonly actions: readonly Action[] }
  /** What was under way with agents that are to stop took longer than it may: they are stopped all the same. */
  | { readonly type: "drain_expired"; readonly at: number; readonly agents: readonly string[] };

/** An event before it has its time. */
export type Happening = TeamEvent extends infer E ? (E extends TeamEvent ? Omit<E, "at"> : never) : never;
