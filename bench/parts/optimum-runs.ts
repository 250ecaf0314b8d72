import { auto, beacon, gp, mipro, randomSearch, searchTeleprompter, simba } from "#optimize";
import type { Teleprompter } from "#optimize";
import { simba as teamSimba } from "#teams";
import { qualityAfter } from "../../test/optimize/known-optimum.ts";

/** What is asked to find the known optimum, and within how many evaluations; chance, without a limit of its own, beside it. */
interface OptimumContestant {
  readonly make: (evaluations: number) => Teleprompter;
  readonly evaluations?: number;
}

const contestants: Readonly<Record<string, OptimumContestant>> = {
  random_search: { make: () => randomSearch({ candidates: 100 }) },
  // As many trials as fit beside the baseline and a look at training examples after every five of them.
  mipro: { make: (evaluations) => mipro({ trials: Math.floor((5 * evaluations) / 6) }), evaluations: 40 },
  simba: { make: () => simba(), evaluations: 60 },
  "simba of teams": { make: () => teamSimba(), evaluations: 60 },
  beacon: { make: () => beacon(), evaluations: 30 },
  gp: { make: () => searchTeleprompter(gp()) },
  auto: { make: () => searchTeleprompter(auto()) },
};

export const optimumLimits = [30, 40, 60] as const;

/** In how many of the seeds each comes within 5 % of the optimum, at each limit. */
export interface OptimumFigures {
  readonly name: string;
  readonly found: readonly number[];
  /** What it has promised to need at the most. */
  readonly evaluations?: number;
}

export function optimumFigures(seeds: readonly number[]): readonly OptimumFigures[] {
  return Object.entries(contestants).map(([name, { make, ...limit }]) => ({
    name,
    found: optimumLimits.map(
      (evaluations) => seeds.filter((seed) => qualityAfter(make(evaluations), seed, evaluations) >= 0.95).length,
    ),
    ...limit,
  }));
}
