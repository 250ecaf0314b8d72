import { isPlainObject } from "#foundation";
import { amountText, isAmount } from "../auctions/money.ts";
import { compareText } from "../auctions/tie-rule.ts";

/** A limit order. Prices and quantities are whole numbers of the smallest unit of money and goods. */
export interface Order {
  readonly id: string;
  readonly trader: string;
  readonly side: "buy" | "sell";
  /** Only orders of one resource meet. */
  readonly resource: string;
  /** The most that a buyer gives for one, the least that a seller takes. */
  readonly price: number;
  readonly quantity: number;
  /** When it came; 0 unless told. The earlier goes first at the same price, then by id. */
  readonly at?: number;
}

export interface Trade {
  /** The ids of the orders. */
  readonly buy: string;
  readonly sell: string;
  readonly resource: string;
  readonly quantity: number;
  /** For one. */
  readonly price: number;
}

export interface OrderRejection {
  readonly id: string;
  readonly reason: string;
}

export interface Book {
  readonly resource: string;
  /** The highest price first. */
  readonly buys: readonly Order[];
  /** The lowest price first. */
  readonly sells: readonly Order[];
}

/** Orders by resource (sorted by name), best first. What is no order is rejected, and an id that stands for another. */
export function booksOf(
  orders: readonly Order[],
  cancelled: readonly string[] = [],
): { readonly books: readonly Book[]; readonly rejected: readonly OrderRejection[] } {
  const known = new Map<string, Order>();
  const rejected: OrderRejection[] = [];
  for (const order of orders) {
    const reason = orderDefect(order);
    const before = known.get(order.id);
    if (reason !== undefined) rejected.push({ id: String(order.id), reason });
    else if (before === undefined) known.set(order.id, order);
    else if (!isSameOrder(before, order)) rejected.push({ id: order.id, reason: "another order has this id" });
  }
  const open = [...known.values()].filter(({ id }) => !cancelled.includes(id));
  const books = [...Map.groupBy(open, ({ resource }) => resource)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([resource, each]) => ({
      resource,
      buys: each.filter(({ side }) => side === "buy").sort((a, b) => b.price - a.price || compareAge(a, b)),
      sells: each.filter(({ side }) => side === "sell").sort((a, b) => a.price - b.price || compareAge(a, b)),
    }));
  return { books, rejected };
}

function compareAge(a: Order, b: Order): number {
  return (a.at ?? 0) - (b.at ?? 0) || compareText(a.id, b.id);
}

function orderDefect(order: Order): string | undefined {
  if (!isPlainObject(order)) return "expected an order";
  const { id, trader, side, resource, price, quantity, at = 0 } = order;
  if (![id, trader, resource].every((name) => typeof name === "string" && name !== ""))
    return "expected an id, a trader and a resource";
  if (side !== "buy" && side !== "sell") return "expected a side of buy or sell";
  if (!Number.isFinite(at)) return "expected a finite time";
  if (!isAmount(price)) return `price: expected ${amountText}`;
  return isAmount(quantity) && quantity > 0 ? undefined : `quantity: expected ${amountText} and above 0`;
}

function isSameOrder(a: Order, b: Order): boolean {
  const { trader, side, resource, price, quantity } = a;
  return (
    trader === b.trader && side === b.side && resource === b.resource && price === b.price && quantity === b.quantity
  );
}
