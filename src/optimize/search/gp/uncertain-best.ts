import type { Configuration } from "#variables";
import type { SearchState } from "../search-state.ts";
import { featuresOf } from "./features.ts";
import { measurementsOf } from "./measurements.ts";
import { modelOf, newestModel } from "./model.ts";

/** With less noise than this, as a variance of standardised scores, measuring again says nothing new. */
const leastNoise = 1e-3;

/** How often a configuration is measured at most. */
const maxRepeats = 6;

/**
 * The configuration of the highest posterior mean, where one standard deviation of it is more than it is ahead of the next
 * one: measuring it again says more about which is best than a new one would. `undefined` where it is clear.
 */
export function uncertainBest(state: SearchState): Configuration | undefined {
  const { space } = state;
  const { told, pending } = measurementsOf(state);
  const model = modelOf(space, { told, pending }, { before: newestModel(state, "model") });
  if (model === undefined || model.noise < leastNoise) return undefined;
  const [best, second] = model.ranked.filter(({ worth }) => worth !== undefined);
  if (best === undefined || second === undefined || best.repeats >= maxRepeats) return undefined;
  const { mean, deviation } = model.posterior.predict(featuresOf(space).rowOf(best.configuration));
  return deviation > mean - second.mean ? best.configuration : undefined;
}
