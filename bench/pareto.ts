import { nsga2 } from "#optimize";
import type { Sampler, SearchState } from "#optimize";
import { atLeast } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { optunaPython, optunaVersion } from "./parts/python-with.ts";
import { optunaRuns } from "./parts/optuna-runs.ts";
import { answering, teamProblem, zdt } from "./parts/pareto-problem.ts";
import type { ParetoProblem } from "./parts/pareto-problem.ts";
import { paretoRun } from "./parts/pareto-run.ts";
import { checkSuite, readSuite, suiteFolder } from "./parts/search-suite.ts";
import { median, quantile } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "Several objectives: the hypervolume of nsga2, beside chance and, with --peers, Optuna's NSGA-II.";

const budgets = [100, 200];

const samplers: Readonly<Record<string, () => Sampler<SearchState>>> = {
  // The first population is drawn at random, and here it is never complete.
  random: () => nsga2({ population: 1000 }),
  nsga2: () => nsga2(),
};

/** Optuna's default, and the size that is ours: we are held against the better one. */
const optunaPopulations = [50, Number(nsga2().options["population"])];

/** The hypervolumes at each budget, seed by seed. */
type Runs = readonly (readonly number[])[];

export async function run({ quick, peers }: BenchOptions): Promise<readonly Promised[]> {
  const seeds = quick ? 3 : 20;
  const python = peers ? optunaPython() : undefined;
  if (python === undefined)
    console.log(`NOT MEASURED: Optuna's NSGA-II. With --peers it is installed beside the system's temporary files.\n`);
  const promises: Promised[] = [];
  for (const problem of problems()) {
    const ours = Object.entries(samplers).map(([name, make]): [string, Runs] => [
      `ours: ${name}`,
      Array.from({ length: seeds }, (_, seed) => paretoRun(make(), problem, { seed, budgets })),
    ]);
    const theirs: [string, Runs][] = [];
    for (const population of python === undefined ? [] : optunaPopulations) {
      const runs = await optunaRuns(problem, { python: python ?? "", population, seeds, budgets });
      theirs.push([`Optuna ${optunaVersion}: NSGA-II, population ${population}`, runs]);
    }
    console.log(`${problem.id}, hypervolume from ${JSON.stringify(problem.reference)}, ${seeds} seeds`);
    const rows = [...ours, ...theirs].map(([name, runs]) => [name, ...budgets.map((_, at) => cell(runs, at))]);
    printTable(["median [quartiles]", ...budgets.map((budget) => `@${budget}`)], rows);
    console.log("");
    promises.push(...held(problem.id, ours, theirs));
  }
  return promises;
}

function problems(): readonly ParetoProblem[] {
  const data = readSuite();
  const team = data?.suite.problems.find(({ id }) => id === "team-a");
  if (data !== undefined && team !== undefined) {
    checkSuite(data.suite);
    return [...zdt, answering, teamProblem(team)];
  }
  console.log(`NOT MEASURED: team-a, as there is no bbo-suite.json in ${suiteFolder}.\n`);
  return [...zdt, answering];
}

/** How many times nsga2's median is that of the others, of the peers' rows the best one. */
function held(id: string, ours: readonly [string, Runs][], theirs: readonly [string, Runs][]): readonly Promised[] {
  return budgets.flatMap((budget, at) => {
    const [chance = Number.NaN, own = Number.NaN] = ours.map(([, runs]) => medianOf(runs, at));
    const name = `${id} @${budget}: nsga2's median hypervolume of ${ours[0]?.[1].length} seeds`;
    const promised = [atLeast(`${name}, beside chance`, own / chance, 1, "times")];
    if (theirs.length === 0) return promised;
    const best = Math.max(...theirs.map(([, runs]) => medianOf(runs, at)));
    return [...promised, atLeast(`${name}, beside Optuna's NSGA-II`, own / best, 1, "times")];
  });
}

function medianOf(runs: Runs, at: number): number {
  return median(column(runs, at));
}

function cell(runs: Runs, at: number): string {
  const values = column(runs, at);
  const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
  return `${median(values).toFixed(3)} [${q1.toFixed(3)}, ${q3.toFixed(3)}]`;
}

function column(runs: Runs, at: number): readonly number[] {
  return runs.map((volumes) => volumes[at] ?? Number.NaN);
}
