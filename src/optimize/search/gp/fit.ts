import { negativeEvidence } from "./evidence.ts";
import type { Sample } from "./evidence.ts";
import type { Column } from "./features.ts";
import { priorMeans } from "./hyperparameters.ts";
import type { Hyperparameters, Prior } from "./hyperparameters.ts";
import { minimize } from "./lbfgs.ts";

export interface FitOptions {
  readonly priors: readonly Prior[];
  /** Hyperparameters that fitted less data. */
  readonly warm?: Hyperparameters | undefined;
}

const coldSteps = 25;
const warmSteps = 8;

/** The most likely hyperparameters of a sample: from those before a few steps on, from the priors' means many. */
export function fitted(features: readonly Column[], sample: Sample, { priors, warm }: FitOptions): Hyperparameters {
  const slope = negativeEvidence(features, sample, priors);
  const [low, high] = [priors.map((prior) => prior.low), priors.map((prior) => prior.high)];
  const box = { low: Float64Array.from(low), high: Float64Array.from(high) };
  const start = warm ?? priorMeans(priors);
  return minimize(slope, { start, ...box, steps: warm === undefined ? coldSteps : warmSteps }).point;
}
