import type { Rng } from "tutti/foundation";
import { monomialsUpTo, polynomial } from "../../programs/polynomial.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { integerBetween } from "./integer-between.ts";

/** A polynomial of degree 1 or 2 in one to three whole numbers; 45 % of the coefficients are 0. */
export function polyTruth(rng: Rng): GroundTruth {
  const variables = integerBetween(rng, 1, 3);
  const monomials = monomialsUpTo(variables, integerBetween(rng, 1, 2));
  const coefficients = monomials.map(() => (rng.next() < 0.45 ? 0 : integerBetween(rng, -6, 9)));
  return {
    ...polynomial(monomials, coefficients),
    sample: (chance) => Array.from({ length: variables }, () => integerBetween(chance, -9, 12)),
  };
}
