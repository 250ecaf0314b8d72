import { errorsOf } from "./candidate.ts";
import { monomialsUpTo, monomialValue, polynomial, sizeOfTerms } from "../programs/polynomial.ts";
import type { Monomial } from "../programs/polynomial.ts";
import type { Task } from "../tasks/task.ts";
import type { Coder } from "./coder.ts";
import { solveLinear } from "./linear-system.ts";
import { numberParameter, parameter } from "./parameter.ts";
import { shortlist } from "./shortlist.ts";
import type { Shortlist } from "./shortlist.ts";

const MAX_COEFFICIENT = 40;

/**
 * Fits polynomials with whole coefficients exactly, by Gaussian elimination, to ever more monomials. `degree` is the
 * highest; "auto" tries all of degree 1 first.
 */
export const polyCoder: Coder = (task, { budget, parameters }) => {
  const k = numberParameter("polyCoder", { parameters, name: "k" });
  const degree = parameter("polyCoder", { parameters, name: "degree" });
  const found = shortlist(task, { coder: "polyCoder", budget, k });
  const isNumeric = task.train.every(({ input, output }) => [...input, output].every(Number.isInteger));
  if (!isNumeric) return found.result();
  const variables = task.train[0]?.input.length ?? 0;
  const degrees = degree === "auto" ? [1, 2] : [Number(degree)];
  for (let omitted = 0; omitted <= found.tolerance; omitted++) {
    for (const highest of degrees) fitAll(task, found, { monomials: monomialsUpTo(variables, highest), omitted });
  }
  return found.result();
};

interface Fit {
  readonly monomials: readonly Monomial[];
  /** How many pairs a fit leaves out: 0 or 1. */
  readonly omitted: number;
}

/** Fits every set of monomials, the small sets first. */
function fitAll(task: Task, found: Shortlist, { monomials, omitted }: Fit): void {
  const rows = [...task.train.keys()];
  const views = omitted === 0 ? [rows] : rows.map((left) => rows.filter((row) => row !== left));
  const values = task.train.map(({ input }) => monomials.map((monomial) => monomialValue(monomial, input)));
  for (const subset of subsetsBySize(monomials.length)) {
    if (subset.length > rows.length - omitted) return;
    const chosen = subset.map((index) => monomials[index] as Monomial);
    if (found.isDone(sizeOfTerms(chosen))) return;
    for (const view of views) {
      if (!found.spend()) return;
      const matrix = view.map((row) => subset.map((index) => values[row]?.[index] ?? 0));
      fit(task, found, { chosen, view, matrix });
    }
  }
}

interface System {
  readonly chosen: readonly Monomial[];
  readonly view: readonly number[];
  readonly matrix: number[][];
}

function fit(task: Task, found: Shortlist, { chosen, view, matrix }: System): void {
  const right = view.map((row) => Number(task.train[row]?.output));
  const coefficients = solveLinear(matrix, right)?.map(Math.round);
  if (coefficients === undefined || coefficients.some((value) => value === 0 || Math.abs(value) > MAX_COEFFICIENT)) {
    return;
  }
  const hypothesis = polynomial(chosen, coefficients);
  const errors = errorsOf(task, hypothesis.run);
  if (errors <= task.train.length - view.length) found.offer(hypothesis, errors);
}

/** The sets of the first `count` whole numbers, those with fewer members first. */
function subsetsBySize(count: number): readonly (readonly number[])[] {
  let last: readonly (readonly number[])[] = [[]];
  const all = [...last];
  for (let size = 1; size <= count; size++) {
    last = last.flatMap((subset) =>
      Array.from({ length: count - 1 - (subset.at(-1) ?? -1) }, (_, step) => [
        ...subset,
        (subset.at(-1) ?? -1) + 1 + step,
      ]),
    );
    all.push(...last);
  }
  return all;
}
