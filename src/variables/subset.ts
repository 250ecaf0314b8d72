import { describe, integerBelow, pick, sampleItems, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { Coded, Drawn, Listed, VariableKind } from "./definition.ts";
import { indexOfValue } from "./distinct-values.ts";
import {
  atLeastAtMost,
  checkItems,
  countAt,
  defaultItems,
  itemsSchema,
  itemsText,
  memberMoves,
  placesOf,
  roomOf,
} from "./item-list.ts";
import type { ItemList, ItemListOptions, Limits } from "./item-list.ts";

/** Some of a few items, without an order: a value lists them as the definition does. */
export interface SubsetVariable extends ItemList {
  readonly kind: "subset";
}

/** At least one of the items: `subset("agents", ["coder", "reviewer", "tester"], { max: 2 })`. `min` is 1 unless told. */
export function subset(name: string, items: readonly Json[], options: ItemListOptions = {}): SubsetVariable {
  const variable: SubsetVariable = { kind: "subset", items, ...defined(name, options) };
  checkItems(variable, () => limits(variable));
  const expected = variable.default === undefined ? undefined : expectation(variable, variable.default);
  if (expected !== undefined)
    throw new UsageError(`variable ${name}.default: ${expected}, got ${describe(variable.default)}`);
  return variable;
}

export const subsetKind: VariableKind<SubsetVariable> = {
  parse(definition) {
    const { items, ...options } = definitionOptions(definition);
    return subset(definition["name"] as string, items as readonly Json[], options);
  },
  default: (variable) => defaultItems(variable, limits(variable)),
  expected: expectation,
  // Uniform over the sizes, then over the subsets of that size: small and large teams are tried as often as middling ones.
  sample(variable, rng) {
    const { min, max } = limits(variable);
    const size = min + integerBelow(rng, max - min + 1);
    return inOrder(variable, sampleItems(rng, variable.items, size));
  },
  mutate(variable, value, rng) {
    const list = value as readonly Json[];
    const moves = memberMoves(list, roomOf(variable, list, limits(variable)));
    return moves.length === 0 ? value : inOrder(variable, pick(rng, moves)(list, rng));
  },
  canInclude: ({ items }, item) => indexOfValue(items, item) >= 0,
  jsonSchema: (variable) => itemsSchema(variable, limits(variable)),
  ...itemSet<SubsetVariable>({ items: ({ items }) => items, limits }),
};

function limits({ items, min = 1, max = items.length }: SubsetVariable): Limits {
  return { min, max };
}

function expectation(variable: SubsetVariable, value: unknown): string | undefined {
  const places = placesOf(variable, value, limits(variable));
  const isOrdered = places?.every((place, index) => index === 0 || place > (places[index - 1] ?? -1));
  return isOrdered === true ? undefined : `expected ${itemsText(variable, limits(variable))}, in this order`;
}

function inOrder({ items }: SubsetVariable, chosen: readonly Json[]): Json {
  return items.filter((item) => indexOfValue(chosen, item) >= 0);
}

interface Items<V> {
  readonly items: (variable: V) => readonly Json[];
  readonly limits: (variable: V) => Limits;
}

/** What kinds know whose value is some items in their own order: a number for each, 1 for those that are in. */
function itemSet<V>({ items, limits }: Items<V>): Listed<V> & Drawn<V> & Coded<V> {
  const among = (variable: V, isIn: (index: number) => boolean): Json =>
    items(variable).filter((_, index) => isIn(index));
  return {
    size: (variable) => subsetCount(items(variable).length, limits(variable)),
    *values(variable) {
      const { min, max } = limits(variable);
      for (let count = min; count <= max; count++) yield* subsetsOf(items(variable), count);
    },
    neighbours(variable, value) {
      const all = items(variable);
      const now = new Set((value as readonly Json[]).map((item) => indexOfValue(all, item)));
      const { min, max } = limits(variable);
      const indices = [...all.keys()];
      const flips = indices.filter((index) => (now.has(index) ? now.size > min : now.size < max));
      const flipped = flips.map((index) => among(variable, (other) => now.has(other) !== (other === index)));
      const exchanges = indices.flatMap((out) =>
        indices.filter((into) => now.has(out) && !now.has(into)).map((into) => [out, into] as const),
      );
      const exchanged = exchanges.map(([out, into]) =>
        among(variable, (other) => other === into || (other !== out && now.has(other))),
      );
      return [...flipped, ...exchanged];
    },
    shares: (variable) => 1 + items(variable).length,
    draw(variable, [share = 0, ...ranks]) {
      const order = ranks.map((rank, index) => ({ rank, index })).sort((a, b) => a.rank - b.rank);
      const chosen = new Set(order.slice(0, countAt(limits(variable), share)).map(({ index }) => index));
      return among(variable, (index) => chosen.has(index));
    },
    width: (variable) => items(variable).length,
    encode(variable, value) {
      const list = value as readonly Json[];
      return items(variable).map((item) => (indexOfValue(list, item) < 0 ? 0 : 1));
    },
    decode(variable, numbers) {
      const chosen = new Set(atLeastAtMost(numbers, 0.5, limits(variable)));
      return among(variable, (index) => chosen.has(index));
    },
  };
}

function* subsetsOf(items: readonly Json[], count: number, from = 0): Generator<readonly Json[]> {
  if (count === 0) return yield [];
  for (let index = from; index + count <= items.length; index++)
    for (const rest of subsetsOf(items, count - 1, index + 1)) yield [items[index] as Json, ...rest];
}

/** How many subsets of `length` items there are within the limits: the sum of binomials. */
function subsetCount(length: number, { min, max }: Limits): number {
  let binomial = 1;
  let sum = min === 0 ? 1 : 0;
  for (let count = 1; count <= max; count++) {
    // Exact as long as numbers are: the product of k neighbours is divisible by k.
    binomial = (binomial * (length - count + 1)) / count;
    if (count >= min) sum += binomial;
  }
  return sum;
}
