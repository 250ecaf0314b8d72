import { randomSearch as independentSearch } from "#optimize";
import type { RandomSearchOptions, RandomSearchState, Teleprompter } from "#optimize";
import { checkStrategies } from "./mutation-strategy.ts";
import type { MutationStrategiesOption } from "./mutation-strategy.ts";
import { restrictedSearch } from "./restricted-search.ts";
import type { RestrictedState } from "./restricted-search.ts";

export interface TeamRandomSearchOptions extends RandomSearchOptions, MutationStrategiesOption {}

/** Independent random teams: the control that the other team teleprompters have to beat. */
export function randomSearch({ mutationStrategies, ...options }: TeamRandomSearchOptions = {}): Teleprompter<
  RestrictedState<RandomSearchState>
> {
  return restrictedSearch(independentSearch(options), {
    name: "team_random_search",
    mutationStrategies: checkStrategies("randomSearch", mutationStrategies),
  });
}
