import { notNegotiated } from "../negotiation.ts";
import { checkRules } from "./auction.ts";
import type { AuctionResult, AuctionRules, Rejection } from "./auction.ts";
import { dutchSale } from "./dutch-sale.ts";
import { englishSale } from "./english-sale.ts";
import { sealedSale } from "./sealed-sale.ts";
import { compareTied } from "./tie-rule.ts";
import type { Tied } from "./tie-rule.ts";

/** All that decides an auction, as JSON: who may bid, and what they did in the order in which it was taken down. */
export interface AuctionLog {
  readonly rules: AuctionRules;
  /** Nobody else's bids count. */
  readonly bidders: readonly string[];
  readonly entries: readonly AuctionEntry[];
}

/** Something that a bidder did. `at` is in milliseconds. */
export type AuctionEntry =
  /** A sealed bid. */
  | { readonly type: "bid"; readonly bidder: string; readonly amount: number; readonly at: number }
  | { readonly type: "commitment"; readonly bidder: string; readonly commitment: string; readonly at: number }
  /** Counts after the last commitment alone. */
  | {
      readonly type: "reveal";
      readonly bidder: string;
      readonly amount: number;
      readonly nonce: string;
      readonly at: number;
    }
  /** Did not stay at this price (English). */
  | { readonly type: "left"; readonly bidder: string; readonly price: number; readonly at: number }
  /** Takes it at this price (Dutch). */
  | { readonly type: "taken"; readonly bidder: string; readonly price: number; readonly at: number };

/** Whom a sale goes to. */
interface Sale extends Tied {
  readonly price: number;
}

/** What the entries of a log come to, by one format's rules. */
export interface SaleDecision {
  /** Those who are equal; the tie rule takes one. Empty: not sold. */
  readonly sales: readonly Sale[];
  /** Whether anyone bid at all. */
  readonly hasBids: boolean;
  readonly rejected: readonly Rejection[];
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
