import { factorize, solveLower, solveUpper } from "./cholesky.ts";
import type { Matrix } from "./cholesky.ts";
import { jitter, partsOf } from "./evidence.ts";
import type { Sample } from "./evidence.ts";
import type { Column } from "./features.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import { columnsOf, matern, maternSlope, sumApart } from "./kernel.ts";
import type { Columns, Kernel } from "./kernel.ts";
import { warped } from "./target-warp.ts";

/** What the model says about any configuration: warped scores, the higher the better. */
export interface Posterior {
  /** The mean at a row of features. */
  mean(row: Float64Array): number;
  /** The mean and the standard deviation without noise. The result is overwritten by the next call. */
  predict(row: Float64Array): Prediction;
  /** How both change with the numbers at some columns of the row that was predicted last. */
  slopes(columns: readonly number[], byMean: Float64Array, byDeviation: Float64Array): void;
}

interface Prediction {
  mean: number;
  deviation: number;
}

const leastVariance = 1e-12;

/**
 * What is added to the diagonal, as shares of the signal, until it can be factorised. What lacks a number is as far from
 * every number, as no point is from a whole line: where weights are small the matrix may not be positive definite.
 */
const jitters = [jitter, 1e-6, 1e-4, 1e-2, 1];

/**
 * The posterior of a Gaussian process given what was measured. Pending configurations count as measured with their own mean
 * (fantasies, Ginsbourger et al. 2010): the mean stays, the deviation near them shrinks.
 */
export function posteriorOf(
  features: readonly Column[],
  {
    sample,
    pending,
    hyperparameters,
  }: { sample: Sample; pending: readonly Float64Array[]; hyperparameters: Hyperparameters },
): Posterior | undefined {
  const parts = partsOf(hyperparameters, features.length);
  const { values } = warped(sample.losses, parts.bend);
  const measured = values.length;
  const more = columnsOf(features, pending);
  const columns = sample.columns.map((column, at) => Float64Array.from([...column, ...(more[at] as Float64Array)]));
  const size = measured + pending.length;
  const all = { columns, size, parts, repeats: sample.repeats };
  const cells = covarianceOf(features, all);
  const matrix = jitters
    .values()
    .map((added) => factorOf(cells, { ...all, added }))
    .find((factor) => factor !== undefined);
  if (matrix === undefined) return undefined;
  const known = { ...matrix, size: measured };
  const pulls = values.slice();
  solveLower(known, pulls);
  solveUpper(known, pulls);
  return predictor(features, { columns, kernel: parts, matrix, pulls });
}

interface Factored {
  readonly columns: Columns;
  readonly size: number;
  readonly parts: Kernel & { readonly noise: number };
  readonly repeats: Float64Array;
}

/** The lower triangle without its diagonal. */
function covarianceOf(features: readonly Column[], { columns, size, parts }: Factored): Float64Array {
  const cells = new Float64Array(size * size);
  const sums = { squares: new Float64Array(size), differences: new Float64Array(size) };
  const row = new Float64Array(features.length);
  for (let at = 0; at < size; at++) {
    for (let column = 0; column < row.length; column++) row[column] = columns[column]?.[at] as number;
    sumApart(features, parts, { row, others: columns, count: at, sums });
    for (let other = 0; other < at; other++)
      cells[at * size + other] =
        parts.signal * matern(sums.squares[other] as number) * Math.exp(-(sums.differences[other] as number));
  }
  return cells;
}

function factorOf(
  covariance: Float64Array,
  { size, parts, repeats, added }: Factored & { readonly added: number },
): Matrix | undefined {
  const cells = covariance.slice();
  for (let at = 0; at < size; at++)
    cells[at * size + at] = parts.signal * (1 + added) + parts.noise / (repeats[at] ?? 1);
  const matrix = { cells, size, stride: size };
  return factorize(matrix) ? matrix : undefined;
}

interface Predictor {
  readonly columns: Columns;
  readonly kernel: Kernel;
  readonly matrix: Matrix;
  /** The inverse covariance times the scores, of what was measured. */
  readonly pulls: Float64Array;
}

function predictor(features: readonly Column[], { columns, kernel, matrix, pulls }: Predictor): Posterior {
  const { size } = matrix;
  const sums = { squares: new Float64Array(size), differences: new Float64Array(size) };
  const covariances = new Float64Array(size);
  const solved = new Float64Array(size);
  const last: { row: Float64Array; deviation: number } = { row: new Float64Array(features.length), deviation: 1 };
  const result: Prediction = { mean: 0, deviation: 0 };
  const relate = (row: Float64Array, count: number): number => {
    sumApart(features, kernel, { row, others: columns, count, sums });
    let mean = 0;
    for (let at = 0; at < count; at++) {
      const covariance =
        kernel.signal * matern(sums.squares[at] as number) * Math.exp(-(sums.differences[at] as number));
      covariances[at] = covariance;
      if (at < pulls.length) mean += covariance * (pulls[at] as number);
    }
    return mean;
  };
  return {
    mean: (row) => relate(row, pulls.length),
    predict(row) {
      result.mean = relate(row, size);
      solved.set(covariances);
      solveLower(matrix, solved);
      let variance = kernel.signal;
      for (let at = 0; at < size; at++) variance -= (solved[at] as number) ** 2;
      result.deviation = Math.sqrt(Math.max(leastVariance, variance));
      last.row = row;
      last.deviation = result.deviation;
      return result;
    },
    slopes(wanted, byMean, byDeviation) {
      solveUpper(matrix, solved);
      for (let at = 0; at < size; at++)
        covariances[at] =
          kernel.signal * maternSlope(sums.squares[at] as number) * Math.exp(-(sums.differences[at] as number));
      for (const [place, column] of wanted.entries()) {
        const values = columns[column] as Float64Array;
        const own = last.row[column] as number;
        const weight = 2 * (kernel.weights[column] as number) ** 2;
        let [mean, variance] = [0, 0];
        for (let at = 0; at < size; at++) {
          const other = values[at] as number;
          if (Number.isNaN(other)) continue;
          const slope = weight * (own - other) * (covariances[at] as number);
          if (at < pulls.length) mean += slope * (pulls[at] as number);
          variance -= 2 * slope * (solved[at] as number);
        }
        byMean[place] = mean;
        byDeviation[place] = variance / (2 * last.deviation);
      }
    },
  };
}
