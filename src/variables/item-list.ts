import { describe, integerBelow, pick, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import type { Definition, DefinitionOptions } from "./definition.ts";
import { checkDistinctValues, indexOfValue, listed } from "./distinct-values.ts";

/** A list of different items out of a fixed set: what subsets and permutations share. */
export interface ItemList extends Definition {
  readonly items: readonly Json[];
  readonly min?: number;
  readonly max?: number;
  readonly default?: readonly Json[];
}

export interface ItemListOptions extends DefinitionOptions {
  /** The fewest items. */
  readonly min?: number;
  /** The most items; all of them unless told. */
  readonly max?: number;
  /** All items in their order, cut to `max`, unless told. */
  readonly default?: readonly Json[];
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** Throws `UsageError` unless items and limits make sense. */
export function checkItems({ name, items }: ItemList, limits: () => Limits): void {
  checkDistinctValues(`variable ${name}.items`, items);
  const { min, max } = limits();
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < min || max > items.length)
    throw new UsageError(
      `variable ${name}: expected whole numbers 0 ≤ min ≤ max ≤ ${items.length}, got min ${describe(min)}, max ${describe(max)}`,
    );
}

export function defaultItems({ items, default: told }: ItemList, { max }: Limits): readonly Json[] {
  return told ?? items.slice(0, max);
}

/** Where the items of a value stand in the set, or `undefined` where it is no list of that many different items. */
export function placesOf({ items }: ItemList, value: unknown, { min, max }: Limits): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length < min || value.length > max) return undefined;
  const places = value.map((item: unknown) => indexOfValue(items, item));
  return places.includes(-1) || new Set(places).size < places.length ? undefined : places;
}

/** `2 to 3 different ones of "a", "b", "c"`. */
export function itemsText({ items }: ItemList, { min, max }: Limits): string {
  return `${min === max ? min : `${min} to ${max}`} different ones of ${listed(items)}`;
}

/** The room that a value has to change in. */
export function roomOf({ items }: ItemList, value: readonly Json[], limits: Limits): ListRoom {
  return { ...limits, spare: items.filter((item) => indexOfValue(value, item) < 0) };
}

export function itemsSchema({ items }: ItemList, { min, max }: Limits): JsonObject {
  return { type: "array", uniqueItems: true, items: { enum: items }, minItems: min, maxItems: max };
}

/** The size of a list at a share in [0, 1) of all its sizes, each as wide. */
export function countAt({ min, max }: Limits, share: number): number {
  return Math.min(max, min + Math.floor(share * (max - min + 1)));
}

/** The indices of the numbers above a threshold, or of the largest ones where the limits want more or fewer. */
export function atLeastAtMost(numbers: readonly number[], threshold: number, { min, max }: Limits): readonly number[] {
  const falling = numbers.map((number, index) => ({ number, index })).sort((a, b) => b.number - a.number);
  const above = falling.filter(({ number }) => number > threshold).length;
  return falling.slice(0, Math.min(max, Math.max(min, above))).map(({ index }) => index);
}

/** What a list may become: the items that it lacks, and how few and many it may have. */
interface ListRoom {
  readonly spare: readonly Json[];
  readonly min: number;
  readonly max: number;
}

/** A new list from an old one. */
type ListMove = (list: readonly Json[], rng: Rng) => Json[];

/** The moves that change which items a list has, within its room. */
export function memberMoves(list: readonly Json[], { spare, min, max }: ListRoom): ListMove[] {
  const add: ListMove = (items, rng) => items.toSpliced(integerBelow(rng, items.length + 1), 0, pick(rng, spare));
  const exchange: ListMove = (items, rng) => items.with(integerBelow(rng, items.length), pick(rng, spare));
  const drop: ListMove = (items, rng) => items.toSpliced(integerBelow(rng, items.length), 1);
  return [
    ...(spare.length > 0 && list.length < max ? [add] : []),
    ...(spare.length > 0 && list.length > 0 ? [exchange] : []),
    ...(list.length > min ? [drop] : []),
  ];
}

/** The moves that change the order of a list of different items. */
export function orderMoves(list: readonly Json[]): ListMove[] {
  return list.length < 2 ? [] : [swapped, shifted];
}

/** Two items change places. */
function swapped(list: readonly Json[], rng: Rng): Json[] {
  const [one, other] = twoPlaces(list, rng);
  return list.with(one, list[other] as Json).with(other, list[one] as Json);
}

/** One item moves elsewhere; those between close up. */
function shifted(list: readonly Json[], rng: Rng): Json[] {
  const [from, to] = twoPlaces(list, rng);
  return list.toSpliced(from, 1).toSpliced(to, 0, list[from] as Json);
}

function twoPlaces({ length }: readonly Json[], rng: Rng): [number, number] {
  const one = integerBelow(rng, length);
  return [one, (one + 1 + integerBelow(rng, length - 1)) % length];
}
