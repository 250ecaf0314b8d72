import { canonicalJson } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration, settleConfiguration } from "#variables";
import { sobolConfigurations } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { promisingConfigurations } from "../../search/gp/acquisition-search.ts";
import { costModelOf } from "../../search/gp/cost-model.ts";
import { featuresOf } from "../../search/gp/features.ts";
import { leadersOf } from "../../search/gp/model.ts";
import { movesOf } from "../../search/gp/moves.ts";
import type { SearchState } from "../../search/search-state.ts";
import { untriedConfigurations } from "../../search/untried.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { chanceOf } from "./beacon-state.ts";
import type { BeaconState } from "./beacon-state.ts";
import { baselineChoice, optionSpace } from "./pools.ts";
import { evidenceOf, surrogateOf } from "./surrogate.ts";

/** How many of the best candidates come from. */
const leaders = 10;

/** Where no more configurations are left each of them is judged. */
const mostJudged = 300;

/**
 * Every so manieth candidate doubts what was learned of the variables' relevance, and asks for so much more than the best,
 * in standard deviations of the scores: a search else believes in one basin for ever.
 */
const boldEvery = 3;
const boldMargin = 0.1;

/** How often chance is asked for a configuration that nobody tried. */
const maxDraws = 50;

/**
 * The untried configuration of the highest expected improvement on the best posterior mean, per cost; at first one of a
 * spread-out design. `undefined` where there is none. What is out counts as measured with what is expected of it.
 */
export function nextChoice(state: BeaconState, plan: BeaconPlan): Configuration | undefined {
  const looking = lookingAt(state);
  if (looking.untried?.length === 0) return undefined;
  const first = state.candidates.length === 0 ? learntChoice(state, looking) : undefined;
  const spread = state.candidates.length < plan.startup ? spreadOut(state, plan, looking) : undefined;
  return first ?? spread ?? mostPromising(state, plan, looking) ?? looking.untried?.[0] ?? anywhere(looking);
}

/** Whether there is a next choice, without looking for the best. */
export function hasChoice(state: BeaconState): boolean {
  const looking = lookingAt(state);
  return looking.untried === undefined ? anywhere(looking) !== undefined : looking.untried.length > 0;
}

function lookingAt(state: BeaconState): Looking {
  const options = optionSpace(state);
  const number = state.candidates.length;
  const tried = new Set([baselineChoice(state, options), ...state.candidates.map(({ choice }) => choice)].map(keyOf));
  const isNew = (choice: Configuration): boolean => !tried.has(keyOf(choice));
  const untried = untriedConfigurations(options, { isNew, number, most: mostJudged });
  return { options, untried, isNew, rng: chanceOf(state).fork(`candidate ${number}`) };
}

/** The baseline with all that was learnt before the search: the text of most rules, the largest set of demonstrations. */
function learntChoice(state: BeaconState, { options, isNew }: Looking): Configuration | undefined {
  const { texts, ruled, sets } = state;
  const fullest = Object.entries(texts).map(([name, pool]) => {
    return [name, largest(pool, (text) => ruled[name]?.[text]?.rules.length ?? 0)] as const;
  });
  const shown = Object.entries(sets).map(([name, own]) => [name, largest(own, (set) => set.length)] as const);
  const choice = settleConfiguration(options, {
    ...baselineChoice(state, options),
    ...Object.fromEntries([...fullest, ...shown]),
  });
  return isNew(choice) ? choice : undefined;
}

/** Of equal ones the last. */
function largest<Value>(values: readonly Value[], sizeOf: (value: Value) => number): Value {
  return values.reduce((best, value) => (sizeOf(value) >= sizeOf(best) ? value : best));
}

/** The next point of a scrambled Sobol sequence. */
function spreadOut(
  state: BeaconState,
  { startup }: BeaconPlan,
  { options, isNew }: Looking,
): Configuration | undefined {
  return sobolConfigurations(options, startup, chanceOf(state).fork("design"))
    .slice(state.candidates.length)
    .find(isNew);
}

interface Looking {
  readonly options: Space;
  readonly isNew: (choice: Configuration) => boolean;
  /** All that is left, where that is little. */
  readonly untried: readonly Configuration[] | undefined;
  readonly rng: Rng;
}

function mostPromising(
  state: BeaconState,
  plan: BeaconPlan,
  { options, untried, isNew, rng }: Looking,
): Configuration | undefined {
  const isBold = state.candidates.length % boldEvery === 0;
  const model = surrogateOf(options, evidenceOf(state, plan, options), isBold);
  const [best] = model === undefined ? [] : leadersOf(model, 1);
  if (model === undefined || best === undefined) return undefined;
  const found = promisingConfigurations({
    space: options,
    moves: movesOf(options),
    posterior: model.posterior,
    best: model.posterior.mean(featuresOf(options).rowOf(best)) + (isBold ? boldMargin : 0),
    leaders: leadersOf(model, leaders),
    price: priceOf(state, plan, options),
    noise: model.noise,
    among: untried,
    rng,
  });
  return found.find(({ configuration, promise }) => promise > -Infinity && isNew(configuration))?.configuration;
}

/**
 * What a candidate's tokens take off the log of its promise, the less the fewer candidates are left: at the end only the
 * best counts (cost cooling, Lee et al. 2020).
 */
function priceOf(
  state: BeaconState,
  { costWeight, candidates }: BeaconPlan,
  options: Space,
): ((row: Float64Array) => number) | undefined {
  const weight = costWeight * Math.max(0, 1 - state.candidates.length / candidates);
  if (weight === 0) return undefined;
  const first = { id: "baseline", configuration: baselineChoice(state, options), cost: state.baselineCost };
  const known = state.candidates.map(({ id, choice, cost }) => ({ id, configuration: choice, cost }));
  const trials = [first, ...known]
    .filter(({ cost }) => cost > 0)
    .map(({ id, configuration, cost }) => ({ id, configuration, outcome: { score: 0, cost } }));
  const search: SearchState = { space: options, goal: "maximize", trials };
  const logCost = costModelOf(options, search);
  return logCost === undefined ? undefined : (row) => weight * logCost(row);
}

function anywhere({ options, rng, isNew }: Looking): Configuration | undefined {
  for (let draw = 0; draw < maxDraws; draw++) {
    const drawn = sampleConfiguration(options, rng.fork(`anywhere ${draw}`));
    if (isNew(drawn)) return drawn;
  }
  return undefined;
}

function keyOf(choice: Configuration): string {
  return canonicalJson(choice);
}
