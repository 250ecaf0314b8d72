import { integerBelow, pick } from "tutti/foundation";
import type { Rng } from "tutti/foundation";
import * as arithmetic from "../../programs/arithmetic.ts";
import { decisionList } from "../../programs/decision-list.ts";
import type { Predicate, Term } from "../../programs/decision-list.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { integerBetween } from "./integer-between.ts";

/** Two or three cases over one or two whole numbers. */
export function branchTruth(rng: Rng): GroundTruth {
  const variables = integerBetween(rng, 1, 2);
  const rules = Array.from({ length: integerBetween(rng, 1, 2) }, () => ({
    when: predicate(rng, variables),
    gives: leaf(rng, variables),
  }));
  return {
    ...decisionList(rules, leaf(rng, variables)),
    sample: (chance) => Array.from({ length: variables }, () => integerBetween(chance, -12, 20)),
  };
}

const limits: readonly number[] = [-5, 0, 5, 10];

function predicate(rng: Rng, variables: number): Predicate {
  const variable = integerBelow(rng, variables);
  const kind = integerBelow(rng, variables === 2 ? 5 : 4);
  if (kind === 0) return arithmetic.isBelow(variable, pick(rng, limits));
  if (kind === 1) return arithmetic.isAbove(variable, pick(rng, limits));
  if (kind === 2) return arithmetic.hasRest(variable, { divisor: 2, rest: 0 });
  if (kind === 3) return arithmetic.hasRest(variable, { divisor: 3, rest: integerBelow(rng, 3) });
  return arithmetic.isLess(variable, 1 - variable);
}

function leaf(rng: Rng, variables: number): Term {
  const variable = integerBelow(rng, variables);
  const kind = integerBelow(rng, variables === 2 ? 6 : 5);
  if (kind === 0) return arithmetic.argument(variable);
  if (kind === 1) return arithmetic.constant(integerBetween(rng, -5, 30));
  if (kind === 2) return arithmetic.shifted(variable, integerBetween(rng, 1, 20));
  if (kind === 3) return arithmetic.scaled(variable, integerBetween(rng, 2, 6));
  if (kind === 4) return arithmetic.negated(variable);
  return arithmetic.difference(variable, 1 - variable);
}
