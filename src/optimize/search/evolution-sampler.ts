import type { Rng } from "#foundation";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import type { Configuration } from "#variables";
import { checkCounts } from "../check-counts.ts";
import { bred, winner } from "./breeding.ts";
import { configurationDistance } from "./configuration-distance.ts";
import type { Sampler } from "./sampler.ts";
import { measuredConfigurations } from "./search-state.ts";
import type { SearchState } from "./search-state.ts";
import { trialSampler } from "./trial-sampler.ts";

export interface EvolutionSamplerOptions {
  /** How many random trials come first, and how many configurations may have children; 10 unless told. */
  readonly population?: number;
}

/** Closer than this two configurations are of one niche, in which only the best so many have children. */
const nicheRadius = 0.15;
const perNiche = 3;

const crossoverShare = 0.5;

/** Each further variable moves with this chance, up to four. */
const furtherMoveShare = 0.4;
const maxMoves = 4;

/**
 * Evolution without generations, over niches: each trial is a child of one or two of the best so far, of which no more
 * than three may lie close together (clearing, Pétrowski 1996). One to four variables of the child move, each in the way
 * of its kind. Several may be out at once: a child is made from what is known when it is asked for.
 */
export function evolutionSampler({ population = 10 }: EvolutionSamplerOptions = {}): Sampler<SearchState> {
  checkCounts("evolutionSampler", { population });
  return trialSampler({
    name: "evolution",
    options: { population },
    propose: (state, next) =>
      bred(state, next, {
        population,
        parentsOf: () => parentsOf(state, population),
        childOf: (parents, rng) => childOf(state, parents, rng),
      }),
  });
}

/** The best by their mean scores, of each niche only a few. */
function parentsOf(state: SearchState, population: number): readonly Configuration[] {
  const distance = configurationDistance(state.space);
  const sign = state.goal === "maximize" ? 1 : -1;
  const ranked = measuredConfigurations(state)
    .map(({ trial: { configuration }, values: { score = Number.NaN } }) => ({ configuration, worth: sign * score }))
    .sort((one, other) => other.worth - one.worth);
  const parents: Configuration[] = [];
  for (const { configuration } of ranked) {
    if (parents.length === population) break;
    const neighbours = parents.filter((parent) => distance(parent, configuration) < nicheRadius);
    if (neighbours.length < perNiche) parents.push(configuration);
  }
  return parents;
}

function childOf({ space }: SearchState, parents: readonly Configuration[], rng: Rng): Configuration {
  const [mother, father] = [winner(parents, rng.fork("mother")), winner(parents, rng.fork("father"))];
  const isCrossed = rng.fork("cross").next() < crossoverShare;
  const child = isCrossed ? crossConfigurations(space, mother, father, rng.fork("crossing")) : mother;
  const chance = rng.fork("moves");
  let moves = 1;
  while (moves < maxMoves && chance.next() < furtherMoveShare) moves++;
  return mutateConfiguration(space, child, rng.fork("mutate"), { variables: moves });
}
