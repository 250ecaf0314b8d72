import { notNegotiated } from "../negotiation.ts";
import { checkRules } from "./auction.ts";
import type { AuctionResult, AuctionRules } from "./auction.ts";
import type { AuctionEntry, SaleDecision } from "./auction-entry.ts";
import { dutchSale } from "./dutch-sale.ts";
import { englishSale } from "./english-sale.ts";
import { sealedSale } from "./sealed-sale.ts";
import { compareTied } from "./tie-rule.ts";

/** All that decides an auction, as JSON: who may bid, and what they did in the order in which it was taken down. */
export interface AuctionLog {
  readonly rules: AuctionRules;
  /** Nobody else's bids count. */
  readonly bidders: readonly string[];
  readonly entries: readonly AuctionEntry[];
}

/**
 * What an auction came to, from its log alone: the same log, the same result, on every machine. Entries of strangers and
 * entries that the rules do not know do not count and are named; the same entry twice counts once.
 */
export function replayAuction({ rules, bidders, entries }: AuctionLog): AuctionResult {
  const { reserve = 0, ties = { by: "time" } } = checkRules(rules);
  const known = new Set(bidders);
  const strangers = entries.filter(({ bidder }) => !known.has(bidder));
  const heard = entries.filter(({ bidder }) => known.has(bidder));
  const { sales, hasBids, rejected: refused } = decisionOf(rules, [...known], heard);
  const rejected = [...strangers.map(({ bidder }) => ({ bidder, reason: "takes no part" })), ...refused];
  const [sold] = sales.toSorted((a, b) => compareTied(ties, a, b));
  if (sold === undefined) {
    const told = rejected.map(({ bidder, reason }) => `; ${bidder}: ${reason}`).join("");
    return hasBids
      ? notNegotiated("below_reserve", `no bid reaches the reserve of ${reserve}${told}`)
      : notNegotiated("no_bids", `nobody bid${told}`);
  }
  const { bidder: winner, price } = sold;
  const payments = Object.fromEntries([...known].map((bidder) => [bidder, bidder === winner ? price : 0]));
  return { ok: true, winner, price, payments, rejected };
}

function decisionOf(rules: AuctionRules, bidders: readonly string[], entries: readonly AuctionEntry[]): SaleDecision {
  if (rules.format === "english") return englishSale(rules, bidders, entries);
  if (rules.format === "dutch") return dutchSale(rules, entries);
  return sealedSale(rules, entries);
}
