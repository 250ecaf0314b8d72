import { describe, isPlainObject, UsageError } from "#foundation";
import type { StageCall, Values } from "../module.ts";
import { attemptsUsage } from "./attempts.ts";
import type { Attempt } from "./attempts.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";

/** How good outputs are; more is better. A feedback says in words what would be better. */
export type AttemptScore = number | { readonly score: number; readonly feedback?: string | undefined };

/** Scores an attempt by the outputs of its stage's signature and what came before. It may be asked for some at once. */
export type ScoreAttempt = (
  outputs: Values,
  inputs: Values,
  call: { readonly signal: AbortSignal | undefined },
) => AttemptScore | Promise<AttemptScore>;

/** An attempt that succeeded, with its score. */
export interface ScoredAttempt {
  readonly attempt: Extract<Attempt, { ok: true }>;
  readonly score: number;
  readonly feedback: string;
}

export function checkScore(what: string, score: unknown): void {
  if (typeof score !== "function")
    throw new UsageError(`${what}.score: expected a function of outputs and inputs, got ${describe(score)}`);
}

/**
 * The score of one of the attempts made so far. Throws `UsageError` for what is no score; what the function throws is
 * the stage's failure, with the spending of all attempts.
 */
export async function scored(
  score: ScoreAttempt,
  attempt: ScoredAttempt["attempt"],
  { inputs, stage, made }: { readonly inputs: Values; readonly stage: StageCall; readonly made: readonly Attempt[] },
): Promise<ScoredAttempt> {
  let given: AttemptScore;
  try {
    given = await score(attempt.signed, inputs, { signal: stage.signal });
  } catch (cause) {
    throw new FailedAfterSpending(cause, attemptsUsage(made));
  }
  const { score: value, feedback = "" } = isPlainObject(given) ? given : { score: given };
  if (typeof value === "number" && Number.isFinite(value)) return { attempt, score: value, feedback };
  throw new UsageError(`stage ${stage.id}: expected a number as its score, got ${describe(given)}`);
}

/** The best one; of equal ones the first. */
export function bestOf(attempts: readonly ScoredAttempt[]): ScoredAttempt | undefined {
  return attempts.reduce<ScoredAttempt | undefined>(
    (best, each) => (best === undefined || each.score > best.score ? each : best),
    undefined,
  );
}
