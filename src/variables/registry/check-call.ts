import { describe, isPlainObject, present, UsageError } from "#foundation";
import { kindOf, parseVariable } from "../variable.ts";
import type { Variable } from "../variable.ts";
import { scopeText } from "./registry-scope.ts";
import type { RegistryScope, ScopeText } from "./registry-scope.ts";
import type { VariableAddress } from "./variable-log.ts";
import type { VersionNotes } from "./variable-version.ts";
import type { ExpectedVersion } from "./write-decision.ts";

interface WriteCall extends VersionNotes {
  readonly version?: ExpectedVersion;
}

interface DefineCall extends WriteCall {
  readonly orchestration?: boolean;
}

interface SetCall extends WriteCall {
  readonly score?: number;
}

/** A variable's address from the caller's words. Throws `UsageError` where they are none. */
export function addressFrom(scope: RegistryScope | ScopeText, name: string): VariableAddress {
  if (typeof name !== "string" || name === "")
    throw new UsageError(`name: expected the name of a variable, got ${describe(name)}`);
  return { scope: scopeText(scope), name };
}

/** The definition, checked. What is computed from other values has none of its own to keep. */
export function checkDefinition(definition: Variable): Variable {
  const variable = parseVariable(definition);
  if (kindOf(variable).computed === undefined) return variable;
  throw new UsageError(
    `variable ${variable.name}: expected one whose value is chosen, got ${variable.kind}, whose value is computed; ` +
      `define what it is computed from`,
  );
}

/** A number of entries, at least 1. */
export function checkCount(what: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`${what}: expected a whole number above 0, got ${describe(count)}`);
}

/** What `define` was told, checked. */
export function checkDefine(options: DefineCall): Omit<DefineCall, keyof VersionNotes> & { notes: VersionNotes } {
  const notes = checkWrite(options);
  const { orchestration, version } = options;
  if (orchestration !== undefined && typeof orchestration !== "boolean")
    throw new UsageError(`orchestration: expected true or false, got ${describe(orchestration)}`);
  return { ...present({ orchestration, version }), notes };
}

/** What `set` was told, checked: it has to say which version it replaces. */
export function checkSet(options: SetCall): {
  readonly version: ExpectedVersion;
  readonly score: number | undefined;
  readonly notes: VersionNotes;
} {
  const notes = checkWrite(options);
  const { version, score } = options;
  if (version === undefined)
    throw new UsageError('version: expected the version that was seen, or "any" to force the write, got nothing');
  if (score !== undefined && !Number.isFinite(score))
    throw new UsageError(`score: expected a finite number, got ${describe(score)}`);
  return { version, score, notes };
}

function checkWrite(options: WriteCall): VersionNotes {
  const isObject: boolean = isPlainObject(options);
  if (!isObject) throw new UsageError(`options: expected an object, got ${describe(options)}`);
  const { version, author, reason } = options;
  if (version !== undefined && version !== "any" && !(Number.isSafeInteger(version) && version > 0))
    throw new UsageError(`version: expected a whole number above 0 or "any", got ${describe(version)}`);
  for (const [key, text] of Object.entries({ author, reason }))
    if (text !== undefined && typeof text !== "string")
      throw new UsageError(`${key}: expected a text, got ${describe(text)}`);
  return present({ author, reason });
}
