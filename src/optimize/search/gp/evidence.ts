import { factorize, inverseOf, solveLower, solveUpper } from "./cholesky.ts";
import type { Column } from "./features.ts";
import type { Hyperparameters, Prior } from "./hyperparameters.ts";
import { apart, matern, maternSlope } from "./kernel.ts";
import type { Columns } from "./kernel.ts";
import type { Slope } from "./lbfgs.ts";
import { warped } from "./target-warp.ts";

/** What a model is fitted to. */
export interface Sample {
  readonly columns: Columns;
  /** How far each configuration's mean score lies behind the best: see `target-warp.ts`. */
  readonly losses: Float64Array;
  /** How often each was measured. */
  readonly repeats: Float64Array;
}

/** So much of the signal is added to the diagonal, whatever the noise: what doubles can factorise. */
export const jitter = 1e-8;

const bendStep = 1e-4;

/**
 * The negative log of the posterior density of hyperparameters, up to a constant, with its gradient: the evidence of a
 * Gaussian process (Rasmussen & Williams 2006, 5.8 and 5.9) of the warped scores (Snelson et al. 2004), and their priors.
 */
export function negativeEvidence(features: readonly Column[], sample: Sample, priors: readonly Prior[]): Slope {
  const count = sample.losses.length;
  const distances = features.map((column, at) => pairsOf(column, sample.columns[at] as Float64Array));
  const pairs = (count * (count - 1)) / 2;
  const squares = new Float64Array(pairs);
  const differences = new Float64Array(pairs);
  const cells = new Float64Array(count * count);
  const matrix = { cells, size: count, stride: count };
  return (point, gradient) => {
    const parts = partsOf(point, features.length);
    sumDistances(features, distances, { weights: parts.weights, squares, differences });
    fillCovariance(sample, parts, { squares, differences, cells });
    const { values, logSlopes } = warped(sample.losses, parts.bend);
    if (!factorize(matrix)) return Infinity;
    const solved = values.slice();
    solveLower(matrix, solved);
    let logDensity = logSlopes;
    for (let row = 0; row < count; row++)
      logDensity -= 0.5 * (solved[row] as number) ** 2 + Math.log(cells[row * count + row] as number);
    solveUpper(matrix, solved);
    fillGradient(features, sample, {
      parts,
      distances,
      squares,
      differences,
      solved,
      inverse: inverseOf(matrix),
      gradient,
    });
    gradient[point.length - 1] = bendSlope(sample.losses, parts.bend, solved);
    return priced(-logDensity, { point, gradient, priors });
  };
}

/** The hyperparameters by name, as they are, no more as logs. */
export interface Parts {
  readonly weights: Float64Array;
  readonly signal: number;
  readonly noise: number;
  readonly bend: number;
}

export function partsOf(point: Hyperparameters, columns: number): Parts {
  return {
    weights: point.subarray(0, columns).map(Math.exp),
    signal: Math.exp(point[columns] as number),
    noise: Math.exp(point[columns + 1] as number),
    bend: Math.exp(point[columns + 2] as number),
  };
}

/** What the values of a column are apart, pair by pair below the diagonal, row by row. */
function pairsOf(column: Column, values: Float64Array): Float64Array {
  const pairs = new Float64Array((values.length * (values.length - 1)) / 2);
  let pair = 0;
  for (let row = 0; row < values.length; row++)
    for (let other = 0; other < row; other++)
      pairs[pair++] = apart(column, values[row] as number, values[other] as number);
  return pairs;
}

interface PairSums {
  readonly weights: Float64Array;
  readonly squares: Float64Array;
  readonly differences: Float64Array;
}

function sumDistances(
  features: readonly Column[],
  distances: readonly Float64Array[],
  { weights, squares, differences }: PairSums,
): void {
  squares.fill(0);
  differences.fill(0);
  for (const [at, { kind }] of features.entries()) {
    const weight = weights[at] as number;
    const [sums, factor] = kind === "number" ? [squares, weight * weight] : [differences, weight];
    const own = distances[at] as Float64Array;
    for (let pair = 0; pair < own.length; pair++) sums[pair] = (sums[pair] as number) + factor * (own[pair] as number);
  }
}

function fillCovariance(
  { repeats }: Sample,
  { signal, noise }: Parts,
  { squares, differences, cells }: { squares: Float64Array; differences: Float64Array; cells: Float64Array },
): void {
  const count = repeats.length;
  let pair = 0;
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < row; column++, pair++)
      cells[row * count + column] = signal * matern(squares[pair] as number) * Math.exp(-(differences[pair] as number));
    cells[row * count + row] = signal * (1 + jitter) + noise / (repeats[row] as number);
  }
}

interface GradientParts {
  readonly parts: Parts;
  readonly distances: readonly Float64Array[];
  readonly squares: Float64Array;
  readonly differences: Float64Array;
  /** The inverse covariance times the scores. */
  readonly solved: Float64Array;
  readonly inverse: Float64Array;
  readonly gradient: Float64Array;
}

/** Of the negative log evidence by the log weights, the log signal and the log noise. */
function fillGradient(features: readonly Column[], { repeats }: Sample, all: GradientParts): void {
  const { parts, distances, squares, differences, solved, inverse, gradient } = all;
  const { weights, signal, noise } = parts;
  const count = repeats.length;
  const byNumbers = new Float64Array(squares.length);
  const byOthers = new Float64Array(squares.length);
  let [bySignal, byNoise, pair] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    const own = solved[row] as number;
    for (let column = 0; column < row; column++, pair++) {
      const pull = own * (solved[column] as number) - (inverse[row * count + column] as number);
      const rest = pull * signal * Math.exp(-(differences[pair] as number));
      const square = squares[pair] as number;
      byOthers[pair] = rest * matern(square);
      byNumbers[pair] = rest * maternSlope(square);
      bySignal += byOthers[pair] as number;
    }
    const pull = 0.5 * (own * own - (inverse[row * count + row] as number));
    bySignal += pull * signal * (1 + jitter);
    byNoise += (pull * noise) / (repeats[row] as number);
  }
  for (const [at, { kind }] of features.entries()) {
    const weight = weights[at] as number;
    const isNumber = kind === "number";
    const slant = along(isNumber ? byNumbers : byOthers, distances[at] as Float64Array);
    gradient[at] = isNumber ? -2 * weight * weight * slant : weight * slant;
  }
  gradient[features.length] = -bySignal;
  gradient[features.length + 1] = -byNoise;
}

function along(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] as number) * (other[at] as number);
  return sum;
}

/** Of the negative log evidence by the log bend, which moves the scores only: by a difference. */
function bendSlope(losses: Float64Array, bend: number, solved: Float64Array): number {
  const above = warped(losses, bend * Math.exp(bendStep));
  const below = warped(losses, bend * Math.exp(-bendStep));
  let change = below.logSlopes - above.logSlopes;
  for (let at = 0; at < losses.length; at++)
    change += (solved[at] as number) * ((above.values[at] as number) - (below.values[at] as number));
  return change / (2 * bendStep);
}

/** With the negative log densities of the priors. */
function priced(
  value: number,
  { point, gradient, priors }: { point: Float64Array; gradient: Float64Array; priors: readonly Prior[] },
): number {
  let sum = value;
  for (const [at, { mean, deviation }] of priors.entries()) {
    const away = ((point[at] as number) - mean) / deviation;
    sum += 0.5 * away * away;
    gradient[at] = (gradient[at] as number) + away / deviation;
  }
  return Number.isFinite(sum) ? sum : Infinity;
}
