import { checkCounts } from "./check-counts.ts";
import { evolutionSampler } from "./search/evolution-sampler.ts";
import type { SearchState } from "./search/search-state.ts";
import { searchTeleprompter } from "./search/search-teleprompter.ts";
import type { SearchTeleprompterOptions, SearchTeleprompterState } from "./search/search-teleprompter.ts";
import type { Teleprompter } from "./teleprompter.ts";

export interface EvolutionOptions extends Omit<SearchTeleprompterOptions, "objectives"> {
  /** How many configurations are tried besides the baseline; 120 unless told. */
  readonly candidates?: number;
  /** How many random configurations come first, and how many of the best so far may have children; 12 unless told. */
  readonly population?: number;
}

export type EvolutionState = SearchTeleprompterState<SearchState>;

/**
 * Evolution without generations, over niches (`evolutionSampler`): after the baseline and a first spread of random
 * configurations, each further one is a child of the best so far. No configuration is tried twice; each is measured on
 * all validation examples unless pruned. Several may be out at once.
 */
export function evolution(options: EvolutionOptions = {}): Teleprompter<EvolutionState> {
  const { candidates = 120, population = 12, ...others } = options;
  checkCounts("evolution", { candidates, population });
  return searchTeleprompter(evolutionSampler({ population }), { candidates, ...others });
}
