import type { Schedule } from "./schedule.ts";

/** The least of a schedule that still fails: fewer faults, then fewer requests. None can be left out alone. */
export function minimiseSchedule(schedule: Schedule, fails: (schedule: Schedule) => boolean): Schedule {
  const faults = leastOf(schedule.faults, (some) => fails({ ...schedule, faults: some }));
  const requests = leastOf(schedule.requests, (some) => fails({ ...schedule, faults, requests: some }));
  return { ...schedule, faults, requests };
}

/** Delta debugging (Zeller and Hildebrandt 2002, ddmin): a part of the items that fails, none of which can be left out. */
function leastOf<T>(items: readonly T[], fails: (some: readonly T[]) => boolean): readonly T[] {
  if (items.length === 0 || fails([])) return [];
  let least = items;
  for (let parts = 2; least.length > 1;) {
    const size = Math.ceil(least.length / parts);
    const without = Array.from({ length: parts }, (_, part) =>
      least.filter((_item, place) => Math.floor(place / size) !== part),
    );
    const smaller = without.find((some) => some.length < least.length && fails(some));
    if (smaller !== undefined) {
      least = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= least.length) return least;
    else parts = Math.min(least.length, parts * 2);
  }
  return least;
}
