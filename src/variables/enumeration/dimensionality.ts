import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";

/** How many variables of a space have more than one value to choose from; computed ones have none. */
export function dimensionality(space: Space): number {
  return space.variables.filter((variable) => kindOf(variable).size(variable) > 1).length;
}
