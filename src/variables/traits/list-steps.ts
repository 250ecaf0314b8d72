import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import { isSameValue } from "../distinct-values.ts";
import type { Limits } from "./item-list.ts";

interface Room {
  readonly items: readonly Json[];
  readonly limits: Limits;
}

/** The ordered lists one step away: one item more, less, exchanged or elsewhere, or two items swapped. */
export function listSteps(list: readonly Json[], { items, limits: { min, max } }: Room): readonly Json[] {
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
