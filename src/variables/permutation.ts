import { describe, integerBelow, pick, sampleItems, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { defined, definitionOptions } from "./definition.ts";
import type { VariableKind } from "./definition.ts";
import { indexOfValue } from "./distinct-values.ts";
import { checkItems, defaultItems, itemsSchema, itemsText, placesOf, roomOf } from "./traits/item-list.ts";
import type { ItemList, ItemListOptions, Limits } from "./traits/item-list.ts";
import { memberMoves, orderMoves } from "./traits/list-neighbour.ts";
import { itemOrder } from "./traits/item-order.ts";

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
