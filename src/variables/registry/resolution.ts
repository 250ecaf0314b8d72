import type { Json } from "#foundation";
import type { Variable } from "../variable.ts";
import type { ScopeText } from "./registry-scope.ts";
import type { VariableState } from "./variable-log.ts";

/** The value of a name, seen from a scope. */
export interface ResolvedVariable {
  readonly ok: true;
  readonly name: string;
  /** The scope that the value comes from. */
  readonly scope: ScopeText;
  readonly version: number;
  readonly value: Json;
  readonly variable: Variable;
  readonly orchestration: boolean;
  /** `"nearest"`: the innermost definition. `"orchestration_wins"`: an outer one that overrode it. */
  readonly rule: "nearest" | "orchestration_wins";
}

/** Nobody has defined the name where it was looked for. */
export interface VariableNotFound {
  readonly ok: false;
  readonly code: "not_found";
  readonly message: string;
  /** The names that are defined there, sorted. */
  readonly known: readonly string[];
}

export type Resolution = ResolvedVariable | VariableNotFound;

/** For reading: the innermost definition shadows the outer ones. `states` are the definitions, own scope first. */
export function nearest(states: readonly VariableState[]): ResolvedVariable | undefined {
  const [state] = states;
  return state && resolved(state, "nearest");
}

/** For coordination: the outermost orchestration variable wins; without one, what is read. */
export function coordinated(states: readonly VariableState[]): ResolvedVariable | undefined {
  const winner = states.findLast(({ orchestration }) => orchestration);
  if (winner === undefined || winner === states[0]) return nearest(states);
  return resolved(winner, "orchestration_wins");
}

function resolved(state: VariableState, rule: ResolvedVariable["rule"]): ResolvedVariable {
  const { name, scope, version, value, variable, orchestration } = state;
  return { ok: true, name, scope, version, value, variable, orchestration, rule };
}
