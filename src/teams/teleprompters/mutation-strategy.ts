import { describe, UsageError } from "#foundation";
import type { Space, Variable } from "#variables";

/**
 * What a team teleprompter may change: which agents are active (and in what order), who talks to whom, who may spend
 * how much, and the agents' own variables.
 */
export type MutationStrategy = "agent_selection" | "topology_mutation" | "parameter_mutation" | "resource_reallocation";

/** All of them: what is applied unless told otherwise. */
export const mutationStrategies: readonly MutationStrategy[] = [
  "agent_selection",
  "topology_mutation",
  "parameter_mutation",
  "resource_reallocation",
];

export interface MutationStrategiesOption {
  /** Only these are ever applied; all four unless told. */
  readonly mutationStrategies?: readonly MutationStrategy[];
}

/** The groups of a team's space that have a strategy of their own; every other variable is a parameter. */
const strategyOfGroup: Readonly<Record<string, MutationStrategy>> = {
  agent_selection: "agent_selection",
  topology: "topology_mutation",
  resources: "resource_reallocation",
};

/** The strategy that changes a variable. */
export function strategyOf({ group = "parameters" }: Variable): MutationStrategy {
  return (Object.hasOwn(strategyOfGroup, group) ? strategyOfGroup[group] : undefined) ?? "parameter_mutation";
}

/** The variables that these strategies change. */
export function variablesOf(space: Space, strategies: readonly MutationStrategy[]): readonly Variable[] {
  return space.variables.filter((variable) => strategies.includes(strategyOf(variable)));
}

/** The strategies, each once. Throws `UsageError` for an unknown one and for none; `where` names the option's owner. */
export function checkStrategies(where: string, strategies: unknown = mutationStrategies): readonly MutationStrategy[] {
  const known: readonly unknown[] = mutationStrategies;
  if (!Array.isArray(strategies) || strategies.length === 0 || !strategies.every((each) => known.includes(each)))
    throw new UsageError(
      `${where}.mutationStrategies: expected some of ${mutationStrategies.join(", ")}, got ${describe(strategies)}`,
    );
  return [...new Set(strategies as readonly MutationStrategy[])];
}
