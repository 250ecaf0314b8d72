import { count, shortened } from "../terminal/words.ts";

/** How many kinds of failure are shown; the rest is counted. */
const shown = 3;

/** Failures that say the same but for the example and the model's reply. */
export interface FailureKind {
  readonly count: number;
  /** What the first of them said in full, the start of the model's reply included. */
  readonly message: string;
}

/** The kinds of failure, the commonest first. */
export function failureKinds(messages: readonly string[]): FailureKind[] {
  const kinds = Map.groupBy(messages, kindOf);
  return [...kinds.values()]
    .map((all) => ({ count: all.length, message: all[0] ?? "" }))
    .toSorted((a, b) => b.count - a.count);
}

/** The commonest failures, a line each. */
export function commonestFailures(messages: readonly string[]): string[] {
  const kinds = failureKinds(messages);
  const rest = kinds.slice(shown).reduce((sum, kind) => sum + kind.count, 0);
  return [
    ...kinds.slice(0, shown).map((kind) => `  ${count(kind.count)} × ${shortened(kind.message, 240)}`),
    ...(rest > 0 ? [`  ${count(rest)} × something else`] : []),
  ];
}

function kindOf(message: string): string {
  return message
    .replace(/It said: .*$/s, "")
    .replaceAll(/\d+/g, "N")
    .replaceAll(/"[^"]*"/g, '"…"');
}
