import { integerBelow, pick } from "#foundation";
import type { Json, Rng } from "#foundation";

/** What a list may become: the items that it lacks, and how few and many it may have. */
export interface ListRoom {
  readonly spare: readonly Json[];
  readonly min: number;
  readonly max: number;
}

/** A new list from an old one. */
export type ListMove = (list: readonly Json[], rng: Rng) => Json[];

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
