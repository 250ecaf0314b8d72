import { canonicalJson, describe, UsageError } from "#foundation";
import { mean } from "#programs";
import { settleConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { measuredConfigurations } from "../search/search-state.ts";
import type { SearchState } from "../search/search-state.ts";
import { columnsOf } from "./columns.ts";
import { effectsOf } from "./effects.ts";

/** How much of what a score depends on is one variable's. */
export interface VariableImportance {
  readonly variable: string;
  /** From 0 to 1; all together are 1, or 0 where nothing matters. */
  readonly share: number;
}

/** A configuration with what was measured of it. */
export interface ScoredConfiguration {
  readonly configuration: Configuration;
  readonly score: number;
}

export interface ImportanceOptions {
  /** Of a search with objectives: for which one. */
  readonly objective?: string;
}

/** With fewer configurations nothing can be told. */
export const leastConfigurations = 10;

/** More configurations than these say little more and cost seconds. */
const mostConfigurations = 500;

/**
 * Which variables the score of a search depends on. Throws `UsageError` as `variableImportance` does, and for an
 * objective that the search does not have.
 */
export function importance(state: SearchState, { objective }: ImportanceOptions = {}): readonly VariableImportance[] {
  const names = Object.keys(state.objectives ?? {});
  if (objective === undefined ? names.length > 0 : !names.includes(objective))
    throw new UsageError(
      `importance.objective: expected ${names.length === 0 ? "none, since the search has one score" : names.join(" or ")}, got ${describe(objective)}`,
    );
  const measured = measuredConfigurations(state).map(({ trial, values }) => ({
    configuration: trial.configuration,
    score: values[objective ?? "score"] ?? Number.NaN,
  }));
  return variableImportance(measured, state.space);
}

/**
 * Which variables a score depends on, the most important first; computed ones, which follow from others, are left out.
 *
 * Regression trees are grown on samples of the configurations; then the values of one variable are shuffled among the
 * configurations in which it is active, and its effect is by how much that worsens what trees say of configurations
 * they were not grown on (Breiman 2001, §10). An interaction counts for each of its variables. Where another value of a
 * variable would make others active or not, these come with it: a branch matters with what is in it, and a conditional
 * variable as much as it does where it is active, times how often that is. An effect within two standard errors of 0 is
 * none, and there are none where trees know no better than the mean: inert variables have no share, and neither have
 * weak ones as long as few configurations were measured.
 *
 * The shares speak of the configurations that were measured: a variable that a search has settled has little left to
 * vary. They are deterministic and do not depend on the order of the configurations. What was measured more than once
 * counts with its mean; of more than 500 configurations as many are looked at. Throws `UsageError` for fewer than ten
 * and for a score that is not finite.
 */
export function variableImportance(
  measurements: readonly ScoredConfiguration[],
  space: Space,
): readonly VariableImportance[] {
  const known = distinct(measurements, space);
  const variables = columnsOf(
    space,
    known.map(({ configuration }) => configuration),
  );
  const effects = effectsOf(variables, standardized(known.map(({ score }) => score)), space.when);
  const total = effects.reduce((sum, effect) => sum + effect, 0);
  return variables
    .map(({ name }, at) => ({ variable: name, share: total === 0 ? 0 : (effects[at] as number) / total }))
    .toSorted((a, b) => b.share - a.share);
}

/** Each configuration once with its mean score, in an order of their own. */
function distinct(measurements: readonly ScoredConfiguration[], space: Space): readonly ScoredConfiguration[] {
  const scores = new Map<string, { readonly configuration: Configuration; readonly scores: number[] }>();
  for (const [place, { configuration, score }] of measurements.entries()) {
    if (!Number.isFinite(score))
      throw new UsageError(`importance, configuration ${place}: expected a finite score, got ${describe(score)}`);
    const settled = settleConfiguration(space, configuration);
    const key = canonicalJson(settled);
    const before = scores.get(key) ?? { configuration: settled, scores: [] };
    before.scores.push(score);
    scores.set(key, before);
  }
  if (scores.size < leastConfigurations)
    throw new UsageError(
      `importance: expected at least ${leastConfigurations} different configurations with a score, got ${scores.size}`,
    );
  const stratum = (place: number): number => Math.floor((place * mostConfigurations) / scores.size);
  return [...scores]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .filter((_, place) => scores.size <= mostConfigurations || stratum(place) < stratum(place + 1))
    .map(([, { configuration, scores: all }]) => ({ configuration, score: mean(all.toSorted((a, b) => a - b)) }));
}

/** With mean 0 and variance 1; all 0 where the scores do not differ by more than rounding. */
function standardized(scores: readonly number[]): Float64Array {
  // Scores of any size: squares of the largest ones would be infinite.
  const most = Math.max(Number.MIN_VALUE, ...scores.map(Math.abs));
  const scaled = scores.map((score) => score / most);
  const center = mean(scaled);
  const deviation = Math.sqrt(mean(scaled.map((score) => (score - center) ** 2)));
  return Float64Array.from(scaled, (score) => (deviation > 1e-12 ? (score - center) / deviation : 0));
}
