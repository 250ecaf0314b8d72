import type { Work } from "../../teleprompter.ts";
import type { Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import { leaderPlace, validationRun } from "../pool/validation-race.ts";
import type { SimbaState } from "./simba-state.ts";
import { gainOverParent } from "./simba-strategy.ts";
import type { StepSize } from "./step-examples.ts";

/**
 * Between two steps: the next validation examples of who was better than its parent and is worth most of those that are
 * worth more than the incumbent, one for each step; `undefined` where there is nobody, or its examples are out.
 */
export function promisingDue(state: SimbaState, { perStep }: Pick<StepSize, "perStep">): Work | undefined {
  const { task, pool, begun } = state;
  if (begun === 0 || begun % perStep > 0 || !isQuiet(state)) return undefined;
  const worths = shrunkenMeans(pool, "train");
  const least = worths[leaderPlace(task, pool) ?? 0] ?? -Infinity;
  const raced = [...pool.keys()].filter((place) => place > 0 && isRaced(pool[place] as Member));
  const last = firstRace(state, raced);
  if (last !== undefined || raced.length >= begun / perStep) return last;
  const others = [...pool.keys()].filter((place) => {
    const member = pool[place] as Member;
    const isGain = (gainOverParent(pool, member) ?? 0) > 0;
    return isGain && !isRaced(member) && (worths[place] ?? -Infinity) > least;
  });
  return firstRace(state, byWorth(others, worths));
}

function isRaced({ asked }: Member): boolean {
  return asked.validation.length > 0;
}

function byWorth(places: readonly number[], worths: readonly (number | undefined)[]): readonly number[] {
  return places.toSorted((a, b) => (worths[b] ?? 0) - (worths[a] ?? 0));
}

function firstRace({ task, pool }: SimbaState, places: readonly number[]): Work | undefined {
  for (const place of places) {
    const run = validationRun(task, pool, place);
    if (run !== undefined) return run;
  }
  return undefined;
}

/** When nothing else is to come: the next validation examples of the best. */
export function finalistDue(state: SimbaState, options: Pick<StepSize, "perStep">): Work | undefined {
  return isQuiet(state) ? firstRace(state, finalistsOf(state, options)) : undefined;
}

export function isQuiet({ orders, drafts, pool }: SimbaState): boolean {
  return orders.length + drafts.length === 0 && pool.every(({ out }) => out === 0);
}

/** The best of the pool, if they are better than the baseline. */
function finalistsOf({ pool }: SimbaState, { perStep }: Pick<StepSize, "perStep">): readonly number[] {
  const worths = shrunkenMeans(pool, "train");
  const least = worths[0] ?? -Infinity;
  const above = [...worths.entries()].filter(([, worth]) => worth !== undefined && worth > least);
  return above
    .toSorted((a, b) => (b[1] ?? 0) - (a[1] ?? 0))
    .slice(0, perStep)
    .map(([place]) => place);
}
