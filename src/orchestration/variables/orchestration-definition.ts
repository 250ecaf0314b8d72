import { describe, isPlainObject, UsageError } from "#foundation";

/** How far a variable reaches. */
export type Scope = "local" | "global" | "cluster" | "federation";

const scopes: readonly Scope[] = ["local", "global", "cluster", "federation"];

/** What every orchestration variable has. */
export interface OrchestrationDefinition {
  /** Its paths in a configuration are `team.<id>` and `team.<id>.<setting>`. */
  readonly id: string;
  readonly scope: Scope;
  /** Whom it concerns. */
  readonly agents: readonly string[];
}

/** The variable's id and scope, checked; gives the words for further messages. */
export function checkId(variable: OrchestrationDefinition): string {
  if (!isPlainObject(variable)) throw new UsageError(`orchestration variable: got ${describe(variable)}`);
  const { id, scope } = variable;
  if (typeof id !== "string" || !/^[A-Za-z_][\w-]*$/.test(id))
    throw new UsageError(
      `orchestration variable id: expected a letter or underscore, then letters, digits, "_" or "-", got ${describe(id)}`,
    );
  if (!scopes.includes(scope))
    throw new UsageError(`variable ${id}.scope: expected one of ${scopes.join(", ")}, got ${describe(scope)}`);
  return `variable ${id}`;
}

export function checkAgents({ agents }: OrchestrationDefinition, where: string): void {
  const isList = Array.isArray(agents) && agents.every((agent) => typeof agent === "string");
  if (!isList || agents.length === 0)
    throw new UsageError(`${where}.agents: expected the ids of at least one agent, got ${describe(agents)}`);
  if (new Set(agents).size < agents.length)
    throw new UsageError(`${where}.agents: expected each agent once, got ${agents.join(", ")}`);
}
