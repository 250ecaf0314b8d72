import type { Store } from "#foundation";
import { present } from "#foundation";
import { kindOf } from "../variable.ts";
import type { ScopeText } from "./registry-scope.ts";
import { damaged, parseStoredChange, storedChange } from "./stored-change.ts";
import type { StoredChange, StoredDefinition } from "./stored-change.ts";
import type { VariableChange, VariableVersion } from "./variable-version.ts";

/** One variable in one scope. */
export interface VariableAddress {
  readonly scope: ScopeText;
  readonly name: string;
}

/** How a variable stands at one version. */
export interface VariableState extends VariableChange {
  /** The version of the definition in force. */
  readonly definition: number;
}

const prefix = "variables|";

/** The address that a log belongs to; `undefined` for a log of somebody else. */
export function addressOf(log: string): VariableAddress | undefined {
  if (!log.startsWith(prefix)) return undefined;
  const end = log.indexOf("|", prefix.length);
  return end < 0 ? undefined : { scope: log.slice(prefix.length, end) as ScopeText, name: log.slice(end + 1) };
}

/** How the variable stands now; `undefined` while nobody has defined it. */
export async function currentState(store: Store, address: VariableAddress): Promise<VariableState | undefined> {
  const version = await store.logs.length(logOf(address));
  return version === 0 ? undefined : stateAt(store, address, version);
}

/** How the variable stood at a version that was written. */
export async function stateAt(store: Store, address: VariableAddress, version: number): Promise<VariableState> {
  const change = await changeAt(store, address, version);
  const definition = change.type === "defined" ? version : change.definition;
  const { variable, orchestration } =
    change.type === "defined" ? change : await definitionAt(store, address, { definition, version });
  const defect = kindOf(variable).expected(variable, change.value);
  if (defect !== undefined) throw damaged(placeOf(address, version), `its value does not fit: ${defect}`);
  return { ...versionOf(change, version), ...address, variable, orchestration, definition };
}

/** Appends the change, provided that `version` is still the newest one (0: nothing is there). Answers whether it was. */
export async function appendChange(
  store: Store,
  address: VariableAddress,
  { change, version }: { readonly change: StoredChange; readonly version: number },
): Promise<boolean> {
  if (version === 0) await store.documents.put(indexOf(address.scope), address.name, {}, { expect: 0 });
  const written = await store.logs.append(logOf(address), [storedChange(change)], { expect: version });
  return written.ok;
}

/** The newest versions, oldest first. */
export async function newestVersions(
  store: Store,
  address: VariableAddress,
  limit: number,
): Promise<VariableVersion[]> {
  const log = logOf(address);
  const from = Math.max(0, (await store.logs.length(log)) - limit);
  const bodies = await store.logs.read(log, { from, limit });
  return bodies.map((body, index) => {
    const version = from + index + 1;
    return versionOf(parseStoredChange(body, placeOf(address, version)), version);
  });
}

/**
 * The names that were defined in a scope, sorted. A definition enters its name here before its first version is
 * written: whoever dies in between leaves a name without versions, never versions without a name.
 */
export async function namesIn(store: Store, scope: ScopeText): Promise<string[]> {
  const names: string[] = [];
  for (let page = await store.documents.list(indexOf(scope)); page.length > 0;) {
    names.push(...page.map(({ id }) => id));
    page = await store.documents.list(indexOf(scope), { after: names.at(-1) ?? "" });
  }
  return names;
}

function logOf({ scope, name }: VariableAddress): string {
  return `${prefix}${scope}|${name}`;
}

function indexOf(scope: ScopeText): string {
  return `${prefix}${scope}`;
}

function placeOf({ scope, name }: VariableAddress, version: number): string {
  return `version ${version} of the variable ${name} in ${scope}`;
}

async function changeAt(store: Store, address: VariableAddress, version: number): Promise<StoredChange> {
  const [body] = await store.logs.read(logOf(address), { from: version - 1, limit: 1 });
  return parseStoredChange(body, placeOf(address, version));
}

async function definitionAt(
  store: Store,
  address: VariableAddress,
  { definition, version }: { readonly definition: number; readonly version: number },
): Promise<StoredDefinition> {
  const place = placeOf(address, version);
  if (definition >= version) throw damaged(place, `its definition is said to be version ${definition}`);
  const change = await changeAt(store, address, definition);
  if (change.type === "defined") return change;
  throw damaged(place, `its definition is said to be version ${definition}, which is none`);
}

function versionOf(change: StoredChange, version: number): VariableVersion {
  const { type, at, value, author, reason } = change;
  const score = change.type === "set" ? change.score : undefined;
  return { version, type, at, value, ...present({ author, reason, score }) };
}
