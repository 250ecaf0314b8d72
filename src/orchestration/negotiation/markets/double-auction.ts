import { booksOf } from "./order.ts";
import type { Book, Order, OrderRejection, Trade } from "./order.ts";

export interface DoubleAuctionResult {
  readonly trades: readonly Trade[];
  /** Orders with what is left of them, best first: buyers before sellers, by resource. */
  readonly remaining: readonly Order[];
  readonly rejected: readonly OrderRejection[];
}

/**
 * The highest bid meets the lowest ask of the same resource as long as it is not below: the smaller quantity changes
 * hands at (bid + ask) / 2, rounded down. Each pair has its own price, so whoever bids higher pays more and no price
 * clears the market: `callMarket` is for that.
 */
export function doubleAuction(orders: readonly Order[], cancelled: readonly string[] = []): DoubleAuctionResult {
  const { books, rejected } = booksOf(orders, cancelled);
  const matched = books.map(matchedBook);
  return {
    trades: matched.flatMap(({ trades }) => trades),
    remaining: matched.flatMap(({ remaining }) => remaining),
    rejected,
  };
}

function matchedBook({ resource, buys, sells }: Book): Omit<DoubleAuctionResult, "rejected"> {
  const trades: Trade[] = [];
  const [buyers, sellers] = [buys, sells].map((orders) => orders.map((order) => ({ order, left: order.quantity })));
  const best = (side: typeof buyers): { readonly order: Order; left: number } | undefined =>
    side?.find(({ left }) => left > 0);
  for (;;) {
    const [bid, ask] = [best(buyers), best(sellers)];
    if (bid === undefined || ask === undefined || bid.order.price < ask.order.price) break;
    const quantity = Math.min(bid.left, ask.left);
    const price = Math.floor((bid.order.price + ask.order.price) / 2);
    trades.push({ buy: bid.order.id, sell: ask.order.id, resource, quantity, price });
    bid.left -= quantity;
    ask.left -= quantity;
  }
  const remaining = [...(buyers ?? []), ...(sellers ?? [])]
    .filter(({ left }) => left > 0)
    .map(({ order, left }) => ({ ...order, quantity: left }));
  return { trades, remaining };
}
