import { describe, integerBelow, pick, sampleItems, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { VariableKind } from "./definition.ts";
import { indexOfValue } from "./distinct-values.ts";
import { checkItems, defaultItems, itemsSchema, itemsText, placesOf, roomOf } from "./traits/item-list.ts";
import type { ItemList, ItemListOptions, Limits } from "./traits/item-list.ts";
import { memberMoves } from "./traits/list-neighbour.ts";
import { itemSet } from "./traits/item-set.ts";

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
