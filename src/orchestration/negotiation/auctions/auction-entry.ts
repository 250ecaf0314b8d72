import type { Rejection } from "./auction.ts";
import type { Tied } from "./tie-rule.ts";

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
