import type { Json } from "#foundation";
import type { Plan } from "../plan.ts";
import type { CallKind, CallRecord, Edge, Verdict } from "../trace.ts";

/** Who may talk to whom, and in which order a task passes through the team. Pure: it decides, the live team acts. */
export interface Topology {
  /** As configurations name it. */
  readonly name: string;
  /** Whether one of the members has to be the hub. Where none has, agents with the role of a coordinator are left out. */
  readonly needsHub: boolean;
  /** Whether `plan.rounds` makes a difference. */
  readonly goesRound: boolean;
  /** Exactly the messages that may be sent among these members. */
  edges(members: readonly string[], hub: string | undefined): readonly Edge[];
  /** What comes next, when every call so far has its outcome. */
  next(plan: Plan, run: RunSoFar): Step;
}

/** What a topology knows of a run. */
export interface RunSoFar {
  readonly calls: readonly CallRecord[];
  /** The last verdict and the calls whose answers it was given on; `undefined` before any, or without evaluators. */
  readonly verdict: (Verdict & { readonly on: readonly number[] }) | undefined;
}

export type Step =
  /** Make these calls at once. */
  | { readonly type: "call"; readonly calls: readonly CallRequest[] }
  /** Have the evaluators judge the answers of these calls. Never asked for when the plan has none. */
  | { readonly type: "evaluate"; readonly answers: readonly number[] }
  /** The answers of these calls are the team's; the evaluators or the aggregator make one output of them. */
  | { readonly type: "finish"; readonly answers: readonly number[] };

export interface CallRequest {
  readonly agent: string;
  readonly kind: CallKind;
  readonly round: number;
  /** The calls whose outputs are sent to it: each along an edge of the plan. */
  readonly sees: readonly number[];
  /** A task of its own, as a hub gives one; the team's unless told. */
  readonly task?: Json;
}
