import { sampleConfiguration } from "#variables";
import type { Sampler } from "./sampler.ts";
import type { SearchState } from "./search-state.ts";
import { firstNew, trialSampler } from "./trial-sampler.ts";

/** Independent random configurations, none of them twice: the control that every other sampler has to beat. */
export function randomSampler(): Sampler<SearchState> {
  return trialSampler({
    name: "random_search",
    options: {},
    propose: ({ space }, next) => firstNew(next, (rng) => sampleConfiguration(space, rng)),
  });
}
