import type { DutchRules, Rejection } from "./auction.ts";
import type { AuctionEntry, SaleDecision } from "./auction-entry.ts";

/** The clock stops at the highest price that anyone took: who took a lower one was too late. */
export function dutchSale(
  { reserve = 0, start, decrement = 1 }: DutchRules,
  entries: readonly AuctionEntry[],
): SaleDecision {
  const rejected: Rejection[] = [];
  const taken = new Map<string, { readonly bidder: string; readonly price: number; readonly at: number }>();
  for (const entry of entries) {
    const { bidder, at } = entry;
    if (entry.type !== "taken") rejected.push({ bidder, reason: `no ${entry.type} in a Dutch auction` });
    else if (!(entry.price >= reserve && entry.price <= start) || (start - entry.price) % decrement !== 0) {
      rejected.push({ bidder, reason: `${entry.price} is no price of this auction` });
    } else if (!taken.has(bidder)) taken.set(bidder, { bidder, price: entry.price, at });
    else if (taken.get(bidder)?.price !== entry.price) rejected.push({ bidder, reason: "has taken it already" });
  }
  const price = Math.max(...[...taken.values()].map((each) => each.price));
  const sales = [...taken.values()].filter((each) => each.price === price);
  return { sales, hasBids: taken.size > 0, rejected };
}
