import { seededRng } from "#foundation";

/**
 * Who comes first among equals, fixed before anything is opened: the earlier (`time`), by a lot drawn from a seed for
 * each name, or in an order of names. What is still equal goes by name.
 */
export type TieRule =
  | { readonly by: "time" }
  | { readonly by: "seed"; readonly seed: string }
  | { readonly by: "order"; readonly order: readonly string[] };

/** What a tie rule looks at. */
export interface Tied {
  readonly bidder: string;
  /** When it came; 0 unless told. */
  readonly at?: number;
}

/** Below 0 when the first goes before the second. */
export function compareTied(rule: TieRule, a: Tied, b: Tied): number {
  return keyOf(rule, a) - keyOf(rule, b) || compareText(a.bidder, b.bidder);
}

/** By code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function keyOf(rule: TieRule, { bidder, at = 0 }: Tied): number {
  if (rule.by === "time") return at;
  if (rule.by === "seed") return seededRng(rule.seed).fork(bidder).next();
  const place = rule.order.indexOf(bidder);
  return place === -1 ? rule.order.length : place;
}
