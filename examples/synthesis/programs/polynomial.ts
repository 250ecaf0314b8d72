import type { Json } from "tutti/foundation";
import type { Hypothesis } from "./hypothesis.ts";
import { argumentNames } from "./source.ts";

/** A product of arguments, by position: `[]` is 1, `[0, 0]` the square of the first. */
export type Monomial = readonly number[];

/** Every monomial in this many arguments up to a degree, the lower degrees first. */
export function monomialsUpTo(variables: number, degree: number): readonly Monomial[] {
  let last: readonly Monomial[] = [[]];
  const all: Monomial[] = [[]];
  for (let power = 1; power <= degree; power++) {
    last = last.flatMap((monomial) =>
      Array.from({ length: variables }, (_, variable) => variable)
        .filter((variable) => variable >= (monomial.at(-1) ?? 0))
        .map((variable) => [...monomial, variable]),
    );
    all.push(...last);
  }
  return all;
}

/** The value of a monomial for these arguments. */
export function monomialValue(monomial: Monomial, input: readonly Json[]): number {
  return monomial.reduce((product, variable) => product * Number(input[variable]), 1);
}

/** The polynomial with these whole coefficients. A coefficient of 0 leaves its term out. */
export function polynomial(monomials: readonly Monomial[], coefficients: readonly number[]): Hypothesis {
  const terms = monomials
    .map((monomial, index) => ({ monomial, coefficient: coefficients[index] ?? 0 }))
    .filter(({ coefficient }) => coefficient !== 0);
  return {
    body: [
      ...terms.map(({ monomial, coefficient }) =>
        [coefficient, ...monomial.map((variable) => argumentNames[variable])].join(" * "),
      ),
      "0",
    ].join(" + "),
    size: sizeOfTerms(terms.map(({ monomial }) => monomial)),
    run: (input) =>
      terms.reduce((total, { monomial, coefficient }) => total + coefficient * monomialValue(monomial, input), 0) + 0,
  };
}

/** The size of a polynomial with these terms: one, and for each term one more than its degree. */
export function sizeOfTerms(monomials: readonly Monomial[]): number {
  return monomials.reduce((total, monomial) => total + 1 + monomial.length, 1);
}
