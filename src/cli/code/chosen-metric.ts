import { UsageError } from "#foundation";
import { exactMatch } from "#programs";
import type { Example, Metric, Signature } from "#programs";

/** A metric with what a person should know of it. */
export interface ChosenMetric {
  readonly metric: Metric;
  readonly note: string;
}

/** The metric that the file exports, else the exact match of every expected output. `data` names the examples. */
export function chooseMetric(
  {
    file,
    exported,
    signature,
  }: { readonly file: string; readonly exported: Metric | undefined; readonly signature: Signature },
  examples: readonly Example[],
  data: string,
): ChosenMetric {
  if (exported !== undefined) return { metric: exported, note: exportedNote(file, exported, examples, data) };
  return { metric: defaultMetric(signature, examples, data), note: defaultNote(file, signature, examples, data) };
}

/** A metric that looks at an output which no example expects finds everything wrong. */
function exportedNote(file: string, { outputs = [] }: Metric, examples: readonly Example[], data: string): string {
  const note = `scored by the metric that ${file} exports`;
  const lacking = outputs.filter((name) => examples.every(({ expected }) => !Object.hasOwn(expected, name)));
  return lacking.length === 0 ? note : `${note}; it looks at ${lacking.join(", ")}, and no example in ${data} has that`;
}

/**
 * For files without a metric: every expected output must be hit exactly. Throws `UsageError` when an example expects
 * nothing.
 */
function defaultMetric({ outputs }: Signature, examples: readonly Example[], data: string): Metric {
  const bare = examples.filter(({ expected }) => Object.keys(expected).length === 0).length;
  if (bare === 0) return exactMatch();
  const names = outputs.map(({ name }) => name).join(", ");
  throw new UsageError(
    `${data}: ${bare} of ${examples.length} examples expect nothing to compare with; ` +
      `give them ${names}, or export a metric from the program's file`,
  );
}

/** An output that the examples do not know is compared with nothing, which flatters. */
function defaultNote(file: string, { outputs }: Signature, examples: readonly Example[], data: string): string {
  const times = (name: string): number => examples.filter(({ expected }) => Object.hasOwn(expected, name)).length;
  const compared = outputs.filter(({ name }) => times(name) > 0).map(({ name }) => name);
  const lacking = outputs
    .filter(({ name }) => times(name) < examples.length)
    .map((output) => {
      const count = examples.length - times(output.name);
      return count === examples.length
        ? `no example has ${output.name}`
        : `${count} of ${examples.length} examples have no ${output.name}`;
    });
  const exact = `${file} exports no metric: scored by the exact match of ${compared.join(", ")}`;
  return lacking.length === 0 ? exact : `${exact}; in ${data} ${lacking.join(" and ")}, which is not compared there`;
}
