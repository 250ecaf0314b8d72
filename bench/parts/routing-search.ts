import type { Rng } from "#foundation";
import { evolutionSampler } from "#optimize";
import type { Sampler, SearchState } from "#optimize";
import { choice, space } from "#variables";
import type { Configuration } from "#variables";
import { estimatedWorth, perCategory, singleAgent, worths } from "./routing-policy.ts";
import type { RoutingPolicy } from "./routing-policy.ts";
import type { RoutingEstimate } from "./routing-estimate.ts";

/**
 * What chooses the agents. Few parents: what categories are worth adds up, so that there is nothing to lose by following
 * the best.
 */
export const routingSampler: Sampler<SearchState> = evolutionSampler({ population: 3 });

export interface RoutingSearchOptions {
  readonly agents: readonly string[];
  /** What a USD a task is worth, in points of score from 0 to 1. */
  readonly costWeight: number;
  readonly evaluations: number;
  readonly rng: Rng;
}

/**
 * The best policy that a search finds, one choice per category of the train half. Each single agent is tried first, so
 * that the result is never estimated to be worse than the best of them.
 */
export function searchedPolicy(estimate: RoutingEstimate, options: RoutingSearchOptions): RoutingPolicy {
  const { agents, costWeight, evaluations, rng } = options;
  const sampler = routingSampler;
  let state = sampler.start(space(estimate.categories.map((_, index) => choice(`category.${index}`, agents))));
  const policyOf = (configuration: Configuration): RoutingPolicy => ({
    agents: new Map(
      estimate.categories.map(({ name }, index) => [name, agents.indexOf(String(configuration[`category.${index}`]))]),
    ),
    otherwise: estimate.bestSingle,
  });
  const singles = agents.map((agent, index) => ({
    id: `single-${index}`,
    configuration: Object.fromEntries(estimate.categories.map((_, category) => [`category.${category}`, agent])),
  }));
  for (let done = 0; done < evaluations; done++) {
    const trial = singles[done] ?? sampler.ask(state, rng, 1)[0];
    if (trial === undefined) break;
    const { worth } = estimatedWorth(estimate, policyOf(trial.configuration), costWeight);
    state = sampler.tell(sampler.issue(state, [trial]), { id: trial.id, score: worth });
  }
  const best = sampler.best(state);
  return best === undefined ? singleAgent(estimate.bestSingle) : policyOf(best.configuration);
}

/** The best policy there is: what the categories are worth adds up, so that each can be chosen alone. */
export function exactPolicy(estimate: RoutingEstimate, costWeight: number): RoutingPolicy {
  return perCategory(estimate, (category) => worths(category, costWeight));
}

/** The least cost weight, from doubling and halving, with which the best policy costs no more than this a task. */
export function weightForCost(estimate: RoutingEstimate, maxCost: number): number {
  const isCheap = (weight: number): boolean =>
    estimatedWorth(estimate, exactPolicy(estimate, weight), 0).cost <= maxCost;
  if (isCheap(0)) return 0;
  let high = 1 / maxCost;
  // The weight has no bound where even the cheapest agents cost too much.
  for (let doubling = 0; doubling < 60 && !isCheap(high); doubling++) high *= 2;
  let low = 0;
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (isCheap(middle)) high = middle;
    else low = middle;
  }
  // Just beyond the weight at which two policies are worth the same.
  return high * 1.001;
}
