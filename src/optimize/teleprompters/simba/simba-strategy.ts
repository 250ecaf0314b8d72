import { describe, UsageError } from "#foundation";
import { mean } from "#programs";
import { pairedScores } from "../../racing/paired-scores.ts";
import { scoresOn } from "../pool/member.ts";
import type { Member } from "../pool/member.ts";

/** How a child is made: see `simba`. */
export type SimbaStrategy =
  | "append_a_rule"
  | "append_a_demo"
  | "combine_two"
  | "edit_a_rule"
  | "drop_a_rule"
  | "move_values";

/** In the order in which they are tried first. */
export const simbaStrategies: readonly SimbaStrategy[] = [
  "append_a_rule",
  "append_a_demo",
  "combine_two",
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

/** The share of the usual gain that every strategy keeps however rarely it helps: late gains of one need another first. */
const leastCredit = 0.2;

/** How many children each strategy could not make, because what was asked for came to nothing. */
export type BarrenTurns = { readonly [Strategy in SimbaStrategy]?: number };

/**
 * How likely each strategy is to be chosen, relative to the others: what it gained over the parents on the same examples
 * by child, a loss or no child at all being no gain, shrunken by one child towards what all strategies gained; above a
 * least credit.
 */
export function creditsOf(
  { pool, barren }: { readonly pool: readonly Member[]; readonly barren: BarrenTurns },
  strategies: readonly SimbaStrategy[],
): ReadonlyMap<SimbaStrategy, number> {
  const gains = strategies.map((strategy) =>
    pool
      .flatMap((member) => (member.origin.by === strategy ? (gainOverParent(pool, member) ?? []) : []))
      .map((gain) => Math.max(0, gain)),
  );
  const usual = mean(gains.flat()) || 1;
  return new Map(
    strategies.map((strategy, place) => {
      const own = gains[place] ?? [];
      const turns = own.length + (barren[strategy] ?? 0);
      const least = (leastCredit * usual) / (1 + turns - own.length);
      return [strategy, least + own.reduce((sum, gain) => sum + gain, usual) / (turns + 1)];
    }),
  );
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
