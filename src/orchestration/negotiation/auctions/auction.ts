import { describe, UsageError } from "#foundation";
import type { NotNegotiated } from "../negotiation.ts";
import { checkAmount } from "./money.ts";
import type { TieRule } from "./tie-rule.ts";

/** What holds in an auction of one item, fixed before it opens. Money is whole numbers of the smallest unit. */
export type AuctionRules = SealedRules | EnglishRules | DutchRules;

interface CommonRules {
  /** Which auction it is: a commitment holds for it alone. */
  readonly id: string;
  /** Not sold for less; 0 unless told. */
  readonly reserve?: number;
  /** The earlier one unless told. */
  readonly ties?: TieRule;
}

/** Bids that nobody sees: the highest wins and pays itself (`first_price`) or the second one (`second_price`). */
export interface SealedRules extends CommonRules {
  readonly format: "first_price" | "second_price";
  /**
   * Bids come as commitments and are told when all are there (`bidCommitment`): neither the auctioneer nor a bidder can
   * fit a bid to the others'. A bid that is not revealed, or not as committed, is void.
   */
  readonly isCommitted?: boolean;
}

/**
 * The price rises from the reserve by increments while two or more stay. Who has left does not come back. The last one
 * pays the price at which they alone stayed; when the last ones leave together, one of them pays the price before.
 */
export interface EnglishRules extends CommonRules {
  readonly format: "english";
  /** 1 unless told. */
  readonly increment?: number;
  /** Rounds after which those who still stay are equals; no limit unless told. */
  readonly maxRounds?: number;
}

/** The price falls from `start` by decrements to the reserve; the first who takes it pays it. */
export interface DutchRules extends CommonRules {
  readonly format: "dutch";
  readonly start: number;
  /** 1 unless told. */
  readonly decrement?: number;
}

/** What an auction came to. */
export type AuctionResult = AuctionSold | NotNegotiated;

export interface AuctionSold {
  readonly ok: true;
  readonly winner: string;
  readonly price: number;
  /** What every bidder pays: the winner the price, the others 0. */
  readonly payments: Readonly<Record<string, number>>;
  /** What was said and does not count. */
  readonly rejected: readonly Rejection[];
}

export interface Rejection {
  readonly bidder: string;
  readonly reason: string;
}

/** The rules with everything said, checked: `UsageError` for what is no rule. */
export function checkRules(rules: AuctionRules): AuctionRules {
  const where = `auction ${describe(rules.id)}`;
  if (typeof rules.id !== "string" || rules.id === "")
    throw new UsageError(`auction.id: expected a text that is not empty, got ${describe(rules.id)}`);
  const reserve = checkAmount(rules.reserve ?? 0, `${where}.reserve`);
  if (rules.format === "english") {
    const increment = checkAmount(rules.increment ?? 1, `${where}.increment`, 1);
    const rounds = checkAmount(rules.maxRounds ?? 1, `${where}.maxRounds`, 1);
    checkAmount(reserve + increment * (rounds - 1), `${where}: the price of the last round`);
  } else if (rules.format === "dutch") {
    checkAmount(rules.start, `${where}.start`, reserve);
    checkAmount(rules.decrement ?? 1, `${where}.decrement`, 1);
  } else if (rules.format !== "first_price" && rules.format !== "second_price") {
    const { format } = rules as { readonly format: unknown };
    throw new UsageError(
      `${where}.format: expected first_price, second_price, english or dutch, got ${describe(format)}`,
    );
  }
  return rules;
}
