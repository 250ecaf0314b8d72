import { canonicalJson, describe, integerBelow, pick, sampleItems, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Coded, Drawn, Listed, VariableKind } from "./definition.ts";
import { indexOfValue, isSameValue } from "./distinct-values.ts";
import {
  atLeastAtMost,
  checkItems,
  countAt,
  defaultItems,
  itemsSchema,
  itemsText,
  memberMoves,
  orderMoves,
  placesOf,
  roomOf,
} from "./item-list.ts";
import type { ItemList, ItemListOptions, Limits } from "./item-list.ts";

/** Items in an order that matters: all of them, or a selection. */
export interface PermutationVariable extends ItemList {
  readonly kind: "permutation";
}

/**
 * An order of all items, or an ordered selection: `permutation("steps", ["plan", "code", "test"], { min: 1 })`.
 * `max` is all items unless told, `min` is `max`.
 */
export function permutation(name: string, items: readonly Json[], options: ItemListOptions = {}): PermutationVariable {
  const variable: PermutationVariable = { kind: "permutation", items, ...defined(name, options) };
  checkItems(variable, () => limits(variable));
  const expected = variable.default === undefined ? undefined : expectation(variable, variable.default);
  if (expected !== undefined)
    throw new UsageError(`variable ${name}.default: ${expected}, got ${describe(variable.default)}`);
  return variable;
}

export const permutationKind: VariableKind<PermutationVariable> = {
  parse(definition) {
    const { items, ...options } = definitionOptions(definition);
    return permutation(definition["name"] as string, items as readonly Json[], options);
  },
  default: (variable) => defaultItems(variable, limits(variable)),
  expected: expectation,
  // Uniform over the sizes, then over the orders of that size: the many long lists do not crowd out the short ones.
  sample(variable, rng) {
    const { min, max } = limits(variable);
    return sampleItems(rng, variable.items, min + integerBelow(rng, max - min + 1));
  },
  mutate(variable, value, rng) {
    const list = value as readonly Json[];
    const moves = [...memberMoves(list, roomOf(variable, list, limits(variable))), ...orderMoves(list)];
    return moves.length === 0 ? value : pick(rng, moves)(list, rng);
  },
  canInclude: ({ items }, item) => indexOfValue(items, item) >= 0,
  jsonSchema: (variable) => itemsSchema(variable, limits(variable)),
  ...itemOrder<PermutationVariable>({ drawn: ({ items }) => items, limits }),
};

function limits({ items, max = items.length, min = max }: PermutationVariable): Limits {
  return { min, max };
}

function expectation(variable: PermutationVariable, value: unknown): string | undefined {
  const fits = placesOf(variable, value, limits(variable)) !== undefined;
  return fits ? undefined : `expected ${itemsText(variable, limits(variable))}, in any order`;
}

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

/** The different ordered lists of that many items; an item that stands there twice may come twice. */
function* ordersOf(items: readonly Json[], count: number): Generator<readonly Json[]> {
  if (count === 0) return yield [];
  const begun = new Set<string>();
  for (const [index, item] of items.entries()) {
    const text = canonicalJson(item);
    if (begun.has(text)) continue;
    begun.add(text);
    for (const rest of ordersOf(items.toSpliced(index, 1), count - 1)) yield [item, ...rest];
  }
}

/** How many different ordered lists there are within the limits. */
function orderCount(items: readonly Json[], { min, max }: Limits): number {
  // ways[n]: the lists of n items out of the groups of equal items so far. Adding `more` of a new group chooses their
  // places among all.
  let ways = [1];
  for (const copies of copiesOf(items)) {
    const next = Array.from({ length: Math.min(max, ways.length - 1 + copies) + 1 }, () => 0);
    for (const [length, count] of ways.entries()) {
      let places = 1;
      for (let more = 0; more <= copies && length + more < next.length; more++) {
        if (more > 0) places = (places * (length + more)) / more;
        next[length + more] = (next[length + more] ?? 0) + count * places;
      }
    }
    ways = next;
  }
  return ways.slice(min, max + 1).reduce((sum, count) => sum + count, 0);
}

function copiesOf(items: readonly Json[]): Iterable<number> {
  const copies = new Map<string, number>();
  for (const item of items) copies.set(canonicalJson(item), (copies.get(canonicalJson(item)) ?? 0) + 1);
  return copies.values();
}

interface Room {
  readonly items: readonly Json[];
  readonly limits: Limits;
}

/** The ordered lists one step away: one item more, less, exchanged or elsewhere, or two items swapped. */
function listSteps(list: readonly Json[], { items, limits: { min, max } }: Room): readonly Json[] {
  const spare = sparesOf(list, items);
  const places = [...list.keys()];
  const added =
    list.length >= max
      ? []
      : spare.flatMap((item) => [...places, list.length].map((at) => list.toSpliced(at, 0, item)));
  const exchanged = places.flatMap((at) => spare.map((item) => list.with(at, item)));
  const dropped = list.length <= min ? [] : places.map((at) => list.toSpliced(at, 1));
  const pairs = places.flatMap((one) => places.filter((other) => other !== one).map((other) => [one, other] as const));
  const swapped = pairs.map(([one, other]) => list.with(one, list[other] as Json).with(other, list[one] as Json));
  const shifted = pairs.map(([from, to]) => list.toSpliced(from, 1).toSpliced(to, 0, list[from] as Json));
  const different = new Map<string, Json>();
  for (const other of [...added, ...exchanged, ...dropped, ...swapped, ...shifted])
    different.set(canonicalJson(other), other);
  different.delete(canonicalJson(list));
  return [...different.values()];
}

/** The items that are left when each of the list has taken its own. */
function sparesOf(list: readonly Json[], items: readonly Json[]): readonly Json[] {
  const spare = [...items];
  for (const item of list) {
    const taken = spare.findIndex((other) => isSameValue(other, item));
    if (taken >= 0) spare.splice(taken, 1);
  }
  return spare;
}
