import { describe, integerBelow, seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { sampleConfiguration } from "#variables";
import { sobolConfigurations } from "#variables/search";
import { checkCounts } from "../check-counts.ts";
import { newestNote } from "./gp/newest-note.ts";
import { proposalOf } from "./gp/proposal.ts";
import type { Sampler } from "./sampler.ts";
import type { SearchState } from "./search-state.ts";
import { firstNew, notingSampler } from "./trial-sampler.ts";
import type { NextTrial, Proposed } from "./trial-sampler.ts";

export interface GpOptions {
  /** How many quasi-random trials come first; 10 unless told. */
  readonly startup?: number;
  /**
   * How much costs count: the expected improvement is divided by the predicted cost to this power, from 0 to 1. With 1 the
   * search is for improvement per cost, with 0, which it is unless told, costs say nothing. Only told costs that differ
   * are looked at.
   */
  readonly costWeight?: number;
}

/**
 * A Gaussian process over all variables together, however mixed and conditional: asks for the configuration with the highest
 * expected improvement. The noise, each variable's relevance and a warp of the scores that tames heavy tails are learned.
 * Failed trials count as bad as the worst score, trials that are out, of many the newest 100, as measured with what is
 * expected of them. Beyond 200 configurations it models the best ones and those nearest to the very best. See
 * `gp/proposal.ts` for where it looks; where no more than 300 configurations are left it looks at each of them.
 */
export function gp({ startup = 10, costWeight = 0 }: GpOptions = {}): Sampler<SearchState> {
  checkCounts("gp", { startup });
  checkCostWeight("gp", costWeight);
  return notingSampler({
    name: "gp",
    options: { startup, costWeight },
    propose: (state, next) =>
      (next.number < startup ? spreadOut(state, next, startup) : proposalOf(state, next, { costWeight })) ??
      anywhere(state, next),
  });
}

/** Throws `UsageError` for a weight that is none. */
export function checkCostWeight(sampler: string, costWeight: unknown): void {
  if (typeof costWeight !== "number" || !(costWeight >= 0 && costWeight <= 1))
    throw new UsageError(`${sampler}.costWeight: expected a number from 0 to 1, got ${describe(costWeight)}`);
}

/** How many scramblings there are. */
const designs = 2 ** 31;

/** The next point of a scrambled Sobol sequence; the first trial's note says which. */
function spreadOut(state: SearchState, next: NextTrial, count: number): Proposed | undefined {
  const design = newestNote(state, "design", readDesign) ?? integerBelow(next.rng.fork("design"), designs);
  const sequence = sobolConfigurations(state.space, count, seededRng(design));
  const configuration = sequence.slice(next.number).find(next.isNew);
  return configuration === undefined ? undefined : { configuration, note: { design } };
}

function readDesign(noted: Json): number | undefined {
  return typeof noted === "number" && Number.isInteger(noted) && noted >= 0 && noted < designs ? noted : undefined;
}

function anywhere({ space }: SearchState, next: NextTrial): Proposed | undefined {
  const configuration = firstNew(next, (rng) => sampleConfiguration(space, rng.fork("anywhere")));
  return configuration === undefined ? undefined : { configuration };
}
