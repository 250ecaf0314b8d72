import { canonicalJson, describe, jsonDefect } from "#foundation";
import type { Json } from "#foundation";
import type { Issue } from "../validate.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";
import type { VariableState } from "./variable-log.ts";
import type { VariableVersion } from "./variable-version.ts";

/** Why a write of a variable was refused. Nothing was changed. */
export type WriteRefusal =
  /** Somebody else wrote in between, or what is there was not expected at all. */
  | { readonly ok: false; readonly code: "conflict"; readonly message: string; readonly current: VariableVersion }
  /** The value does not fit the definition. */
  | { readonly ok: false; readonly code: "invalid"; readonly message: string; readonly issues: readonly Issue[] }
  /** The new definition is of another kind, or the value in force does not fit it. */
  | { readonly ok: false; readonly code: "incompatible"; readonly message: string; readonly issues: readonly Issue[] };

/** What a write comes to, by what stands there. */
export type WriteDecision =
  | { readonly do: "write"; readonly value: Json }
  | { readonly do: "refuse"; readonly refusal: WriteRefusal };

/** `keep`: what is there is what was wanted. */
export type DefinitionDecision = WriteDecision | { readonly do: "keep"; readonly version: number };

/** The version that the writer has seen; `"any"` writes over whatever is there. */
export type ExpectedVersion = number | "any";

export interface WantedDefinition {
  readonly variable: Variable;
  readonly orchestration: boolean;
  readonly version: ExpectedVersion | undefined;
}

/**
 * The first definition writes its default. The same definition again changes nothing, whatever version is expected.
 * Another one needs the version that it replaces, and keeps the value in force, which must fit it.
 */
export function decideDefinition(state: VariableState | undefined, wanted: WantedDefinition): DefinitionDecision {
  const { variable, orchestration, version } = wanted;
  if (state === undefined) return { do: "write", value: kindOf(variable).default(variable) };
  const isSame = state.orchestration === orchestration && textOf(state.variable) === textOf(variable);
  if (isSame) return { do: "keep", version: state.version };
  if (version !== undefined && isStale(state, version)) return conflict(state, `not at version ${version}`);
  const issues = incompatibilities(state, variable);
  if (issues.length > 0) {
    const message = `${state.name} in ${state.scope} is defined already, and the new definition is incompatible`;
    return { do: "refuse", refusal: { ok: false, code: "incompatible", message: lined(message, issues), issues } };
  }
  if (version === undefined)
    return conflict(state, "defined differently; a new definition needs the version it replaces");
  return { do: "write", value: state.value };
}

export function decideValue(state: VariableState, value: unknown, version: ExpectedVersion): WriteDecision {
  if (isStale(state, version)) return conflict(state, `not at version ${version}`);
  const issues = misfits(state.variable, value);
  if (issues.length === 0) return { do: "write", value: value as Json };
  const message = lined(`${state.name} in ${state.scope} was not set`, issues);
  return { do: "refuse", refusal: { ok: false, code: "invalid", message, issues } };
}

function isStale(state: VariableState, version: ExpectedVersion): boolean {
  return version !== "any" && version !== state.version;
}

function conflict(state: VariableState, why: string): WriteDecision {
  const { name, scope, definition: _definition, variable: _variable, orchestration: _flag, ...current } = state;
  const message = `${name} in ${scope} is at version ${current.version}, ${why}`;
  return { do: "refuse", refusal: { ok: false, code: "conflict", message, current } };
}

function incompatibilities(state: VariableState, variable: Variable): Issue[] {
  if (state.variable.kind === variable.kind) return misfits(variable, state.value);
  return [{ path: `${variable.name}.kind`, expected: `expected ${state.variable.kind}`, received: variable.kind }];
}

function misfits(variable: Variable, value: unknown): Issue[] {
  const { name } = variable;
  const expected = kindOf(variable).expected(variable, value);
  if (expected !== undefined) return [{ path: name, expected, received: describe(value) }];
  const defect = jsonDefect(value, name);
  return defect === undefined ? [] : [{ path: name, expected: "expected JSON", received: defect }];
}

function lined(message: string, issues: readonly Issue[]): string {
  return `${message}: ${issues.map(({ path, expected, received }) => `${path}: ${expected}, got ${received}`).join("; ")}`;
}

function textOf(variable: Variable): string {
  return canonicalJson(variable as unknown as Json);
}
