import type { Rejection, SealedRules } from "./auction.ts";
import type { AuctionEntry, SaleDecision } from "./auction-entry.ts";
import { bidCommitment } from "./commitment.ts";
import { amountText, isAmount } from "./money.ts";

interface Bid {
  readonly bidder: string;
  readonly amount: number;
  readonly at: number;
}

/** First and second price. A bidder's first bid counts: bids are binding. */
export function sealedSale(rules: SealedRules, entries: readonly AuctionEntry[]): SaleDecision {
  const { format, reserve = 0 } = rules;
  const { bids, rejected } = rules.isCommitted === true ? revealedBids(rules.id, entries) : openBids(entries);
  const high = bids.filter(({ amount }) => amount >= reserve).toSorted((a, b) => b.amount - a.amount);
  const [best, second] = high;
  if (best === undefined) return { sales: [], hasBids: bids.length > 0, rejected };
  const price = format === "first_price" ? best.amount : (second?.amount ?? reserve);
  const sales = high.filter(({ amount }) => amount === best.amount).map(({ bidder, at }) => ({ bidder, at, price }));
  return { sales, hasBids: true, rejected };
}

interface Bids {
  readonly bids: readonly Bid[];
  readonly rejected: readonly Rejection[];
}

function openBids(entries: readonly AuctionEntry[]): Bids {
  const bids = new Map<string, Bid>();
  const rejected: Rejection[] = [];
  for (const entry of entries) {
    const { bidder, at } = entry;
    if (entry.type !== "bid") rejected.push({ bidder, reason: `no ${entry.type} in a sealed auction` });
    else if (!isAmount(entry.amount)) rejected.push({ bidder, reason: `expected ${amountText}` });
    else if (!bids.has(bidder)) bids.set(bidder, { bidder, amount: entry.amount, at });
    else if (bids.get(bidder)?.amount !== entry.amount) rejected.push({ bidder, reason: "has bid already" });
  }
  return { bids: [...bids.values()], rejected };
}

/** A bid is as old as its commitment. Who commits when others have revealed knows too much. */
function revealedBids(auction: string, entries: readonly AuctionEntry[]): Bids {
  const commitments = new Map<string, { readonly commitment: string; readonly at: number }>();
  const bids = new Map<string, Bid>();
  const rejected: Rejection[] = [];
  let isOpen = true;
  for (const entry of entries) {
    const { bidder } = entry;
    const made = commitments.get(bidder);
    const reject = (reason: string): number => rejected.push({ bidder, reason });
    if (entry.type === "commitment") {
      if (made?.commitment === entry.commitment) continue;
      if (!isOpen) reject("committed after bids were revealed");
      else if (made !== undefined) reject("has committed already");
      else commitments.set(bidder, entry);
      continue;
    }
    if (entry.type !== "reveal") {
      reject(`no ${entry.type} in an auction of commitments`);
      continue;
    }
    isOpen = false;
    if (made === undefined || bidCommitment({ ...entry, auction }) !== made.commitment) {
      reject("revealed what was not committed");
    } else if (!isAmount(entry.amount)) reject(`expected ${amountText}`);
    else bids.set(bidder, { bidder, amount: entry.amount, at: made.at });
  }
  const silent = [...commitments.keys()].filter((bidder) => !bids.has(bidder));
  return {
    bids: [...bids.values()],
    rejected: [...rejected, ...silent.map((bidder) => ({ bidder, reason: "did not reveal" }))],
  };
}
