import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { hypervolume } from "#optimize";
import type { ObjectiveValues } from "#optimize";
import { validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import type { ParetoProblem } from "./pareto-problem.ts";

export interface OptunaRunsOptions {
  /** The Python that has Optuna. */
  readonly python: string;
  readonly population: number;
  /** How many seeds, from 0. */
  readonly seeds: number;
  /** The numbers of evaluations at which a run is read, ascending. */
  readonly budgets: readonly number[];
}

/** The hypervolumes of Optuna's NSGA-II at each budget, seed by seed. It asks, and our formulas answer. */
export async function optunaRuns(
  problem: ParetoProblem,
  { python, population, seeds, budgets }: OptunaRunsOptions,
): Promise<readonly (readonly number[])[]> {
  const { space, objectives } = problem;
  const evaluations = budgets.at(-1) ?? 0;
  const child = spawn(python, [join(import.meta.dirname, "../peers/optuna-nsga2.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const tell = (line: unknown): void => void child.stdin.write(`${JSON.stringify(line)}\n`);
  tell({ space, directions: Object.values(objectives), seeds, evaluations, population });
  const runs: number[][] = [];
  let points: ObjectiveValues[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const values = measured(problem, JSON.parse(line) as Configuration);
    if (points.length === 0) runs.push([]);
    points.push(values);
    if (budgets.includes(points.length)) runs.at(-1)?.push(hypervolume(points, problem.reference, objectives));
    if (points.length === evaluations) points = [];
    tell(Object.keys(objectives).map((name) => values[name]));
  }
  if (runs.length === seeds && points.length === 0) return runs;
  throw new Error(`Optuna's NSGA-II came to an end after ${runs.length} of ${seeds} runs on ${problem.id}`);
}

function measured({ id, space, measure }: ParetoProblem, configuration: Configuration): ObjectiveValues {
  if (validateConfiguration(space, configuration).ok) return measure(configuration);
  throw new Error(`Optuna's NSGA-II asks for what ${id} has not: ${JSON.stringify(configuration)}`);
}
