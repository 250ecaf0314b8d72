import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formulaOf } from "./search-formulas.ts";
import { standardNoise } from "./search-noise.ts";
import type { SuiteProblem } from "./search-problem.ts";

/** bbo-suite.json: problems to search, with what their formulas must give. */
export interface Suite {
  readonly core: readonly string[];
  readonly noise_vectors: readonly { readonly seed: number; readonly k: number; readonly z: number }[];
  readonly problems: readonly SuiteProblem[];
}

/** What Optuna's samplers came to, by problem and sampler. */
export interface Baseline {
  readonly quality: Readonly<Record<string, Readonly<Record<string, BaselineRow>>>>;
}

export interface BaselineRow {
  /** By budget. */
  readonly best: Readonly<Record<string, Quartiles>>;
  /** Absent for problems without noise, where it equals `best`. */
  readonly incumbent_by_observation?: Readonly<Record<string, Quartiles>>;
  /** How many of 200 evaluations were of a point evaluated before; told for finite spaces. */
  readonly duplicate_evaluations_mean?: number;
}

export interface Quartiles {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

/** Where the data lies: beside the repository. */
export const suiteFolder: string = join(import.meta.dirname, "../../../shared/data");

export interface SearchSuite {
  readonly suite: Suite;
  readonly baseline: Baseline;
}

/** The suite and Optuna's figures; `undefined` where the data does not lie beside the repository. */
export function readSuite(): SearchSuite | undefined {
  const [suite, baseline] = [join(suiteFolder, "bbo-suite.json"), join(suiteFolder, "optuna-baseline.json")];
  if (!existsSync(suite) || !existsSync(baseline)) return undefined;
  return {
    suite: JSON.parse(readFileSync(suite, "utf8")) as Suite,
    baseline: JSON.parse(readFileSync(baseline, "utf8")) as Baseline,
  };
}

/**
 * How many test vectors the formulas and the noise reproduce. Throws at the first that they do not: bit for bit where
 * only `+ - * /` are used, within 1e-12 of the value elsewhere.
 */
export function checkSuite({ problems, noise_vectors }: Suite): number {
  let checked = 0;
  for (const { seed, k, z } of noise_vectors) {
    expectSame(`noise ${seed}/${k}`, standardNoise(seed, k), z, 0);
    checked++;
  }
  for (const problem of problems) {
    const formula = formulaOf(problem);
    const tolerance = problem.function === "team" || problem.function === "nk" ? 0 : 1e-12;
    for (const { params, value, observed_seed3_k17 } of problem.test_vectors) {
      const got = formula(params);
      expectSame(problem.id, got, value, tolerance);
      expectSame(problem.id, got + problem.noise_sigma * standardNoise(3, 17), observed_seed3_k17, tolerance);
      checked += 2;
    }
  }
  return checked;
}

function expectSame(where: string, got: number, expected: number, tolerance: number): void {
  if (Math.abs(got - expected) <= tolerance * Math.abs(expected)) return;
  throw new Error(`bbo-suite, ${where}: expected ${expected}, got ${got}`);
}
