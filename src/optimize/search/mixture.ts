import type { Json, Rng } from "#foundation";
import type { Configuration } from "#variables";
import type { Kernels, MakeKernels } from "./kernels.ts";

/** A density over configurations: a component around each of some configurations, and one as wide as the space. */
export interface Mixture {
  /** The log of the density at a configuration, over the variables that it has; up to a constant of the space. */
  logDensity(configuration: Configuration): number;
  /** A value for every variable, active or not: those of one component, but now and then one of the wide component. */
  draw(rng: Rng): Configuration;
}

/** How many variables of a draw come from the wide component on average: what no component has is tried too. */
const wideVariables = 0.5;

/** A configuration with its weight relative to the others. */
export interface Weighted {
  readonly configuration: Configuration;
  readonly weight: number;
}

/** How to make the kernels of each variable, by its name. */
export type Models = ReadonlyMap<string, MakeKernels>;

/**
 * The mixture around these configurations; the wide component weighs as much as one of them does on average. Components
 * take all variables together, so that what goes well together stays together. Where a component lacks a variable that
 * a configuration has, it is as wide as the variable there: conditional variables need no model of their own.
 */
export function mixture(models: Models, around: readonly Weighted[]): Mixture {
  const kernels = models.entries().map(([name, make]): readonly [string, Kernels] => {
    return [name, make([...around.map(({ configuration }) => configuration[name]), undefined])];
  });
  const all = kernels.toArray();
  const weights = sharesOf(around);
  const logWeights = weights.map(Math.log);
  const sums = new Float64Array(weights.length);
  return {
    logDensity(configuration) {
      sums.set(logWeights);
      for (const [name, kernel] of all) {
        const value = configuration[name];
        if (value !== undefined) kernel.addLogDensity(sums, value);
      }
      return logSumExp(sums);
    },
    draw(rng) {
      const component = drawComponent(weights, rng);
      const values = all.map(([name, kernel]): [string, Json] => {
        const isWide = rng.next() * all.length < wideVariables;
        return [name, kernel.draw(isWide ? weights.length - 1 : component, rng)];
      });
      return Object.fromEntries(values);
    },
  };
}

/** The share of each component, the wide one's last. */
function sharesOf(around: readonly Weighted[]): Float64Array {
  const sum = around.reduce((total, { weight }) => total + weight, 0);
  const wide = around.length === 0 ? 1 : sum / around.length;
  return Float64Array.from([...around.map(({ weight }) => weight), wide], (weight) => weight / (sum + wide));
}

function drawComponent(shares: Float64Array, rng: Rng): number {
  let rest = rng.next();
  const component = shares.findIndex((share) => (rest -= share) < 0);
  return component < 0 ? shares.length - 1 : component;
}

function logSumExp(terms: Float64Array): number {
  let most = -Infinity;
  for (const term of terms) if (term > most) most = term;
  if (most === -Infinity) return most;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - most);
  return most + Math.log(sum);
}
