/** A bid for several items together, as the search sees it. */
export interface BundleBid {
  readonly bidder: string;
  readonly items: readonly string[];
  /** What it adds: the amount above the reserve of its items. */
  readonly surplus: number;
}

/** The bids that win, by their place, and what they add up to. */
export interface Packing {
  readonly places: readonly number[];
  readonly welfare: number;
}

/**
 * The bids of the largest surplus together that can all be had: no item twice and, where bids exclude each other
 * (`xor`), one of each bidder. Exact, by branch and bound. Of equal ones, the one with the earliest bid that the others
 * lack.
 */
export function bestPacking(bids: readonly BundleBid[], isXor: boolean): Packing {
  // What the bids from a place on could add at most.
  const rest = bids.map((_, place) => bids.slice(place).reduce((sum, { surplus }) => sum + surplus, 0));
  let best: Packing = { places: [], welfare: -1 };
  const visit = (place: number, chosen: readonly number[], welfare: number): void => {
    if (welfare + (rest[place] ?? 0) <= best.welfare) return;
    if (place === bids.length) {
      best = { places: chosen, welfare };
      return;
    }
    if (fits(bids, chosen, place, isXor)) visit(place + 1, [...chosen, place], welfare + (bids[place]?.surplus ?? 0));
    visit(place + 1, chosen, welfare);
  };
  visit(0, [], 0);
  return best;
}

/**
 * Bids taken one after another, those with the most surplus per square root of their number of items first, which is
 * at least 1/√items of the best (Lehmann, O'Callaghan, Shoham 2002).
 */
export function greedyPacking(bids: readonly BundleBid[], isXor: boolean): Packing {
  const order = bids
    .map(({ surplus, items }, place) => ({ place, worth: surplus / Math.sqrt(items.length) }))
    .sort((a, b) => b.worth - a.worth || a.place - b.place);
  const chosen: number[] = [];
  for (const { place } of order) if (fits(bids, chosen, place, isXor)) chosen.push(place);
  const places = chosen.sort((a, b) => a - b);
  return { places, welfare: places.reduce((sum, place) => sum + (bids[place]?.surplus ?? 0), 0) };
}

/** No packing adds more: each item could at most bring the largest part of a bid for it. */
export function packingBound(bids: readonly BundleBid[]): number {
  const parts = new Map<string, number>();
  for (const { items, surplus } of bids) {
    for (const item of items) parts.set(item, Math.max(parts.get(item) ?? 0, Math.ceil(surplus / items.length)));
  }
  return [...parts.values()].reduce((sum, part) => sum + part, 0);
}

function fits(bids: readonly BundleBid[], chosen: readonly number[], place: number, isXor: boolean): boolean {
  const bid = bids[place];
  return chosen.every((other) => {
    const taken = bids[other];
    if (bid === undefined || taken === undefined) return false;
    return !(isXor && taken.bidder === bid.bidder) && !bid.items.some((item) => taken.items.includes(item));
  });
}
