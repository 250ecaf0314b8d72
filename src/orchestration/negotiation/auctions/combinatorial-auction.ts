import { describe, isPlainObject, UsageError } from "#foundation";
import { notNegotiated } from "../negotiation.ts";
import type { NotNegotiated } from "../negotiation.ts";
import type { Rejection } from "./auction.ts";
import { amountText, checkAmount, isAmount, maxAmount } from "./money.ts";
import { compareText, compareTied } from "./tie-rule.ts";
import type { TieRule } from "./tie-rule.ts";
import { bestPacking, greedyPacking, packingBound } from "./winner-determination.ts";
import type { BundleBid } from "./winner-determination.ts";

/** An amount for several items together, or for none of them. */
export interface Bundle {
  readonly bidder: string;
  readonly items: readonly string[];
  readonly amount: number;
  /** When it came; 0 unless told. */
  readonly at?: number;
}

export interface CombinatorialRules {
  /** Of several bids of one bidder one wins at most (`xor`, unless told), or all that can be had together (`or`). */
  readonly language?: "xor" | "or";
  /** What an item costs at least. */
  readonly reserve?: Readonly<Record<string, number>>;
  /** The earlier one first unless told. */
  readonly ties?: TieRule;
  /** Up to so many bids the winners are the best possible ones; 15 unless told, 20 at most. */
  readonly maxExactBids?: number;
}

export interface CombinatorialSale {
  readonly ok: true;
  readonly winners: readonly Bundle[];
  /** Σ amounts of the winners. */
  readonly welfare: number;
  readonly payments: Readonly<Record<string, number>>;
  /**
   * `vcg`: welfare without the bidder − welfare of the others, by which the truth is the best bid. `pay_as_bid` where
   * winners are approximate: no such claim.
   */
  readonly pricing: "vcg" | "pay_as_bid";
  /** Welfare is the best possible one. */
  readonly isExact: boolean;
  /** How much more welfare there could be at most; 0 when exact. */
  readonly gap: number;
  readonly rejected: readonly Rejection[];
}

export type CombinatorialResult = CombinatorialSale | NotNegotiated;

/**
 * Sells items to bids for bundles. A bid with an item twice, without items or of no amount does not count, nor one below the
 * reserve of its items; the same bid twice counts once. Revenue may fall when bidders join, and bidders that act
 * together or under several names may gain: that is so with every VCG auction.
 */
export function combinatorialAuction(
  bundles: readonly Bundle[],
  { language = "xor", reserve = {}, ties = { by: "time" }, maxExactBids = 15 }: CombinatorialRules = {},
): CombinatorialResult {
  if (!Number.isInteger(maxExactBids) || maxExactBids < 0 || maxExactBids > 20)
    throw new UsageError(`maxExactBids: expected a whole number from 0 to 20, got ${describe(maxExactBids)}`);
  for (const [item, amount] of Object.entries(reserve)) checkAmount(amount, `reserve.${item}`);
  const { accepted, rejected } = acceptedBundles(bundles, reserve);
  if (accepted.length === 0) {
    const told = rejected.map(({ bidder, reason }) => `; ${bidder}: ${reason}`).join("");
    const isLow = rejected.some(({ reason }) => reason === belowReserve);
    return notNegotiated(isLow ? "below_reserve" : "no_bids", `no bid counts${told}`);
  }
  const order = accepted.toSorted(
    (a, b) => compareTied(ties, a, b) || compareText(keyOf(a), keyOf(b)) || b.amount - a.amount,
  );
  const bids = order.map((bundle) => ({ ...bundle, surplus: bundle.amount - reserveOf(bundle, reserve) }));
  const isXor = language === "xor";
  const isExact = bids.length <= maxExactBids;
  const packing = isExact ? bestPacking(bids, isXor) : greedyPacking(bids, isXor);
  const won = packing.places.flatMap((place) => bids[place] ?? []);
  const payments = Object.fromEntries(
    [...new Set(bids.map(({ bidder }) => bidder))].map((bidder) => {
      const own = won.filter((bid) => bid.bidder === bidder);
      return [bidder, isExact ? vcgPayment(own, bids, { isXor, welfare: packing.welfare }) : total(own)] as const;
    }),
  );
  const gap = isExact ? 0 : packingBound(bids) - packing.welfare;
  const winners = won.map(({ surplus: _surplus, ...bundle }) => bundle);
  const pricing = isExact ? "vcg" : "pay_as_bid";
  return { ok: true, winners, welfare: total(won), payments, pricing, isExact, gap, rejected };
}

type Bid = Bundle & BundleBid;

/** What the others lose by the bidder, and the reserve of what it gets. */
function vcgPayment(
  own: readonly Bid[],
  bids: readonly Bid[],
  { isXor, welfare }: { readonly isXor: boolean; readonly welfare: number },
): number {
  const [first] = own;
  if (first === undefined) return 0;
  const others = bids.filter(({ bidder }) => bidder !== first.bidder);
  const surplus = own.reduce((sum, bid) => sum + bid.surplus, 0);
  return total(own) - surplus + bestPacking(others, isXor).welfare - (welfare - surplus);
}

const belowReserve = "is below the reserve of its items";

function acceptedBundles(
  bundles: readonly Bundle[],
  reserve: Readonly<Record<string, number>>,
): { readonly accepted: readonly Bundle[]; readonly rejected: readonly Rejection[] } {
  const accepted = new Map<string, Bundle>();
  const rejected: Rejection[] = [];
  let sum = 0;
  for (const bundle of bundles) {
    const reason = defectOf(bundle) ?? (bundle.amount < reserveOf(bundle, reserve) ? belowReserve : undefined);
    const key = reason === undefined ? `${JSON.stringify(bundle.bidder)} ${keyOf(bundle)}` : "";
    const before = accepted.get(key);
    if (reason !== undefined) rejected.push({ bidder: bundle.bidder, reason });
    else if (before !== undefined) {
      if (before.amount !== bundle.amount) rejected.push({ bidder: bundle.bidder, reason: "has bid for them already" });
    } else if (sum + bundle.amount > maxAmount) rejected.push({ bidder: bundle.bidder, reason: "is too much money" });
    else {
      sum += bundle.amount;
      accepted.set(key, bundle);
    }
  }
  return { accepted: [...accepted.values()], rejected };
}

function defectOf(bundle: Bundle): string | undefined {
  if (!isPlainObject(bundle) || typeof bundle.bidder !== "string") return "expected { bidder, items, amount }";
  const { items, amount } = bundle;
  const isList = Array.isArray(items) && items.length > 0 && items.every((item) => typeof item === "string");
  if (!isList || new Set(items).size < items.length) return "expected different items, one at least";
  return isAmount(amount) ? undefined : `expected ${amountText}`;
}

/** The items, whatever their order. */
function keyOf({ items }: Bundle): string {
  return JSON.stringify([...items].sort());
}

function reserveOf({ items }: Bundle, reserve: Readonly<Record<string, number>>): number {
  return items.reduce((sum, item) => sum + (Object.hasOwn(reserve, item) ? (reserve[item] ?? 0) : 0), 0);
}

function total(bundles: readonly Bundle[]): number {
  return bundles.reduce((sum, { amount }) => sum + amount, 0);
}
