import { seededRng } from "#foundation";
import { front, hypervolume } from "#optimize";
import type { Sampler, SearchState } from "#optimize";
import type { ParetoProblem } from "./pareto-problem.ts";

export interface ParetoRunOptions {
  readonly seed: number;
  /** The numbers of evaluations at which the run is read, ascending. */
  readonly budgets: readonly number[];
}

/** The hypervolume of one search by sequential ask and tell after each of some numbers of evaluations. */
export function paretoRun(
  sampler: Sampler<SearchState>,
  { space, objectives, reference, measure }: ParetoProblem,
  { seed, budgets }: ParetoRunOptions,
): readonly number[] {
  const rng = seededRng(seed);
  let state = sampler.start(space, { objectives });
  const volumes: number[] = [];
  for (let evaluation = 1; evaluation <= (budgets.at(-1) ?? 0); evaluation++) {
    const [trial] = sampler.ask(state, rng, 1);
    if (trial === undefined) throw new Error(`${sampler.name} asks for nothing after ${evaluation - 1} evaluations`);
    state = sampler.tell(sampler.issue(state, [trial]), {
      id: trial.id,
      objectives: measure(trial.configuration),
    });
    if (!budgets.includes(evaluation)) continue;
    const points = front(state).map((best) => best.objectives);
    volumes.push(hypervolume(points, reference, objectives));
  }
  return volumes;
}
