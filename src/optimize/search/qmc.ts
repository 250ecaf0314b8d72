import { describe, seededRng, UsageError } from "#foundation";
import { sampleConfiguration } from "#variables";
import { sobolConfigurations } from "#variables/search";
import type { Configuration, Space } from "#variables";
import type { Sampler } from "./sampler.ts";
import type { SearchState } from "./search-state.ts";
import { firstNew, trialSampler } from "./trial-sampler.ts";

export interface QmcOptions {
  /** Which scrambling; 0 unless told. The chance given to `ask` says nothing about the sequence. */
  readonly seed?: number;
}

/** How many points beyond a trial's own are looked at for a new one. */
const maxSkipped = 64;

/**
 * Quasi-Monte Carlo: the points of one scrambled Sobol sequence, which fill the space more evenly than chance. Where
 * they only meet what was tried, random configurations follow.
 */
export function qmc({ seed = 0 }: QmcOptions = {}): Sampler<SearchState> {
  if (!Number.isSafeInteger(seed)) throw new UsageError(`qmc.seed: expected a whole number, got ${describe(seed)}`);
  const sequences = new WeakMap<Space, readonly Configuration[]>();
  const sequenceOf = (space: Space, count: number): readonly Configuration[] => {
    const known = sequences.get(space);
    // A power of 2, made anew only when it has doubled; always the same one for the same trial.
    const length = 2 ** Math.ceil(Math.log2(count));
    if (known?.length === length) return known;
    const sequence = sobolConfigurations(space, length, seededRng(seed));
    sequences.set(space, sequence);
    return sequence;
  };
  return trialSampler({
    name: "qmc",
    options: { seed },
    propose: ({ space }, next) =>
      sequenceOf(space, next.number + maxSkipped)
        .slice(next.number, next.number + maxSkipped)
        .find(next.isNew) ?? firstNew(next, (rng) => sampleConfiguration(space, rng)),
  });
}
