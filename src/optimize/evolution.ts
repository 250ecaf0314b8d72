import { integerBelow, pick, sampleItems } from "#foundation";
import type { Rng } from "#foundation";
import { activeVariables, sampleConfiguration } from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import type { Configuration, Space } from "#variables";
import type { MutateOptions } from "#variables/search";
import { candidateSearch, checkCounts } from "./candidate-search.ts";
import type { CandidateSearchState } from "./candidate-search.ts";
import { meanScore } from "./score-board.ts";
import type { Measured } from "./score-board.ts";
import type { Teleprompter } from "./teleprompter.ts";

export interface EvolutionOptions {
  /** How many configurations are tried besides the baseline; 120 unless told. */
  readonly candidates?: number;
  /** How many random configurations come first, and how many of the best so far may have children; 12 unless told. */
  readonly population?: number;
}

export type EvolutionState = CandidateSearchState;

/** How many of the population compete to be a parent. */
const tournamentSize = 2;

const crossoverShare = 0.5;
const wholeGroupShare = 0.1;
const maxMoves = 3;

/**
 * Evolution without generations: after the baseline and a first spread of random configurations, each further one is a
 * child of two winners of small tournaments among the best so far. It takes its values from either, then one to three
 * of them move, sometimes those of a whole group. No configuration is tried twice; each is measured on all validation
 * examples. Several may be out at once: a child is made from what is known when it is asked for.
 */
export function evolution({ candidates = 120, population = 12 }: EvolutionOptions = {}): Teleprompter<EvolutionState> {
  checkCounts("evolution", { candidates, population });
  return candidateSearch({
    name: "evolution",
    options: { candidates, population },
    propose: ({ task, measured }, number, rng) => {
      const parents = ranked(measured).slice(0, population);
      if (number <= population || parents.length < 2)
        return { configuration: sampleConfiguration(task.space, rng), purpose: `random candidate ${number}` };
      return { configuration: childOf(task.space, parents, rng), purpose: `child ${number}` };
    },
  });
}

/** The measured candidates, the best first; equal ones in the order in which they were measured. */
function ranked(all: readonly Measured[]): Measured[] {
  return all
    .filter((each) => meanScore(each) !== undefined)
    .toSorted((a, b) => (meanScore(b) ?? 0) - (meanScore(a) ?? 0));
}

/** `ranked` has the best first, so that the winner of a tournament is the one with the lowest place. */
function childOf(space: Space, parents: readonly Measured[], rng: Rng): Configuration {
  const parent = (label: string): Configuration => {
    const places = sampleItems(rng.fork(label), parents.keys().toArray(), tournamentSize);
    return (parents[Math.min(...places)] as Measured).configuration;
  };
  const [mother, father] = [parent("mother"), parent("father")];
  const isCrossed = rng.fork("cross").next() < crossoverShare;
  const child = isCrossed ? crossConfigurations(space, mother, father, rng.fork("crossing")) : mother;
  return mutateConfiguration(space, child, rng.fork("mutate"), moves(space, child, rng.fork("moves")));
}

function moves(space: Space, configuration: Configuration, rng: Rng): MutateOptions {
  const active = activeVariables(space, configuration);
  const groups = [...new Set(active.flatMap(({ group }) => (group === undefined ? [] : [group])))];
  if (groups.length < 2 || rng.fork("whole").next() >= wholeGroupShare)
    return { variables: 1 + integerBelow(rng.fork("count"), maxMoves) };
  return { groups: [pick(rng.fork("group"), groups)], variables: active.length };
}
