import { mapConcurrently, UsageError } from "#foundation";
import { addUsage, noUsage } from "../language-model.ts";
import type { Usage } from "../language-model.ts";
import type { Context, HistoryEntry, InnerResult, InnerRunOptions, InnerStage, StageCall, Values } from "../module.ts";
import { ProgramError } from "../program-error.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";

/** What is common to the modules that have one stage try several times. */
export const attemptDefaults = { n: 3, maxN: 100, concurrency: 4 } as const;

/** What became of one attempt. A failure is none of the stage's while another attempt succeeds. */
export type Attempt =
  | { readonly ok: true; readonly outputs: Values; readonly signed: Values; readonly result: InnerResult }
  | { readonly ok: false; readonly error: unknown };

/** The one stage inside. Throws `UsageError` where there is none or more than one. */
export function attemptedStage({ id, stages = [] }: StageCall): InnerStage {
  const [inner] = stages;
  if (inner !== undefined && stages.length === 1) return inner;
  throw new UsageError(`stage ${id}: expected one stage inside it, got ${stages.length}`);
}

/**
 * How the attempt of this number differs: an independent answer, other than those of any other execution, drawn at
 * temperature 1 unless the configuration says another. A single attempt is as the stage alone would be.
 */
export function attemptOptions({ rollout }: StageCall, index: number, n: number): InnerRunOptions {
  const defaults = n === 1 ? undefined : { temperature: 1 };
  return { rollout: rollout * n + index, defaults, tellsPartial: false };
}

/** Runs one attempt. Rejects for misuse and when the call is aborted. */
export async function attemptOnce(
  inner: InnerStage,
  context: Context,
  options: InnerRunOptions & { readonly signal: AbortSignal | undefined },
): Promise<Attempt> {
  try {
    const result = await inner.run(context, options);
    const names = new Set(inner.signature.outputs.map(({ name }) => name));
    const signed = Object.fromEntries(Object.entries(result.outputs).filter(([name]) => names.has(name)));
    return { ok: true, outputs: result.outputs, signed, result };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof UsageError) throw error;
    return { ok: false, error };
  }
}

/** Runs `n` attempts, some at once, and gives them in their order. */
export async function attemptAll(
  context: Context,
  stage: StageCall,
  { n, concurrency }: { readonly n: number; readonly concurrency: number },
): Promise<readonly Attempt[]> {
  const inner = attemptedStage(stage);
  const { signal } = stage;
  const one = (index: number): Promise<Attempt> =>
    attemptOnce(inner, context, { ...attemptOptions(stage, index, n), signal });
  const attempts: Attempt[] = [];
  const numbers = Array.from({ length: n }, (_, index) => index);
  for await (const attempt of mapConcurrently(numbers, one, { concurrency, ordered: true, signal }))
    attempts.push(attempt);
  return attempts;
}

/** The entries of all attempts that succeeded. What the failed ones spent is in `failedUsage`. */
export function attemptHistory(attempts: readonly Attempt[]): readonly HistoryEntry[] {
  return attempts.flatMap((attempt) => (attempt.ok ? attempt.result.history : []));
}

export function failedUsage(attempts: readonly Attempt[]): Usage {
  return attempts.reduce((total, attempt) => addUsage(total, attempt.ok ? noUsage : usageOf(attempt.error)), noUsage);
}

/** The first failure, with the spending of all attempts: for a stage none of whose attempts gave anything. */
export function failureOf(attempts: readonly Attempt[]): unknown {
  const failed = attempts.flatMap((attempt) => (attempt.ok ? [] : [attempt.error]));
  const [first, ...others] = failed;
  return new FailedAfterSpending(first, others.map(usageOf).reduce(addUsage, noUsage));
}

/** What the attempts cost together, to be told with a failure of something else. */
export function attemptsUsage(attempts: readonly Attempt[]): Usage {
  return attempts.reduce(
    (total, attempt) => addUsage(total, attempt.ok ? attempt.result.usage : usageOf(attempt.error)),
    noUsage,
  );
}

function usageOf(error: unknown): Usage {
  return error instanceof ProgramError ? error.usage : noUsage;
}
