import { integerBelow } from "tutti/foundation";
import type { Rng } from "tutti/foundation";

/** A whole number in [`min`, `max`], uniform. */
export function integerBetween(rng: Rng, min: number, max: number): number {
  return min + integerBelow(rng, max - min + 1);
}
