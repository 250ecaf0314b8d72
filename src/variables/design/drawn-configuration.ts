import type { Configuration } from "../configuration.ts";
import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";
import { walkSpace } from "../walk.ts";

/** Which numbers of a point decide each variable, and how many there are. */
export interface ShareLayout {
  readonly columns: ReadonlyMap<string, readonly number[]>;
  readonly count: number;
}

/**
 * The first number of every variable stands before all second ones: it decides most, and the first dimensions of a
 * sequence are spread best.
 */
export function shareLayout({ variables }: Space): ShareLayout {
  const counts = variables.map((variable) => kindOf(variable).shares(variable));
  let count = counts.filter((each) => each > 0).length;
  let first = 0;
  const columns = variables.map(({ name }, index) => {
    const shares = counts[index] ?? 0;
    const own = Array.from({ length: shares }, (_, share) => (share === 0 ? first++ : count++));
    return [name, own] as const;
  });
  return { columns: new Map(columns), count };
}

/** The configuration that a point of numbers in [0, 1) decides; it may break constraints. */
export function drawnConfiguration(space: Space, { columns }: ShareLayout, point: ArrayLike<number>): Configuration {
  return walkSpace(space, (variable) => {
    const shares = (columns.get(variable.name) ?? []).map((column) => point[column] ?? 0);
    return kindOf(variable).draw(variable, shares);
  });
}
