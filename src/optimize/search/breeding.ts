import { integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import type { Configuration } from "#variables";
import type { SearchState } from "./search-state.ts";
import { firstNew } from "./trial-sampler.ts";
import type { NextTrial } from "./trial-sampler.ts";

export interface Breeding {
  /** How many random trials come first. */
  readonly population: number;
  /** Who may have children, the best first. */
  readonly parentsOf: () => readonly Configuration[];
  readonly childOf: (parents: readonly Configuration[], rng: Rng) => Configuration;
}

/** A new child of those that may have some; a random configuration at first, and where no child is new. */
export function bred(
  { space }: SearchState,
  next: NextTrial,
  { population, parentsOf, childOf }: Breeding,
): Configuration | undefined {
  const parents = next.number < population ? [] : parentsOf();
  const child = parents.length < 2 ? undefined : firstNew(next, (rng) => childOf(parents, rng));
  return child ?? firstNew(next, (rng) => sampleConfiguration(space, rng.fork("random")));
}

/** The better of two drawn ones of those that stand in order, the best first. */
export function winner(parents: readonly Configuration[], rng: Rng): Configuration {
  return parents[Math.min(integerBelow(rng, parents.length), integerBelow(rng, parents.length))] as Configuration;
}
