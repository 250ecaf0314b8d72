import { enumerateConfigurations, spaceSize } from "#variables/search";
import type { Configuration, Space } from "#variables";

/** Larger spaces are not listed. */
const mostListed = 10_000;

const lists = new WeakMap<Space, readonly Configuration[]>();

/** All configurations of a space that has no more than 10,000 of them; `undefined` for others. */
function listed(space: Space): readonly Configuration[] | undefined {
  const known = lists.get(space) ?? (spaceSize(space) > mostListed ? [] : [...enumerateConfigurations(space)]);
  lists.set(space, known);
  return known.length === 0 ? undefined : known;
}

export interface UntriedOptions {
  readonly isNew: (configuration: Configuration) => boolean;
  /** How many trials there are. */
  readonly number: number;
  /** Of how many untried ones at most they are told. */
  readonly most?: number;
}

/** The configurations of a small space that are left to try; `undefined` where the space is not small, or more are left. */
export function untriedConfigurations(
  space: Space,
  { isNew, number, most = mostListed }: UntriedOptions,
): readonly Configuration[] | undefined {
  const all = listed(space);
  if (all === undefined || all.length - number > most) return undefined;
  const untried = all.filter(isNew);
  return untried.length > most ? undefined : untried;
}
