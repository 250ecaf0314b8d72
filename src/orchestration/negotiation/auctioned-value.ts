import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { digitsOf, toUnits } from "../pool/units.ts";
import { auction } from "./auctions/auction-of-bids.ts";
import type { AuctionSold } from "./auctions/auction.ts";
import { combinatorialAuction } from "./auctions/combinatorial-auction.ts";
import type { CombinatorialRules, CombinatorialSale } from "./auctions/combinatorial-auction.ts";
import { amountText, isAmount } from "./auctions/money.ts";
import type { TieRule } from "./auctions/tie-rule.ts";
import { notNegotiated } from "./negotiation.ts";
import type { NotNegotiated, WeightedPreference } from "./negotiation.ts";

/** How the right to say the value is sold. */
export type ValueAuction = {
  /** What each agent bids, in whole units; its weight unless told (see `unit`). */
  readonly bids?: Readonly<Record<string, number>>;
  /** The one whose preference comes first unless told. */
  readonly ties?: TieRule;
} & (
  | { readonly format?: "second_price" | "first_price"; readonly reserve?: number }
  | { readonly format: "english"; readonly reserve?: number; readonly increment?: number }
  | {
      readonly format: "dutch";
      readonly reserve?: number;
      /** The highest bid unless told. */
      readonly start?: number;
      readonly decrement?: number;
    }
  /** Values are objects; each key is an item, and the objects of the winners are the value together. */
  | ({ readonly format: "combinatorial" } & Omit<CombinatorialRules, "ties" | "language">)
);

export interface AuctionedValue {
  readonly ok: true;
  readonly value: Json;
  readonly sale: AuctionSold | CombinatorialSale;
  /** What one unit of money is in weights: 1 with `bids` and whole weights, else the last decimal digit of the weights. */
  readonly unit: number;
}

/** Finer weights are rounded: a millionth is the smallest unit. */
const maxDigits = 6;

/** The value of the agent that bids most; it pays what the format says. */
export function auctionedValue(
  preferences: readonly WeightedPreference[],
  rules: ValueAuction,
): AuctionedValue | NotNegotiated {
  const { amounts, unit } = moneyOf(preferences, rules.bids);
  const rich = rules.bids === undefined ? [...amounts].find(([, amount]) => !isAmount(amount)) : undefined;
  if (rich !== undefined) {
    return notNegotiated(
      "invalid_preference",
      `the weight of ${rich[0]} as money: expected ${amountText}, got ${rich[1]}`,
    );
  }
  const ties = rules.ties ?? { by: "order", order: preferences.map(({ agent }) => agent) };
  const bids = preferences.flatMap(({ agent }) => {
    const amount = amounts.get(agent);
    return amount === undefined ? [] : [{ bidder: agent, amount }];
  });
  if (rules.format === "combinatorial") return bundledValue(preferences, amounts, { ...rules, ties, unit });
  const { bids: _bids, format = "second_price", ...rest } = rules;
  const { reserve = 0 } = rules;
  const start = Math.max(reserve, ...[...amounts.values()].filter(isAmount));
  const sale =
    format === "dutch"
      ? auction({ start, ...rest, id: "value", format, ties }, bids)
      : auction({ ...rest, id: "value", format, ties }, bids);
  if (!sale.ok) return sale;
  const value = preferences.find(({ agent }) => agent === sale.winner)?.value ?? null;
  return { ok: true, value, sale, unit };
}

function bundledValue(
  preferences: readonly WeightedPreference[],
  amounts: ReadonlyMap<string, number>,
  rules: CombinatorialRules & { readonly unit: number },
): AuctionedValue | NotNegotiated {
  const bundles = [];
  for (const { agent, value } of preferences) {
    const amount = amounts.get(agent);
    if (!isPlainObject(value)) return notNegotiated("invalid_preference", `${agent}: expected an object of items`);
    if (amount !== undefined) bundles.push({ bidder: agent, items: Object.keys(value), amount });
  }
  const sale = combinatorialAuction(bundles, rules);
  if (!sale.ok) return sale;
  const won = new Set(sale.winners.map(({ bidder }) => bidder));
  const values = preferences.flatMap(({ agent, value }) => (won.has(agent) ? [value as JsonObject] : []));
  return { ok: true, value: Object.assign({}, ...values) as JsonObject, sale, unit: rules.unit };
}

interface Money {
  readonly amounts: ReadonlyMap<string, number>;
  readonly unit: number;
}

/** What everyone bids. Who is not named in `bids`, or has no weight, does not bid. */
function moneyOf(preferences: readonly WeightedPreference[], bids: ValueAuction["bids"]): Money {
  if (bids !== undefined) return { amounts: new Map(Object.entries(bids)), unit: 1 };
  const bidding = preferences.filter(({ weight }) => weight > 0);
  const digits = Math.min(maxDigits, digitsOf(bidding.map(({ weight }) => weight)));
  const amounts = bidding.map(({ agent, weight }) => {
    const exact = digitsOf([weight]) <= digits ? Number(toUnits(weight, digits)) : Math.round(weight * 10 ** digits);
    return [agent, exact] as const;
  });
  return { amounts: new Map(amounts), unit: Number(`1e-${digits}`) };
}
