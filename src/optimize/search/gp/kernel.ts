import type { Column } from "./features.ts";

/**
 * The covariance of two configurations: Matérn-5/2 over the weighted distance of their numbers, times exp(-mismatch) over
 * the weighted differences of everything else; one weight a variable (automatic relevance determination). Where only one
 * of the two has a variable they are a constant apart, where neither has it they do not differ.
 */
export interface Kernel {
  readonly weights: Float64Array;
  readonly signal: number;
}

/** Half of the range. */
const squareWithoutNumber = 0.25;

const differenceWithoutValue = 1;

const rootFive = Math.sqrt(5);

/** What two values of a column add: the square of their distance for numbers, their difference for others. */
export function apart({ kind, difference }: Column, one: number, other: number): number {
  if (Number.isNaN(one) || Number.isNaN(other)) {
    if (Number.isNaN(one) === Number.isNaN(other)) return 0;
    return kind === "number" ? squareWithoutNumber : differenceWithoutValue;
  }
  return kind === "number" ? (one - other) ** 2 : difference(one, other);
}

/** The factor of numbers at a square of the weighted distance. */
export function matern(square: number): number {
  const root = rootFive * Math.sqrt(square);
  return (1 + root + (5 / 3) * square) * Math.exp(-root);
}

/** How that factor changes with the square. */
export function maternSlope(square: number): number {
  const root = rootFive * Math.sqrt(square);
  return (-5 / 6) * (1 + root) * Math.exp(-root);
}

/** Many configurations, column by column. */
export type Columns = readonly Float64Array[];

/** The rows as columns. */
export function columnsOf(columns: readonly Column[], rows: readonly Float64Array[]): Columns {
  return columns.map((_, at) => Float64Array.from(rows, (row) => row[at] as number));
}

/** Sums over the columns between one configuration and each of many: of squares of numbers, and of other differences. */
export interface Sums {
  readonly squares: Float64Array;
  readonly differences: Float64Array;
}

/** Fills the sums from one row to the first so many of the others. */
export function sumApart(
  columns: readonly Column[],
  { weights }: Kernel,
  { row, others, count, sums }: { row: Float64Array; others: Columns; count: number; sums: Sums },
): void {
  const { squares, differences } = sums;
  squares.fill(0, 0, count);
  differences.fill(0, 0, count);
  for (let column = 0; column < columns.length; column++) {
    const own = row[column] as number;
    const values = others[column] as Float64Array;
    const weight = weights[column] as number;
    const { kind, difference } = columns[column] as Column;
    if (kind === "number") addSquares(squares, values, { own, count, weight: weight * weight });
    else if (kind === "option") addMismatches(differences, values, { own, count, weight });
    else
      for (let at = 0; at < count; at++) {
        const other = values[at] as number;
        const isEither = Number.isNaN(own) || Number.isNaN(other);
        const differ = isEither ? +(Number.isNaN(own) !== Number.isNaN(other)) : difference(own, other);
        differences[at] = (differences[at] as number) + weight * differ;
      }
  }
}

interface Term {
  readonly own: number;
  readonly count: number;
  readonly weight: number;
}

function addSquares(sums: Float64Array, values: Float64Array, { own, count, weight }: Term): void {
  const isMissing = Number.isNaN(own);
  for (let at = 0; at < count; at++) {
    const distance = own - (values[at] as number);
    // Not a number where one of the two has none.
    if (distance === distance) sums[at] = (sums[at] as number) + weight * distance * distance;
    else if (isMissing !== Number.isNaN(values[at])) sums[at] = (sums[at] as number) + weight * squareWithoutNumber;
  }
}

function addMismatches(sums: Float64Array, values: Float64Array, { own, count, weight }: Term): void {
  const isMissing = Number.isNaN(own);
  for (let at = 0; at < count; at++) {
    const other = values[at] as number;
    if (own !== other && !(isMissing && Number.isNaN(other))) sums[at] = (sums[at] as number) + weight;
  }
}
