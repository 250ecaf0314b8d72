import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { Limits } from "./item-list.ts";

/** The different ordered lists of that many items; an item that stands there twice may come twice. */
export function* ordersOf(items: readonly Json[], count: number): Generator<readonly Json[]> {
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
export function orderCount(items: readonly Json[], { min, max }: Limits): number {
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
