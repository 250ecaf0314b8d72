import { checkCounts } from "./check-counts.ts";
import { randomSampler } from "./search/random-sampler.ts";
import type { SearchState } from "./search/search-state.ts";
import { searchTeleprompter } from "./search/search-teleprompter.ts";
import type { SearchTeleprompterOptions, SearchTeleprompterState } from "./search/search-teleprompter.ts";
import type { Teleprompter } from "./teleprompter.ts";

export interface RandomSearchOptions extends Omit<SearchTeleprompterOptions, "objectives"> {
  /** How many configurations are tried besides the baseline; 24 unless told. */
  readonly candidates?: number;
}

export type RandomSearchState = SearchTeleprompterState<SearchState>;

/**
 * Independent random configurations (`randomSampler`), measured beside the baseline, on all validation examples unless
 * pruned. The control that every cleverer teleprompter has to beat, and hard to beat when few variables matter (Bergstra
 * & Bengio 2012).
 */
export function randomSearch(options: RandomSearchOptions = {}): Teleprompter<RandomSearchState> {
  const { candidates = 24, ...others } = options;
  checkCounts("randomSearch", { candidates });
  return searchTeleprompter(randomSampler(), { candidates, ...others });
}
