import type { Json } from "#foundation";
import { sampleConfiguration, settleConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { checkCounts } from "../check-counts.ts";
import type { MakeKernels } from "./kernels.ts";
import { mixture } from "./mixture.ts";
import type { Mixture, Models, Weighted } from "./mixture.ts";
import type { Sampler } from "./sampler.ts";
import { rankedTrials } from "./search-state.ts";
import type { SearchState, TrialRecord } from "./search-state.ts";
import { firstNew, trialSampler } from "./trial-sampler.ts";
import type { NextTrial } from "./trial-sampler.ts";
import { variableKernels } from "./variable-kernels.ts";

export interface TpeOptions {
  /** How many random trials come first; 10 unless told. */
  readonly startup?: number;
  /** How many configurations are drawn for each trial, of which the most promising is asked for; 32 unless told. */
  readonly draws?: number;
}

/** Which share of the finished trials counts as good, and how many at most. */
const goodShare = 0.15;
const maxGood = 25;

/** How many of the trials that are not good are modelled, evenly over their ages: an ask costs no more after thousands. */
const maxOthers = 300;

/** The newest so many trials that are not good count fully, older ones less, the oldest next to nothing. */
const fullyCounted = 25;

/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011), over all variables together as Optuna 5 has it: one density
 * around the good trials, one around all others, and of some configurations drawn from the first the one where the
 * ratio of the two is highest. Trials that are out or failed count with the others, so that several at once spread.
 *
 * Differences, measured on `bench/search.ts`: the better of the good trials weigh more, options are settled more slowly,
 * every second draw has a value from the whole width of a variable, and no configuration is asked for twice.
 */
export function tpe({ startup = 10, draws = 32 }: TpeOptions = {}): Sampler<SearchState> {
  checkCounts("tpe", { startup, draws });
  return trialSampler({
    name: "tpe",
    options: { startup, draws },
    propose: (state, next) =>
      (next.number < startup ? undefined : mostPromising(state, next, draws)) ??
      firstNew(next, (rng) => sampleConfiguration(state.space, rng)),
  });
}

function mostPromising(state: SearchState, { rng, isNew }: NextTrial, draws: number): Configuration | undefined {
  const { good, other } = densities(state);
  const settling = rng.fork("settle");
  let best: { readonly configuration: Configuration; readonly promise: number } | undefined;
  for (let draw = 0; draw < draws; draw++) {
    const configuration = settleConfiguration(state.space, good.draw(rng), settling);
    const promise = good.logDensity(configuration) - other.logDensity(configuration);
    if ((best === undefined || promise > best.promise) && isNew(configuration)) best = { configuration, promise };
  }
  return best?.configuration;
}

function densities(state: SearchState): { readonly good: Mixture; readonly other: Mixture } {
  const ranked = rankedTrials(state);
  const good = ranked.slice(0, Math.min(maxGood, Math.ceil(goodShare * ranked.length)));
  const isGood = new Set(good);
  const others = thinned(state.trials.filter((trial) => !isGood.has(trial)));
  const models = modelsOf(state);
  return {
    good: mixture(
      models,
      good.map(({ configuration }, rank) => ({ configuration, weight: rankWeight(rank, good.length) })),
    ),
    other: mixture(
      models,
      others.map(({ configuration }, at): Weighted => ({ configuration, weight: ageWeight(at, others.length) })),
    ),
  };
}

/** At most so many of the finished ones, and all that are out. */
function thinned(others: readonly TrialRecord[]): readonly TrialRecord[] {
  if (others.length <= maxOthers) return others;
  const stratum = (at: number): number => Math.floor((at * maxOthers) / others.length);
  return others.filter(({ outcome }, at) => outcome === undefined || stratum(at) < stratum(at + 1));
}

function modelsOf({ space, trials }: SearchState): Models {
  const models = new Map<string, MakeKernels>();
  for (const variable of space.variables) {
    const { name } = variable;
    const observed = (): Json[] =>
      trials.flatMap(({ configuration: { [name]: value } }) => (value === undefined ? [] : [value]));
    const make = variableKernels(variable, observed);
    if (make !== undefined) models.set(name, make);
  }
  return models;
}

/** The weight of a good trial by its rank from 0: falls as a logarithm, as in CMA-ES (Hansen 2016). */
function rankWeight(rank: number, count: number): number {
  return Math.log(count + 1.5) - Math.log(rank + 1);
}

/** The weight of another trial by its place from the oldest. */
function ageWeight(at: number, count: number): number {
  const ramp = count - fullyCounted;
  return at >= ramp ? 1 : 1 / count + (1 - 1 / count) * (ramp === 1 ? 0 : at / (ramp - 1));
}
