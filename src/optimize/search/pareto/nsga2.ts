import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import { checkCounts } from "../../check-counts.ts";
import { bred, winner } from "../breeding.ts";
import { crowdingDistances } from "./crowding-distance.ts";
import type { Gains } from "./domination.ts";
import { gainsOf } from "./objectives.ts";
import { frontsOf } from "./pareto-ranks.ts";
import type { Sampler } from "../sampler.ts";
import { measuredConfigurations } from "../search-state.ts";
import type { MeasuredConfiguration, SearchState } from "../search-state.ts";
import { trialSampler } from "../trial-sampler.ts";

export interface Nsga2Options {
  /** How many random trials come first, and how many configurations may have children; 10 unless told. */
  readonly population?: number;
}

const crossoverShare = 0.9;

/**
 * NSGA-II (Deb et al. 2002) for several objectives, or for one score. First random trials; then each trial is a child of
 * two of the best: of lower rank, or of one rank the lonelier. Each parent is the better of two drawn ones; most children
 * are crossed, and one variable moves, in the way of its kind.
 *
 * There are no generations: at each ask the parents are chosen among all that was told, so that any number may be out.
 * What failed has no children. No configuration is asked for twice.
 */
export function nsga2({ population = 10 }: Nsga2Options = {}): Sampler<SearchState> {
  checkCounts("nsga2", { population });
  return trialSampler({
    name: "nsga2",
    options: { population },
    searchesObjectives: true,
    propose: (state, next) =>
      bred(state, next, {
        population,
        parentsOf: () => parentsOf(state, population),
        childOf: (parents, rng) => childOf(state, parents, rng),
      }),
  });
}

/** The best of all that was measured, the best first: of a lower rank, or of one rank the lonelier. */
function parentsOf(state: SearchState, population: number): readonly Configuration[] {
  const { goal, objectives = { score: goal } } = state;
  const measured = measuredConfigurations(state);
  const points = measured.map(({ values }) => gainsOf(values, objectives));
  const parents: Configuration[] = [];
  for (const front of frontsOf(points)) {
    const distances = crowdingDistances(front.map((place) => points[place] as Gains));
    const members = front.map((place, at) => ({ place, distance: distances[at] as number }));
    // Two infinite distances differ by no number: like equal ones they stand in the order of their issue.
    members.sort((one, other) => other.distance - one.distance || 0);
    for (const { place } of members) parents.push((measured[place] as MeasuredConfiguration).trial.configuration);
    if (parents.length >= population) break;
  }
  return parents.slice(0, population);
}

function childOf({ space }: SearchState, parents: readonly Configuration[], rng: Rng): Configuration {
  const [mother, father] = [winner(parents, rng.fork("mother")), winner(parents, rng.fork("father"))];
  const isCrossed = rng.fork("cross").next() < crossoverShare;
  const child = isCrossed ? crossConfigurations(space, mother, father, rng.fork("crossing")) : mother;
  return mutateConfiguration(space, child, rng.fork("mutate"));
}
