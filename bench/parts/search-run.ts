import { seededRng } from "#foundation";
import type { Sampler } from "#optimize";
import { formulaOf } from "./search-formulas.ts";
import { standardNoise } from "./search-noise.ts";
import { spaceOf, valuesOf } from "./search-problem.ts";
import type { SuiteProblem } from "./search-problem.ts";

/** What one search has after each of some numbers of evaluations. */
export interface SearchRun {
  /** The best noiseless value among the points evaluated. */
  readonly best: readonly number[];
  /** The noiseless value of the point with the best observed value. */
  readonly incumbent: readonly number[];
  /** How many evaluations were of a point that had been evaluated before. */
  readonly duplicates: number;
}

export interface SearchRunOptions {
  readonly seed: number;
  /** The numbers of evaluations at which the run is read, ascending. */
  readonly budgets: readonly number[];
}

/** One search by sequential ask and tell, the protocol of bbo-suite.md. */
export function searchRun(sampler: Sampler, problem: SuiteProblem, { seed, budgets }: SearchRunOptions): SearchRun {
  const formula = formulaOf(problem);
  const rng = seededRng(seed);
  const isBetter = (a: number, b: number): boolean => (problem.direction === "minimize" ? a < b : a > b);
  let state = sampler.start(spaceOf(problem), { goal: problem.direction });
  let [best, observedBest, incumbent] = [Number.NaN, Number.NaN, Number.NaN];
  const seen = new Set<string>();
  const read: [number[], number[]] = [[], []];
  for (let evaluation = 0; evaluation < (budgets.at(-1) ?? 0); evaluation++) {
    const [trial] = sampler.ask(state, rng, 1);
    if (trial === undefined) throw new Error(`${sampler.name} asks for nothing after ${evaluation} evaluations`);
    const value = formula(valuesOf(trial.configuration));
    const observed = value + problem.noise_sigma * standardNoise(seed, evaluation);
    seen.add(JSON.stringify(trial.configuration));
    state = sampler.tell(sampler.issue(state, [trial]), { id: trial.id, score: observed });
    if (evaluation === 0 || isBetter(value, best)) best = value;
    if (evaluation === 0 || isBetter(observed, observedBest)) [observedBest, incumbent] = [observed, value];
    if (!budgets.includes(evaluation + 1)) continue;
    read[0].push(best);
    read[1].push(incumbent);
  }
  return { best: read[0], incumbent: read[1], duplicates: (budgets.at(-1) ?? 0) - seen.size };
}
