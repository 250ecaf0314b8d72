import { evolution as steadyEvolution } from "#optimize";
import type { EvolutionOptions, EvolutionState, Teleprompter } from "#optimize";
import { checkStrategies } from "./mutation-strategy.ts";
import type { MutationStrategiesOption } from "./mutation-strategy.ts";
import { restrictedSearch } from "./restricted-search.ts";
import type { RestrictedState } from "./restricted-search.ts";

export interface TeamEvolutionOptions extends EvolutionOptions, MutationStrategiesOption {}

/** Evolution over teams: the best ones so far have children, whose values of the strategies' variables are varied. */
export function evolution({ mutationStrategies, ...options }: TeamEvolutionOptions = {}): Teleprompter<
  RestrictedState<EvolutionState>
> {
  return restrictedSearch(steadyEvolution(options), {
    name: "team_evolution",
    mutationStrategies: checkStrategies("evolution", mutationStrategies),
  });
}
