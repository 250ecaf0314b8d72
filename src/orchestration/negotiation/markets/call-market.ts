import { largestRemainders, sum } from "../../pool/water-fill.ts";
import { booksOf } from "./order.ts";
import type { Book, Order, OrderRejection, Trade } from "./order.ts";

export interface CallMarketOptions {
  /** The ids of orders that were taken back. */
  readonly cancelled?: readonly string[];
  /**
   * Who of several orders at the last price that is served goes first: the earlier (`time`, unless told), or all in
   * proportion to their quantities (`pro_rata`, largest remainders).
   */
  readonly margin?: "time" | "pro_rata";
}

/** What the call of one resource came to. */
export interface Cleared {
  readonly resource: string;
  /** The one price of all trades; `null` where nobody trades. */
  readonly price: number | null;
  readonly volume: number;
  /** What each order trades, by id. */
  readonly fills: Readonly<Record<string, number>>;
  /** The same as pairs. */
  readonly trades: readonly Trade[];
}

export interface CallMarketResult {
  /** Sorted by resource. */
  readonly markets: readonly Cleared[];
  readonly rejected: readonly OrderRejection[];
}

/**
 * A call market: all orders of a batch trade at one price for each resource, the one with the largest volume; of those
 * with the least left over on one side; of those the middle one, rounded down. Better prices are served first. All buyers
 * offered at least the price, all sellers asked for no more, and nobody is left who could trade with anyone.
 */
export function callMarket(orders: readonly Order[], options: CallMarketOptions = {}): CallMarketResult {
  const { books, rejected } = booksOf(orders, options.cancelled);
  return { markets: books.map((book) => cleared(book, options.margin ?? "time")), rejected };
}

function cleared(book: Book, margin: "time" | "pro_rata"): Cleared {
  const { resource } = book;
  const price = clearingPrice(book);
  const buys = price === undefined ? [] : book.buys.filter((order) => order.price >= price);
  const sells = price === undefined ? [] : book.sells.filter((order) => order.price <= price);
  const volume = Math.min(quantityOf(buys), quantityOf(sells));
  if (price === undefined || volume === 0) return { resource, price: null, volume: 0, fills: {}, trades: [] };
  const [bought, sold] = [served(buys, volume, margin), served(sells, volume, margin)];
  const fills = Object.fromEntries([...bought, ...sold].map(({ order, quantity }) => [order.id, quantity]));
  return { resource, price, volume, fills, trades: paired(bought, sold, { resource, price }) };
}

/** Volume and what is left over change at limits only: a limit and its two neighbours stand for all prices. */
function clearingPrice({ buys, sells }: Book): number | undefined {
  const limits = new Set([...buys, ...sells].flatMap(({ price }) => [Math.max(0, price - 1), price, price + 1]));
  const calls = [...limits].map((price) => {
    const demand = quantityOf(buys.filter((order) => order.price >= price));
    const supply = quantityOf(sells.filter((order) => order.price <= price));
    return { price, volume: Math.min(demand, supply), left: Math.abs(demand - supply) };
  });
  const volume = Math.max(0, ...calls.map((call) => call.volume));
  const largest = calls.filter((call) => call.volume === volume);
  const left = Math.min(...largest.map((call) => call.left));
  const best = largest.filter((call) => call.left === left).map(({ price }) => price);
  return volume === 0 ? undefined : Math.floor((Math.min(...best) + Math.max(...best)) / 2);
}

interface Fill {
  readonly order: Order;
  readonly quantity: number;
}

/** The best prices first; at the last price that is served, as the margin says. */
function served(orders: readonly Order[], volume: number, margin: "time" | "pro_rata"): readonly Fill[] {
  const fills: Fill[] = [];
  let left = volume;
  for (const [, equals] of Map.groupBy(orders, ({ price }) => price)) {
    const wanted = quantityOf(equals);
    if (margin === "pro_rata" && wanted > left) {
      fills.push(...proRata(equals, left));
      left = 0;
      continue;
    }
    for (const order of equals) {
      const quantity = Math.min(order.quantity, left);
      fills.push({ order, quantity });
      left -= quantity;
    }
  }
  return fills.filter(({ quantity }) => quantity > 0);
}

function proRata(orders: readonly Order[], volume: number): readonly Fill[] {
  const quantities = orders.map(({ quantity }) => BigInt(quantity));
  const [unit, wanted] = [BigInt(volume), sum(quantities)];
  // In parts of 1/wanted: exact shares, of which whole ones are made.
  const whole = largestRemainders(
    quantities.map((quantity) => quantity * unit),
    wanted,
    unit * wanted,
  );
  return orders.map((order, index) => ({ order, quantity: Number((whole[index] ?? 0n) / wanted) }));
}

function paired(
  bought: readonly Fill[],
  sold: readonly Fill[],
  { resource, price }: { readonly resource: string; readonly price: number },
): readonly Trade[] {
  const trades: Trade[] = [];
  const sellers = sold.map((fill) => ({ ...fill, left: fill.quantity }));
  for (const { order, quantity } of bought) {
    let left = quantity;
    for (const seller of sellers) {
      const amount = Math.min(left, seller.left);
      if (amount === 0) continue;
      trades.push({ buy: order.id, sell: seller.order.id, resource, quantity: amount, price });
      left -= amount;
      seller.left -= amount;
    }
  }
  return trades;
}

function quantityOf(orders: readonly Order[]): number {
  return orders.reduce((total, { quantity }) => total + quantity, 0);
}
