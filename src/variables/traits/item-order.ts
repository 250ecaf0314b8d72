import type { Json } from "#foundation";
import type { Coded, Drawn, Listed } from "../definition.ts";
import { isSameValue } from "../distinct-values.ts";
import { atLeastAtMost, countAt } from "./item-list.ts";
import type { Limits } from "./item-list.ts";
import { listSteps } from "./list-steps.ts";
import { orderCount, ordersOf } from "./orders.ts";

interface Items<V> {
  /** The items that lists are drawn from; one that stands there twice may be drawn twice. */
  readonly drawn: (variable: V) => readonly Json[];
  /** The fewest and most items of a list that is drawn. */
  readonly limits: (variable: V) => Limits;
  /** The items that lists can be encoded with, and how many they may have; those that are drawn unless told. */
  readonly known?: (variable: V) => { readonly items: readonly Json[]; readonly limits: Limits };
}

/**
 * What kinds know whose value is an ordered list of items: a number for each item, 0 where it is out, else its place
 * as a share of all items.
 */
export function itemOrder<V>({ drawn, limits, known }: Items<V>): Listed<V> & Drawn<V> & Coded<V> {
  const knownOf = known ?? ((variable) => ({ items: drawn(variable), limits: limits(variable) }));
  return {
    size: (variable) => orderCount(drawn(variable), limits(variable)),
    *values(variable) {
      const { min, max } = limits(variable);
      for (let count = min; count <= max; count++) yield* ordersOf(drawn(variable), count);
    },
    neighbours: (variable, value) =>
      listSteps(value as readonly Json[], { items: drawn(variable), limits: limits(variable) }),
    shares: (variable) => 1 + drawn(variable).length,
    draw(variable, [share = 0, ...ranks]) {
      const items = drawn(variable);
      const order = items.map((item, index) => ({ item, rank: ranks[index] ?? 0 })).sort((a, b) => a.rank - b.rank);
      return order.slice(0, countAt(limits(variable), share)).map(({ item }) => item);
    },
    width: (variable) => knownOf(variable).items.length,
    encode: (variable, value) => placesIn(knownOf(variable).items, value as readonly Json[]),
    decode(variable, numbers) {
      const { items, limits: within } = knownOf(variable);
      const chosen = atLeastAtMost(numbers, 0.5 / items.length, within);
      const inOrder = chosen.toSorted((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
      return inOrder.map((index) => items[index] as Json);
    },
  };
}

/** For each known item its place in the list from 1 as a share of all, 0 where it is out; `undefined` for others. */
function placesIn(items: readonly Json[], list: readonly Json[]): readonly number[] | undefined {
  const places = items.map(() => 0);
  for (const [place, item] of list.entries()) {
    const index = items.findIndex((other, at) => places[at] === 0 && isSameValue(other, item));
    if (index < 0) return undefined;
    places[index] = (place + 1) / items.length;
  }
  return places;
}
