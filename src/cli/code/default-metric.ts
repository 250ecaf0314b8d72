import { UsageError } from "#foundation";
import { exactMatch } from "#programs";
import type { Example, Metric, Signature } from "#programs";

/**
 * For files without a metric: every expected output must be hit exactly. Throws `UsageError` when an example expects
 * nothing.
 */
export function defaultMetric({ outputs }: Signature, examples: readonly Example[], file: string): Metric {
  const bare = examples.filter(({ expected }) => Object.keys(expected).length === 0).length;
  if (bare === 0) return exactMatch();
  const names = outputs.map(({ name }) => name).join(", ");
  throw new UsageError(
    `${file}: ${bare} of ${examples.length} examples expect nothing to compare with; ` +
      `give them ${names}, or export a metric from the program's file`,
  );
}
