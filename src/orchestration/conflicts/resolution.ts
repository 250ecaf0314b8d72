import type { Json } from "#foundation";
import type { Absence } from "./hearing.ts";

/**
 * How a conflict may be resolved. `priority_based`: the agent of the highest priority; `voting`: plurality;
 * `leader_election`: the leader's value; `compromise`: between all of them. The others are names of earlier designs:
 * `priority_override` and `leader_decision` are the first and the third, `negotiated_settlement` is a compromise, and
 * `time_sharing` and `resource_partitioning` are the compromises about time and about a resource, whatever the conflict.
 */
export type ConflictStrategy =
  | "priority_based"
  | "voting"
  | "leader_election"
  | "compromise"
  | "priority_override"
  | "leader_decision"
  | "negotiated_settlement"
  | "time_sharing"
  | "resource_partitioning";

export type CompromiseType = "weighted_average" | "time_sharing" | "priority_override" | "alternative_solution";

export interface VariableResolution {
  readonly variableId: string;
  /** Of a resource: amounts by agent. Of time: a `Rota`. Else a value of the variable. */
  readonly resolvedValue: Json;
  readonly compromiseType: CompromiseType;
  /** Those in conflict, in their order. */
  readonly affectedAgents: readonly string[];
}

/**
 * `no_priorities`: nobody has one. `no_votes`: nobody voted. `no_leader`: none was named, or it has no value.
 * `zero_weight`: the weights of those in conflict add up to 0. `no_agreement`: nothing is acceptable to all.
 * `invalid_conflict`: what the conflict says contradicts itself. `unsupported_strategy`: not for such values.
 */
export type ConflictErrorCode =
  | "invalid_conflict"
  | "invalid_configuration"
  | "unsupported_strategy"
  | "no_priorities"
  | "no_votes"
  | "no_leader"
  | "zero_weight"
  | "no_agreement";

export interface ConflictError {
  readonly code: ConflictErrorCode;
  readonly message: string;
  /** Which of the conflicts, from 0. */
  readonly conflict: number;
}

export type ConflictsResult =
  | { readonly ok: true; readonly value: readonly VariableResolution[]; readonly absences: readonly Absence[] }
  | { readonly ok: false; readonly error: ConflictError; readonly absences: readonly Absence[] };

/** What one strategy makes of one conflict. */
export type Settlement =
  | { readonly ok: true; readonly resolvedValue: Json; readonly compromiseType: CompromiseType }
  | { readonly ok: false; readonly code: ConflictErrorCode; readonly reason: string };

export function settled(resolvedValue: Json, compromiseType: CompromiseType): Settlement {
  return { ok: true, resolvedValue, compromiseType };
}

export function unsettled(code: ConflictErrorCode, reason: string): Settlement {
  return { ok: false, code, reason };
}
