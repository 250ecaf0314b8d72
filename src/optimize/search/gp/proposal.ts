import type { JsonObject } from "#foundation";
import type { Configuration } from "#variables";
import type { SearchState } from "../search-state.ts";
import type { NextTrial, Proposed } from "../trial-sampler.ts";
import { untriedConfigurations } from "../untried.ts";
import { promisingConfigurations } from "./acquisition-search.ts";
import { costModelOf } from "./cost-model.ts";
import { featuresOf } from "./features.ts";
import { measurementsOf } from "./measurements.ts";
import { leadersOf, modelOf, nearest, newestModel } from "./model.ts";
import type { Model } from "./model.ts";
import { movesOf } from "./moves.ts";
import { regionAround } from "./region.ts";
import type { Region } from "./region.ts";

/**
 * How a trial looks at what is known. `whole`: a model of everything. `near`: one of what lies nearest to the best, which
 * looks only there and closes in on it. `bold`: the whole, but doubtful of what it has learned of the variables' relevance
 * and not content with the smallest improvement: without it a search believes in one basin for ever.
 */
type View = "whole" | "near" | "bold";

/** Two looks at the whole, one from near, one bold, and again. Where no number is, there is nothing to close in on. */
const views: readonly View[] = ["whole", "near", "whole", "bold"];
const viewsWithoutNumbers: readonly View[] = ["whole", "whole", "whole", "bold"];

/** What a bold look asks for, in standard deviations of the warped scores. */
const boldMargin = 0.1;

/** How many of the best candidates come from. */
const leaders = 10;

/** Where no more configurations are left each of them is judged. */
const mostJudged = 300;

export interface ProposalOptions {
  /** See `GpOptions`. */
  readonly costWeight: number;
}

/**
 * The untried configuration with the highest expected improvement, in the view whose turn it is; `undefined` where nothing
 * has a score. The hyperparameters start from those in the newest note and are noted again.
 */
export function proposalOf(state: SearchState, next: NextTrial, options: ProposalOptions): Proposed | undefined {
  const { space, trials } = state;
  const hasNumbers = featuresOf(space).columns.some(({ kind }) => kind === "number");
  const turns = hasNumbers ? views : viewsWithoutNumbers;
  const view = turns[trials.length % turns.length] as View;
  const { told, pending } = measurementsOf(state);
  const before = newestModel(state, "model");
  const near = view === "near" ? nearest(space, told, before) : undefined;
  const model =
    near === undefined
      ? modelOf(space, { told, pending }, { before, isDoubtful: view === "bold" })
      : modelOf(space, { told: near, pending }, { before: newestModel(state, "near"), isAlwaysFitted: true });
  if (model === undefined) return undefined;
  const configuration = mostPromising(state, next, {
    model,
    margin: view === "bold" ? boldMargin : 0,
    region: near === undefined ? undefined : regionAround(space, near),
    ...options,
  });
  if (configuration === undefined) return undefined;
  const note: JsonObject = { view, [view === "near" ? "near" : "model"]: model.note };
  return { configuration, note };
}

interface Look extends ProposalOptions {
  readonly model: Model;
  readonly margin: number;
  readonly region: Region | undefined;
}

function mostPromising(
  state: SearchState,
  next: NextTrial,
  { model, margin, region, costWeight }: Look,
): Configuration | undefined {
  const { space } = state;
  const [best] = leadersOf(model, 1);
  if (best === undefined) return undefined;
  const among = untriedConfigurations(space, { ...next, most: mostJudged });
  const logCost = costWeight === 0 ? undefined : costModelOf(space, state);
  const found = promisingConfigurations({
    space,
    moves: movesOf(space),
    posterior: model.posterior,
    best: model.posterior.mean(featuresOf(space).rowOf(best)) + margin,
    leaders: leadersOf(model, leaders),
    price: logCost === undefined ? undefined : (row) => costWeight * logCost(row),
    // Where every configuration is judged there is nothing to close in on.
    region: among === undefined ? region : undefined,
    among,
    rng: next.rng,
  });
  return found.find(({ configuration, promise }) => promise > -Infinity && next.isNew(configuration))?.configuration;
}
