import { mean } from "#programs";
import { pairedEstimate, pairedScores } from "../../racing/paired-scores.ts";
import type { Scores } from "../../racing/paired-scores.ts";
import type { MiproState, Trial } from "./mipro-state.ts";

/** What a trial is worth on all examples, as far as is known. */
interface Estimate {
  readonly trial: Trial;
  /** The posterior mean and standard deviation of its mean over all examples. */
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Trials that were measured on different minibatches, made comparable: each is paired with how hard its examples are (the mean
 * of all that were measured on every example), then drawn towards the mean of all trials, the more its own measurement
 * could be luck (a random effect of the trial beside the effect of the example; Efron & Morris 1975). A trial that was
 * measured on all examples stays as it is. Trials without a score are left out.
 */
export function estimatesOf({ baseline, trials }: MiproState): readonly Estimate[] {
  if (baseline === undefined) return [];
  const level = levelOf([baseline.scores, ...trials.filter(({ isFull }) => isFull).map(({ scores }) => scores)]);
  const all = Object.keys(level).length;
  const raw = trials.flatMap((trial) => {
    const value = trial.isTold ? pairedEstimate(trial.scores, level) : undefined;
    if (value === undefined) return [];
    const [own, same] = pairedScores(trial.scores, level);
    return [{ trial, value, count: own.length, differences: own.map((score, at) => score - (same[at] as number)) }];
  });
  if (raw.length === 0) return [];
  const noise = mean(raw.map(({ differences }) => variance(differences)));
  const luck = (count: number): number => (noise / count) * Math.max(0, 1 - count / all);
  const centre = mean(raw.map(({ value }) => value));
  const spread = variance(raw.map(({ value }) => value)) - mean(raw.map(({ count }) => luck(count)));
  // Few trials tell little of how much they differ: a tenth of the noise of one example is the least.
  const between = Math.max(spread, noise / 10, 1e-9);
  return raw.map(({ trial, value, count }) => {
    const trust = between / (between + luck(count));
    return { trial, mean: centre + trust * (value - centre), deviation: Math.sqrt(trust * luck(count)) };
  });
}

/** How hard each example is: the mean of all that were measured on it. */
export function levelOf(measured: readonly Scores[]): Scores {
  const byExample = Map.groupBy(
    measured.flatMap((scores) => Object.entries(scores)),
    ([place]) => place,
  );
  return Object.fromEntries([...byExample].map(([place, entries]) => [place, mean(entries.map(([, score]) => score))]));
}

/** Of a sample; 0 of fewer than two. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
