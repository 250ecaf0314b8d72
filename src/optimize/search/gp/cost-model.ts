import type { Space } from "#variables";
import type { SearchState } from "../search-state.ts";
import { factorize, solveLower, solveUpper } from "./cholesky.ts";
import { featuresOf } from "./features.ts";
import type { Column } from "./features.ts";

/** The log of what a configuration costs, up to a constant, by its row of features. */
export type LogCost = (row: Float64Array) => number;

/** How many costs have to be told before they say something about the next one. */
const leastCosts = 8;

/** The newest so many are looked at. */
const mostCosts = 500;

/** How much less a term counts: as if so many trials had said that it changes nothing. */
const ridge = 1;

/** Costs that differ by less than this, relative to the least, are the same. */
const leastDifference = 0.05;

/**
 * Costs as a product of what each variable's value costs: ridge regression of their logs on numbers, on the presence of
 * conditional variables and on options. `undefined` where too few costs were told, or all are the same.
 */
export function costModelOf(space: Space, { trials }: SearchState): LogCost | undefined {
  const features = featuresOf(space);
  const told = trials.filter(({ outcome }) => (outcome?.cost ?? 0) > 0).slice(-mostCosts);
  const logs = Float64Array.from(told, ({ outcome }) => Math.log(outcome?.cost ?? 1));
  if (told.length < leastCosts || Math.max(...logs) - Math.min(...logs) < leastDifference) return undefined;
  const rows = told.map(({ configuration }) => features.rowOf(configuration));
  const terms = termsOf(features.columns, rows);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const designs = rows.map((row) => terms.map((term) => term(row)));
  const size = terms.length;
  const cells = new Float64Array(size * size);
  const weights = new Float64Array(size);
  for (const [at, design] of designs.entries())
    for (const [one, value] of design.entries()) {
      weights[one] = (weights[one] as number) + value * ((logs[at] as number) - mean);
      for (let other = 0; other <= one; other++)
        cells[one * size + other] = (cells[one * size + other] as number) + value * (design[other] as number);
    }
  for (let at = 0; at < size; at++) cells[at * size + at] = (cells[at * size + at] as number) + ridge;
  const matrix = { cells, size, stride: size };
  if (!factorize(matrix)) return undefined;
  solveLower(matrix, weights);
  solveUpper(matrix, weights);
  return (row) => terms.reduce((sum, term, at) => sum + term(row) * (weights[at] as number), 0);
}

/** What a row has of each term: a number's place, whether a variable is there, whether it has one of the values met. */
function termsOf(columns: readonly Column[], rows: readonly Float64Array[]): readonly LogCost[] {
  return columns.flatMap(({ kind }, column): LogCost[] => {
    const met = [...new Set(rows.map((row) => row[column] as number))];
    if (kind !== "number") return met.map((value) => (row) => (Object.is(row[column], value) ? 1 : 0));
    const place: LogCost = (row) => (Number.isNaN(row[column]) ? 0 : (row[column] as number) - 0.5);
    return met.some(Number.isNaN) ? [place, (row) => (Number.isNaN(row[column]) ? 0 : 1)] : [place];
  });
}
