import { normalShare } from "../normal-distribution.ts";

/** The log of the expected improvement, and how it changes with the mean and with the standard deviation. */
export interface Improvement {
  readonly log: number;
  readonly byMean: number;
  readonly byDeviation: number;
}

const logRootTau = 0.5 * Math.log(2 * Math.PI);

/** Below this the improvement is a tail, for which differences of shares would lose all digits. */
const tail = -1;

const fractionDepth = 40;

/**
 * The expected improvement over `best` of a normal with this mean and deviation, as its log, which has a slope wherever the
 * improvement itself is 0 in doubles (Ament et al. 2023).
 */
export function logImprovement(best: number, mean: number, deviation: number): Improvement {
  const z = (mean - best) / deviation;
  const logDensity = -0.5 * z * z - logRootTau;
  if (z > tail) {
    const [density, share] = [Math.exp(logDensity), normalShare(z)];
    const height = density + z * share;
    return {
      log: Math.log(deviation * height),
      byMean: share / (deviation * height),
      byDeviation: density / (deviation * height),
    };
  }
  // With Mills' ratio 1/(t + c), t = -z: the share is density/(t + c), the height density · c/(t + c).
  const c = millsTail(-z);
  const log = Math.log(deviation) + logDensity + Math.log(c / (c - z));
  return { log, byMean: 1 / (deviation * c), byDeviation: (c - z) / (deviation * c) };
}

/** The `c` in Mills' ratio 1/(t + c): the continued fraction 1/(t + 2/(t + 3/(t + …))) (Laplace). */
function millsTail(t: number): number {
  let rest = t;
  for (let depth = fractionDepth; depth > 1; depth--) rest = t + depth / rest;
  return 1 / rest;
}
