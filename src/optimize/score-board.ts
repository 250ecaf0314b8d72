import { mean, scoreOf } from "#programs";
import type { Configuration } from "#variables";
import type { EvaluateWork, ExampleResult, Incumbent } from "./teleprompter.ts";

/** A candidate measured on validation examples. */
export interface Measured {
  readonly work: string;
  readonly purpose: string;
  readonly configuration: Configuration;
  /** The score on each example that counted, by its place. */
  readonly scores: Readonly<Record<number, number>>;
}

/** What an evaluation came to. */
export function measured(work: EvaluateWork, results: readonly ExampleResult[]): Measured {
  const scores: Record<number, number> = {};
  for (const result of results) {
    const score = scoreOf(result);
    if (score !== undefined) scores[result.index] = score;
  }
  return { work: work.id, purpose: work.purpose, configuration: work.configuration, scores };
}

/** The mean of the scores; `undefined` when none counted. */
export function meanScore({ scores }: Measured): number | undefined {
  const counted = Object.values(scores);
  return counted.length === 0 ? undefined : mean(counted);
}

/**
 * The candidate with the highest mean; of equal ones the first, so that a baseline told first is only replaced by
 * something better.
 */
export function best(candidates: readonly Measured[]): Incumbent | undefined {
  let [incumbent, highest]: [Incumbent | undefined, number] = [undefined, -Infinity];
  for (const candidate of candidates) {
    const score = meanScore(candidate);
    if (score === undefined || (incumbent !== undefined && score <= highest)) continue;
    highest = score;
    incumbent = { configuration: candidate.configuration, score, work: candidate.work };
  }
  return incumbent;
}
