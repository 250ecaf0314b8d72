import { describe, isPlainObject, messageOf, present } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { parseVariable } from "../variable.ts";
import type { Variable } from "../variable.ts";
import { RegistryError } from "./registry-error.ts";
import type { VersionNotes } from "./variable-version.ts";

/** The form of stored changes. A newer one is refused. */
const schema = 1;

/** An entry of a variable's log. Its place there is its version. */
export type StoredChange = StoredDefinition | StoredValue;

export interface StoredDefinition extends VersionNotes {
  readonly type: "defined";
  readonly at: number;
  readonly value: Json;
  readonly variable: Variable;
  readonly orchestration: boolean;
}

interface StoredValue extends VersionNotes {
  readonly type: "set";
  readonly at: number;
  readonly value: Json;
  /** The version that defined the variable as it was when the value was set. */
  readonly definition: number;
  readonly score?: number | undefined;
}

/** The change as JSON, without what is absent. */
export function storedChange(change: StoredChange): JsonObject {
  return { schema, ...(present(change) as unknown as JsonObject) };
}

/** Reads what stands in a log; `where` names the place. Throws `RegistryError` where it is no change. */
export function parseStoredChange(body: Json | undefined, where: string): StoredChange {
  if (!isPlainObject(body)) throw damaged(where, `expected an object, got ${describe(body)}`);
  const { schema: found, type } = body;
  if (typeof found === "number" && found > schema)
    throw new RegistryError("newer_schema", `${where} is of form ${found}, which is newer than ${schema}`);
  if (found !== schema) throw damaged(where, `expected schema ${schema}, got ${describe(found)}`);
  const notes = notesOf(body, where);
  if (type === "set") {
    const definition = read<number>(body, "definition", where, isVersion);
    const score = body["score"] === undefined ? undefined : read<number>(body, "score", where, Number.isFinite);
    return { type, ...notes, definition, ...present({ score }) };
  }
  if (type !== "defined") throw damaged(where, `type: expected "defined" or "set", got ${describe(type)}`);
  const orchestration = read<boolean>(body, "orchestration", where, (value) => typeof value === "boolean");
  return { type, ...notes, variable: variableOf(body["variable"], where), orchestration };
}

export function damaged(where: string, defect: string, cause?: unknown): RegistryError {
  return new RegistryError("damaged", `${where} cannot be read: ${defect}`, { cause });
}

function notesOf(body: Record<string, unknown>, where: string): VersionNotes & { readonly at: number; value: Json } {
  const isText = (value: unknown): boolean => value === undefined || typeof value === "string";
  const at = read<number>(body, "at", where, Number.isFinite);
  const author = read<string | undefined>(body, "author", where, isText);
  const reason = read<string | undefined>(body, "reason", where, isText);
  return {
    at,
    value: read<Json>(body, "value", where, (value) => value !== undefined),
    ...present({ author, reason }),
  };
}

function read<T>(body: Record<string, unknown>, key: string, where: string, accepts: (value: unknown) => boolean): T {
  if (!accepts(body[key])) throw damaged(where, `${key} is ${describe(body[key])}`);
  return body[key] as T;
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function variableOf(definition: unknown, where: string): Variable {
  try {
    return parseVariable(definition);
  } catch (error) {
    throw damaged(where, messageOf(error), error);
  }
}
