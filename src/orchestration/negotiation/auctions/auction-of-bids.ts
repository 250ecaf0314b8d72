import { checkRules } from "./auction.ts";
import type { AuctionResult, AuctionRules } from "./auction.ts";
import { replayAuction } from "./auction-log.ts";
import type { AuctionEntry } from "./auction-entry.ts";
import type { AuctionLog } from "./auction-log.ts";
import { isAmount } from "./money.ts";

/** The most that a bidder pays, and when they said so (0 unless told). */
export interface MaxBid {
  readonly bidder: string;
  readonly amount: number;
  readonly at?: number;
}

/** Rules without commitments: max bids are told, there is nothing to reveal. */
export type OpenRules = AuctionRules & { readonly isCommitted?: false };

/**
 * The log of an auction in which everyone bids as if their max bid were what the item is worth to them: it is the
 * sealed bid, they stay up to it, they take the first price that is not above it. One max bid for each bidder: the
 * first; what is no amount is no bid.
 */
export function auctionLog(rules: OpenRules, maxBids: readonly MaxBid[]): AuctionLog {
  checkRules(rules);
  const bids = [...new Map(maxBids.toReversed().map((bid) => [bid.bidder, bid])).values()].toReversed();
  const bidders = bids.map(({ bidder }) => bidder);
  const entries = bids.flatMap((bid) => entryOf(rules, bid) ?? []);
  return { rules, bidders, entries: rules.format === "english" ? untilOneStays(rules, entries, bidders) : entries };
}

/** What an auction among these max bids comes to. */
export function auction(rules: OpenRules, bids: readonly MaxBid[]): AuctionResult {
  return replayAuction(auctionLog(rules, bids));
}

function entryOf(rules: AuctionRules, { bidder, amount, at = 0 }: MaxBid): AuctionEntry | undefined {
  const { reserve = 0 } = rules;
  const most = isAmount(amount) ? amount : -1;
  if (rules.format === "english") {
    const { increment = 1, maxRounds = Infinity } = rules;
    const round = most < reserve ? 0 : Math.floor((most - reserve) / increment) + 1;
    return round < maxRounds ? { type: "left", bidder, price: reserve + round * increment, at } : undefined;
  }
  if (rules.format === "dutch") {
    const { start, decrement = 1 } = rules;
    const price = most >= start ? start : start - Math.ceil((start - most) / decrement) * decrement;
    return price < reserve || most < 0 ? undefined : { type: "taken", bidder, price, at };
  }
  return { type: "bid", bidder, amount, at };
}

/** The auction ends when one stays: from then on nobody is asked. The first round asks everyone, a lone bidder too. */
function untilOneStays(
  { reserve = 0 }: AuctionRules,
  entries: readonly AuctionEntry[],
  bidders: readonly string[],
): readonly AuctionEntry[] {
  const leaving = entries.filter((entry) => entry.type === "left").toSorted((a, b) => a.price - b.price);
  const kept: AuctionEntry[] = [];
  for (const [price, together] of Map.groupBy(leaving, (entry) => entry.price)) {
    if (price > reserve && bidders.length - kept.length <= 1) break;
    kept.push(...together);
  }
  return kept;
}
