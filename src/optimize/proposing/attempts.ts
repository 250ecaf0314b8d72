import { mean } from "#programs";
import { pairedEstimate } from "../racing/paired-scores.ts";
import type { Scores } from "../racing/paired-scores.ts";
import { jsonTokensOf } from "./token-estimate.ts";

/** A text that was tried, with what is known of it. */
export type Attempt = {
  readonly instruction: string;
  readonly score: number;
  /** How many examples the score is the mean of. */
  readonly examples: number;
};

/** An estimate counts as much as the reference after so many examples. */
const priorExamples = 10;

/**
 * What the mean over all examples is likely to be of which some were measured: paired with the reference, then drawn towards
 * the reference's mean, the more the fewer examples there are. So a lucky few are no best attempt. `undefined` where
 * nothing is shared.
 */
export function shrunkenEstimate(scores: Scores, reference: Scores): number | undefined {
  const estimate = pairedEstimate(scores, reference);
  if (estimate === undefined) return undefined;
  const [count, all] = [Object.keys(scores).length, Object.keys(reference).length];
  if (count >= all) return estimate;
  const centre = mean(Object.values(reference));
  return centre + (estimate - centre) * (count / (count + priorExamples));
}

/** The best of the attempts that fit into the tokens, the best last; of equal texts the better known one. */
export function shownAttempts(attempts: readonly Attempt[], most: number, maxTokens: number): readonly Attempt[] {
  const byText = new Map<string, Attempt>();
  for (const attempt of attempts.toSorted((a, b) => b.examples - a.examples))
    if (!byText.has(attempt.instruction)) byText.set(attempt.instruction, attempt);
  let left = maxTokens;
  const chosen: Attempt[] = [];
  for (const attempt of [...byText.values()].toSorted((a, b) => b.score - a.score).slice(0, most)) {
    const tokens = jsonTokensOf(attempt);
    if (tokens > left) continue;
    left -= tokens;
    chosen.push({ ...attempt, score: Math.round(attempt.score * 1000) / 1000 });
  }
  return chosen.reverse();
}
