import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { Column } from "./features.ts";

/** What the data say about the model, as logs: a weight per column, then the signal, the noise and the bend of the scores. */
export type Hyperparameters = Float64Array;

/** A normal density of a log, cut where nothing sensible lies. */
export interface Prior {
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

const signal: Prior = { mean: 0, deviation: 1, low: Math.log(0.05), high: Math.log(50) };
const noise: Prior = { mean: Math.log(1e-3), deviation: 2.5, low: Math.log(1e-7), high: Math.log(1) };
const bend: Prior = { mean: Math.log(3), deviation: 2.5, low: Math.log(1e-5), high: Math.log(1e3) };
const mismatch: Prior = { mean: Math.log(0.25), deviation: 1, low: Math.log(0.005), high: Math.log(10) };

/** The more numbers, the longer each of them reaches: as the diagonal of the cube (Hvarfner et al. 2024). */
function reach(numbers: number): Prior {
  return { mean: Math.log(3 / Math.sqrt(numbers)), deviation: 1.2, low: Math.log(0.02), high: Math.log(50) };
}

/** The priors of a space's hyperparameters, in their order; narrow about the noise where that is known. */
export function priorsOf(columns: readonly Column[], likelyNoise?: number): readonly Prior[] {
  const numbers = columns.filter(({ kind }) => kind === "number").length;
  const weights = columns.map(({ kind }) => (kind === "number" ? reach(numbers) : mismatch));
  return [...weights, signal, likelyNoise === undefined ? noise : around(likelyNoise), bend];
}

function around(likelyNoise: number): Prior {
  const { low, high } = noise;
  return { mean: Math.min(high, Math.max(low, Math.log(likelyNoise))), deviation: 0.5, low, high };
}

/** Their most likely values before anything was measured. */
export function priorMeans(priors: readonly Prior[]): Hyperparameters {
  return Float64Array.from(priors, ({ mean }) => mean);
}

/** As they are noted with a trial: six digits are more than the data tell. */
export function noted(hyperparameters: Hyperparameters): Json {
  return Array.from(hyperparameters, (value) => Number(value.toPrecision(6)) + 0);
}

/** Six digits of a number at its bound may lie so far beyond it. */
const rounding = 1e-3;

/** As they were noted; `undefined` where that is not one of this space's. */
export function readNoted(json: Json | undefined, priors: readonly Prior[]): Hyperparameters | undefined {
  if (!Array.isArray(json) || json.length !== priors.length) return undefined;
  const isOurs = priors.every(({ low, high }, at) => {
    const value: unknown = json[at];
    return typeof value === "number" && value >= low - rounding && value <= high + rounding;
  });
  return isOurs ? Float64Array.from(json as readonly number[]) : undefined;
}

/** What an earlier model of a search has noted. */
export interface NotedModel {
  readonly hyperparameters: Hyperparameters;
  /** How many configurations had been told when they were fitted. */
  readonly fitted: number;
}

/** As it was noted; `undefined` where that is not one of this space's. */
export function readNotedModel(json: Json, priors: readonly Prior[]): NotedModel | undefined {
  if (!isPlainObject(json)) return undefined;
  const { fit, fitted } = json as { readonly fit?: Json; readonly fitted?: Json };
  const hyperparameters = readNoted(fit, priors);
  if (hyperparameters === undefined || !Number.isInteger(fitted) || Number(fitted) < 0) return undefined;
  return { hyperparameters, fitted: Number(fitted) };
}

/** The weights pulled half-way to what was believed of them before: what few data call irrelevant may not be. */
export function doubted(hyperparameters: Hyperparameters, priors: readonly Prior[]): Hyperparameters {
  const weights = priors.length - 3;
  return hyperparameters.map((value, at) => (at < weights ? (value + (priors[at] as Prior).mean) / 2 : value));
}
