import { UsageError } from "#foundation";
import type { EnglishRules, Rejection } from "./auction.ts";
import type { AuctionEntry, SaleDecision } from "./auction-entry.ts";

/** Whoever takes part stays until they leave, at a price of the rule's steps; the first time counts. */
export function englishSale(
  { reserve = 0, increment = 1, maxRounds = Infinity }: EnglishRules,
  bidders: readonly string[],
  entries: readonly AuctionEntry[],
): SaleDecision {
  const rejected: Rejection[] = [];
  const left = new Map<string, { readonly price: number; readonly at: number }>();
  const ceiling = reserve + increment * (maxRounds - 1);
  for (const entry of entries) {
    const { bidder, at } = entry;
    if (entry.type !== "left") rejected.push({ bidder, reason: `no ${entry.type} in an English auction` });
    else if (left.has(bidder)) {
      if (left.get(bidder)?.price !== entry.price) rejected.push({ bidder, reason: "has left already" });
    } else if (!(entry.price >= reserve && entry.price <= ceiling) || (entry.price - reserve) % increment !== 0) {
      rejected.push({ bidder, reason: `${entry.price} is no price of this auction` });
    } else left.set(bidder, { price: entry.price, at });
  }
  const staying = bidders.filter((bidder) => !left.has(bidder));
  const top = Math.max(reserve, ...[...left.values()].map(({ price }) => price));
  if (staying.length > 0) {
    if (staying.length > 1 && ceiling === Infinity)
      throw new UsageError(`auction log: expected one bidder at most to stay, or maxRounds, got ${staying.join(", ")}`);
    // Several who stay to the last round are equals at its price; one alone pays the price at which the last rival left.
    const price = staying.length > 1 ? ceiling : top;
    return { sales: staying.map((bidder) => ({ bidder, price })), hasBids: true, rejected };
  }
  const isUnsold = top === reserve;
  const sales = [...left]
    .filter(([, { price }]) => price === top && !isUnsold)
    .map(([bidder, { at }]) => ({ bidder, at, price: top - increment }));
  return { sales, hasBids: reserve > 0 && bidders.length > 0, rejected };
}
