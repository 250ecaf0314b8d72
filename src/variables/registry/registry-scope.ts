import { describe, isPlainObject, UsageError } from "#foundation";

/**
 * Where a variable of the registry lives: federation ⊃ cluster ⊃ global ⊃ team ⊃ agent. One store has one federation,
 * one cluster and one global scope; teams and agents have ids.
 */
export type RegistryScope =
  | { readonly scope: "federation" }
  | { readonly scope: "cluster" }
  | { readonly scope: "global" }
  | { readonly scope: "team"; readonly team: string }
  | { readonly scope: "agent"; readonly team: string; readonly agent: string };

/** A scope as text: `"global"`, `"team:desks"`, `"agent:desks/coder"`. Answers and events name scopes so. */
export type ScopeText = "federation" | "cluster" | "global" | `team:${string}` | `agent:${string}/${string}`;

const idPattern = /^[A-Za-z_][\w-]*$/;
const forms = '"federation", "cluster", "global", "team:TEAM" or "agent:TEAM/AGENT"';

/** The parts of a scope's text. Throws `UsageError` for any other text. */
export function parseScope(text: unknown): RegistryScope {
  if (text === "federation" || text === "cluster" || text === "global") return { scope: text };
  const [kind, ids = ""] = typeof text === "string" ? splitOnce(text, ":") : [];
  const [team, agent] = splitOnce(ids, "/");
  if (kind === "team" && agent === undefined && isId(team)) return { scope: "team", team };
  if (kind === "agent" && isId(team) && isId(agent)) return { scope: "agent", team, agent };
  throw new UsageError(`scope: expected ${forms} with ids of letters, digits, "_" and "-", got ${describe(text)}`);
}

/** The text of a scope, which may be given as text too. Throws `UsageError` for what is neither. */
export function scopeText(scope: RegistryScope | ScopeText): ScopeText {
  const text = isPlainObject(scope) ? joined(scope) : scope;
  parseScope(text);
  return text as ScopeText;
}

/** The scopes in which a name is looked up: the scope itself, then what encloses it, the federation last. */
export function enclosingScopes(scope: ScopeText): readonly ScopeText[] {
  const parts = parseScope(scope);
  const outer: readonly ScopeText[] = ["global", "cluster", "federation"];
  if (parts.scope === "agent") return [scope, `team:${parts.team}`, ...outer];
  if (parts.scope === "team") return [scope, ...outer];
  return outer.slice(outer.indexOf(scope));
}

function joined({ scope, team, agent }: Record<string, unknown>): string {
  const kind = textOf(scope);
  if (kind === "team") return `team:${textOf(team)}`;
  if (kind === "agent") return `agent:${textOf(team)}/${textOf(agent)}`;
  return kind;
}

/** Nothing where it is no text, which is no id either. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function isId(id: string | undefined): id is string {
  return id !== undefined && idPattern.test(id);
}
