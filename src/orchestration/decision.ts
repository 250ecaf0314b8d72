/** Why a decision could not be made. */
export type DecisionErrorCode =
  | "timeout"
  | "agent_unavailable"
  | "resource_exhausted"
  | "invalid_configuration"
  | "unsupported_coordination_type"
  | "coordination_exception";

export interface DecisionError {
  readonly code: DecisionErrorCode;
  readonly message: string;
}

/** What a decision comes to. Its failure is part of the answer: decisions never throw. */
export type Decision<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DecisionError };

export function decided<T>(value: T): Decision<T> {
  return { ok: true, value };
}

export function undecided(code: DecisionErrorCode, message: string): Decision<never> {
  return { ok: false, error: { code, message } };
}
