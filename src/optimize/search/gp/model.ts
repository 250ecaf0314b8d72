import type { Json } from "#foundation";
import type { Configuration, Space } from "#variables";
import type { SearchState } from "../search-state.ts";
import { partsOf } from "./evidence.ts";
import type { Sample } from "./evidence.ts";
import { featuresOf } from "./features.ts";
import type { Features } from "./features.ts";
import { fitted } from "./fit.ts";
import { doubted, noted, priorMeans, priorsOf, readNoted, readNotedModel } from "./hyperparameters.ts";
import type { Hyperparameters, NotedModel } from "./hyperparameters.ts";
import { columnsOf, sumApart } from "./kernel.ts";
import type { Measurement, Measurements } from "./measurements.ts";
import { newestNote } from "./newest-note.ts";
import { posteriorOf } from "./posterior.ts";
import type { Posterior } from "./posterior.ts";
import { lossesOf } from "./target-warp.ts";

/** What a Gaussian process knows of a search. */
export interface Model {
  readonly posterior: Posterior;
  /** What it was made of, the highest posterior mean first. */
  readonly ranked: readonly Ranked[];
  /** The variance of one measurement, where that of the scores is 1. */
  readonly noise: number;
  /** To be noted with the next trial, so that the next model starts from this one. */
  readonly note: { readonly fit: Json; readonly fitted: number };
}

interface Ranked extends Measurement {
  /** The posterior mean. */
  readonly mean: number;
}

/**
 * How many configurations a model is made of, how many its hyperparameters, and how many of those that are out it knows of,
 * the newest: an ask costs no more after thousands.
 */
const maxPoints = 200;
const maxFitted = 200;
const maxPending = 100;

/** From so many variables on fewer configurations are fitted to: a step costs as much for hundreds of variables. */
const manyColumns = 30;
const leastFitted = 40;

/** Of the points of a model so many are the best measured, the others those nearest to the very best. */
const bestPoints = 60;

/** How many points a local model has. */
const nearBase = 15;
const nearPerColumn = 5;

/** Hyperparameters are fitted anew when so much more has been told, as a share. */
const refitShare = 1 / 20;

export interface ModelOptions {
  /** An earlier model of this search. */
  readonly before: NotedModel | undefined;
  /** Whether the hyperparameters are fitted in any case. */
  readonly isAlwaysFitted?: boolean;
  /** Whether it doubts what was learned of the variables' relevance. */
  readonly isDoubtful?: boolean;
  /** The variance of one measurement, where that of the scores is 1, if something is known of it. */
  readonly noise?: number | undefined;
}

/** The newest model noted with the trials of a search: of the whole, or of what lies near the best. */
export function newestModel(state: SearchState, field: "model" | "near"): NotedModel | undefined {
  const priors = priorsOf(featuresOf(state.space).columns);
  return newestNote(state, field, (json) => readNotedModel(json, priors));
}

/** The model of what was measured; `undefined` where nothing has a score. */
export function modelOf(
  space: Space,
  { told, pending }: Measurements,
  { before, isAlwaysFitted = false, isDoubtful = false, noise: likelyNoise }: ModelOptions,
): Model | undefined {
  if (!told.some(({ worth }) => worth !== undefined)) return undefined;
  const features = featuresOf(space);
  const priors = priorsOf(features.columns, likelyNoise);
  const { hyperparameters: warm, fitted: fittedBefore = 0 } = before ?? {};
  const points = nearPoints(features, told, {
    hyperparameters: warm ?? priorMeans(priors),
    count: maxPoints,
    best: bestPoints,
  });
  const isDue =
    isAlwaysFitted ||
    warm === undefined ||
    told.length < fittedBefore ||
    told.length - fittedBefore >= Math.max(1, refitShare * fittedBefore);
  const fitPoints = isDue ? fewPoints(points, features.columns.length) : [];
  const hyperparameters = isDue
    ? fitted(features.columns, sampleOf(features, fitPoints), { priors, warm })
    : (warm ?? priorMeans(priors));
  // As it will be read again: this ask's model and the next one's are made of the same digits.
  const kept = readNoted(noted(hyperparameters), priors) as Hyperparameters;
  const used = isDoubtful ? doubted(kept, priors) : kept;
  const sample = sampleOf(features, points);
  const rows = pending.slice(-maxPending).map((configuration) => features.rowOf(configuration));
  const posterior = posteriorOf(features.columns, { sample, pending: rows, hyperparameters: used });
  if (posterior === undefined) return undefined;
  const ranked = points
    .map((point) => ({ ...point, mean: posterior.mean(features.rowOf(point.configuration)) }))
    .sort((one, other) => other.mean - one.mean);
  const { noise } = partsOf(used, features.columns.length);
  return { posterior, ranked, noise, note: { fit: noted(kept), fitted: isDue ? told.length : fittedBefore } };
}

interface Near {
  /** By whose weights something is near. */
  readonly hyperparameters: Hyperparameters;
  readonly count: number;
  /** How many of them are the best measured, wherever they lie. */
  readonly best: number;
}

/** All, or so many: the best and those nearest to the very best. */
function nearPoints(
  features: Features,
  told: readonly Measurement[],
  { hyperparameters, count, best }: Near,
): readonly Measurement[] {
  if (told.length <= count) return told;
  const byWorth = told.toSorted((one, other) => (other.worth ?? -Infinity) - (one.worth ?? -Infinity));
  const chosen = new Set(byWorth.slice(0, best));
  const weights = hyperparameters.subarray(0, features.columns.length).map(Math.exp);
  const others = columnsOf(
    features.columns,
    told.map(({ configuration }) => features.rowOf(configuration)),
  );
  const sums = { squares: new Float64Array(told.length), differences: new Float64Array(told.length) };
  const row = features.rowOf((byWorth[0] as Measurement).configuration);
  sumApart(features.columns, { weights, signal: 1 }, { row, others, count: told.length, sums });
  const far = sums.squares.map((square, at) => Math.sqrt(square) + (sums.differences[at] as number));
  const nearest = Uint32Array.from(told.keys()).sort((a, b) => (far[a] as number) - (far[b] as number) || a - b);
  for (const at of nearest) {
    if (chosen.size === count) break;
    chosen.add(told[at] as Measurement);
  }
  return told.filter((measurement) => chosen.has(measurement));
}

/** What was measured nearest to the best, as the weights of an earlier model tell. */
export function nearest(
  space: Space,
  told: readonly Measurement[],
  before: NotedModel | undefined,
): readonly Measurement[] {
  const features = featuresOf(space);
  const hyperparameters = before?.hyperparameters ?? priorMeans(priorsOf(features.columns));
  const count = Math.min(maxPoints, nearBase + nearPerColumn * features.columns.length);
  return nearPoints(features, told, { hyperparameters, count, best: 1 });
}

/** All, or the best half and of the others those evenly over their ages. */
function fewPoints(points: readonly Measurement[], columns: number): readonly Measurement[] {
  const share = Math.min(1, Math.sqrt(manyColumns / columns));
  const half = Math.round(Math.max(leastFitted, maxFitted * share) / 2);
  if (points.length <= 2 * half) return points;
  const byWorth = points.toSorted((one, other) => (other.worth ?? -Infinity) - (one.worth ?? -Infinity));
  const chosen = new Set(byWorth.slice(0, half));
  const others = points.filter((point) => !chosen.has(point));
  for (let at = 0; at < half; at++) chosen.add(others[Math.floor((at * others.length) / half)] as Measurement);
  return points.filter((point) => chosen.has(point));
}

/** What failed counts as bad as the worst that did not. */
function sampleOf(features: Features, points: readonly Measurement[]): Sample {
  const scored = points.flatMap(({ worth }) => (worth === undefined ? [] : [worth]));
  const worst = Math.min(...scored);
  return {
    columns: columnsOf(
      features.columns,
      points.map(({ configuration }) => features.rowOf(configuration)),
    ),
    losses: lossesOf(Float64Array.from(points, ({ worth = worst }) => worth)),
    repeats: Float64Array.from(points, ({ repeats }) => repeats),
  };
}

/** The configurations that are worth changing a little, the best first. */
export function leadersOf({ ranked }: Model, count: number): readonly Configuration[] {
  return ranked
    .filter(({ worth }) => worth !== undefined)
    .slice(0, count)
    .map(({ configuration }) => configuration);
}
