import { sampleConfiguration } from "#variables";
import { candidateSearch, checkCounts } from "./candidate-search.ts";
import type { CandidateSearchState } from "./candidate-search.ts";
import type { Teleprompter } from "./teleprompter.ts";

export interface RandomSearchOptions {
  /** How many configurations are tried besides the baseline; 24 unless told. */
  readonly candidates?: number;
}

export type RandomSearchState = CandidateSearchState;

/**
 * Independent random configurations, each measured on all validation examples beside the baseline. The control that
 * every cleverer teleprompter has to beat, and hard to beat when few variables matter (Bergstra & Bengio 2012).
 */
export function randomSearch({ candidates = 24 }: RandomSearchOptions = {}): Teleprompter<RandomSearchState> {
  checkCounts("randomSearch", { candidates });
  return candidateSearch({
    name: "random_search",
    options: { candidates },
    propose: ({ task }, number, rng) => ({
      configuration: sampleConfiguration(task.space, rng),
      purpose: `random candidate ${number}`,
    }),
  });
}
