import { mutationStrategies } from "./mutation-strategy.ts";
import type { MutationStrategy } from "./mutation-strategy.ts";
import { gainOver } from "./simba-state.ts";
import type { Member } from "./simba-state.ts";

/** How likely each strategy is to be chosen, relative to the others. */
export type Credits = Readonly<Record<MutationStrategy, number>>;

/** What every strategy keeps however rarely it helps: late gains of one often need another first. */
const leastCredit = 0.3;

/**
 * Per strategy how often it led to a child better than its parent on the same examples, of how often it was tried
 * (the mean of a Beta(1, 1) prior after those trials), above a least credit.
 */
export function creditsOf(pool: readonly Member[]): Credits {
  const credits = mutationStrategies.map((strategy) => {
    const gains = pool.flatMap((member) => {
      const parent = member.origin?.strategy === strategy ? pool[member.origin.parent] : undefined;
      return (parent && gainOver(parent, member)) ?? [];
    });
    const helped = gains.filter((gain) => gain > 0).length;
    return [strategy, leastCredit + (helped + 1) / (gains.length + 2)] as const;
  });
  return Object.fromEntries(credits) as Record<MutationStrategy, number>;
}
