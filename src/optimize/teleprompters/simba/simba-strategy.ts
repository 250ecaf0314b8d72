import { describe, UsageError } from "#foundation";
import { mean } from "#programs";
import { pairedScores } from "../../racing/paired-scores.ts";
import { scoresOn } from "../pool/member.ts";
import type { Member } from "../pool/member.ts";

/** How a child is made: see `simba`. */
export type SimbaStrategy = "append_a_demo" | "append_a_rule" | "edit_a_rule" | "drop_a_rule" | "move_values";

export const simbaStrategies: readonly SimbaStrategy[] = [
  "append_a_demo",
  "append_a_rule",
  "edit_a_rule",
  "drop_a_rule",
  "move_values",
];

/** The strategies, each once. Throws `UsageError` for an unknown one and for none. */
export function checkSimbaStrategies(strategies: unknown): readonly SimbaStrategy[] {
  const known: readonly unknown[] = simbaStrategies;
  if (!Array.isArray(strategies) || strategies.length === 0 || !strategies.every((each) => known.includes(each)))
    throw new UsageError(
      `simba.strategies: expected some of ${simbaStrategies.join(", ")}, got ${describe(strategies)}`,
    );
  return [...new Set(strategies as readonly SimbaStrategy[])];
}

/** What every strategy keeps however rarely it helps: late gains of one often need another first. */
const leastCredit = 0.3;

/**
 * How likely a strategy is to be chosen, relative to the others: how often it led to a child better than its parent on
 * the same examples, of how often it was tried (the mean of a Beta(1, 1) prior after those trials), above a least credit.
 */
export function creditOf(pool: readonly Member[], strategy: SimbaStrategy): number {
  const gains = pool.flatMap((member) => (member.origin.by === strategy ? (gainOverParent(pool, member) ?? []) : []));
  const helped = gains.filter((gain) => gain > 0).length;
  return leastCredit + (helped + 1) / (gains.length + 2);
}

export function gainOverParent(pool: readonly Member[], member: Member): number | undefined {
  const parent = pool[member.origin.parents[0] ?? -1];
  return parent && gainOver(parent, member);
}

/** The mean difference on the training examples on which both have a score; `undefined` when there are none. */
function gainOver(other: Member, member: Member): number | undefined {
  const [own, theirs] = pairedScores(scoresOn(member, "train"), scoresOn(other, "train"));
  return own.length === 0 ? undefined : mean(own) - mean(theirs);
}
