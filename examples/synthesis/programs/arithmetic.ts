import type { Json } from "tutti/foundation";
import type { Predicate, Term } from "./decision-list.ts";
import { argumentNames } from "./source.ts";

const at = (input: readonly Json[], variable: number): number => Number(input[variable]);
const name = (variable: number): string => argumentNames[variable] ?? "";

/** `x < c` and `x > c`. */
export function isBelow(variable: number, limit: number): Predicate {
  return { body: `(${name(variable)} < ${limit})`, size: 3, holds: (input) => at(input, variable) < limit };
}
export function isAbove(variable: number, limit: number): Predicate {
  return { body: `(${name(variable)} > ${limit})`, size: 3, holds: (input) => at(input, variable) > limit };
}

/** `x mod divisor = rest`, with the rest of a negative number counted upwards. */
export function hasRest(variable: number, { divisor, rest }: { divisor: number; rest: number }): Predicate {
  return {
    body: `(mod(${name(variable)}, ${divisor}) === ${rest})`,
    size: 3,
    holds: (input) => at(input, variable) - divisor * Math.floor(at(input, variable) / divisor) === rest,
  };
}

/** `x < y`. */
export function isLess(left: number, right: number): Predicate {
  return { body: `(${name(left)} < ${name(right)})`, size: 3, holds: (input) => at(input, left) < at(input, right) };
}

/** The leaves: `c`, `x`, `x + c`, `c · x`, `−x`, `x − y`. */
export function constant(value: number): Term {
  return { body: String(value), size: 1, value: () => value };
}
export function argument(variable: number): Term {
  return { body: name(variable), size: 1, value: (input) => at(input, variable) };
}
export function shifted(variable: number, by: number): Term {
  return { body: `${name(variable)} + ${by}`, size: 3, value: (input) => at(input, variable) + by };
}
export function scaled(variable: number, by: number): Term {
  return { body: `${name(variable)} * ${by} + 0`, size: 3, value: (input) => at(input, variable) * by + 0 };
}
export function negated(variable: number): Term {
  return { body: `0 - ${name(variable)}`, size: 2, value: (input) => 0 - at(input, variable) };
}
export function difference(left: number, right: number): Term {
  return { body: `${name(left)} - ${name(right)}`, size: 3, value: (input) => at(input, left) - at(input, right) };
}
