import type { Json, Rng } from "#foundation";

/** The densities of one variable around what was observed of it, one per component of a mixture. */
export interface Kernels {
  /** Adds to each component's sum the log of its density at this value. */
  addLogDensity(sums: Float64Array, value: Json): void;
  /** A value drawn from one component. */
  draw(component: number, rng: Rng): Json;
}

/**
 * Kernels around observed values, one component each. Where nothing was observed, since the variable was inactive, a
 * component is as wide as the variable.
 */
export type MakeKernels = (observed: readonly (Json | undefined)[]) => Kernels;
