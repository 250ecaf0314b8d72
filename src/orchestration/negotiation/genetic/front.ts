/** What each agent makes of something; `null` where an agent could not say: worse than anything. */
export type Utilities = readonly (number | null)[];

/** Whether nobody is worse off with the first, and somebody better. */
function dominates(a: Utilities, b: Utilities): boolean {
  let isBetter = false;
  for (let index = 0; index < a.length; index++) {
    const [own, other] = [a[index] ?? -Infinity, b[index] ?? -Infinity];
    if (own < other) return false;
    if (own > other) isBetter = true;
  }
  return isBetter;
}

/** Those that none of the others dominates. */
export function nonDominated<T extends { readonly utilities: Utilities }>(items: readonly T[]): readonly T[] {
  return items.filter(({ utilities }) => !items.some((other) => dominates(other.utilities, utilities)));
}

/** How good an item's place is: the front it is on, 0 first, and how much room is around it there. */
export interface Place {
  readonly rank: number;
  readonly crowding: number;
}

/** Fronts by non-dominated sorting, room by crowding distance (Deb et al., NSGA-II, 2002). */
export function placesOf(items: readonly { readonly utilities: Utilities }[]): readonly Place[] {
  const places: Place[] = items.map(() => ({ rank: 0, crowding: 0 }));
  const above = items.map(({ utilities }) => items.filter((other) => dominates(other.utilities, utilities)).length);
  let front = above.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let rank = 0; front.length > 0; rank++) {
    const distances = crowdingOf(front.map((index) => items[index]?.utilities ?? []));
    front.forEach((index, place) => {
      places[index] = { rank, crowding: distances[place] ?? 0 };
    });
    const next: number[] = [];
    for (const index of front) {
      items.forEach((other, below) => {
        if (!dominates(items[index]?.utilities ?? [], other.utilities)) return;
        above[below] = (above[below] ?? 0) - 1;
        if (above[below] === 0) next.push(below);
      });
    }
    front = next;
  }
  return places;
}

function crowdingOf(front: readonly Utilities[]): readonly number[] {
  const distances = front.map(() => 0);
  for (let agent = 0; agent < (front[0]?.length ?? 0); agent++) {
    const worths = front.map((utilities) => utilities[agent] ?? -Infinity);
    const order = front.map((_, index) => index).sort((a, b) => compare(worths[a], worths[b]) || a - b);
    const [least = 0, most = 0] = [worths[order[0] ?? 0], worths[order.at(-1) ?? 0]];
    order.forEach((index, place) => {
      const [before, after] = [worths[order[place - 1] ?? -1], worths[order[place + 1] ?? -1]];
      const isEnd = before === undefined || after === undefined;
      const room = isEnd ? Infinity : (after - before) / (most - least);
      distances[index] = (distances[index] ?? 0) + (Number.isNaN(room) ? 0 : room);
    });
  }
  return distances;
}

function compare(a = -Infinity, b = -Infinity): number {
  return Number(a > b) - Number(a < b);
}
