import { performance } from "node:perf_hooks";
import { seededRng } from "#foundation";
import { evolutionSampler, qmc, randomSampler, tpe } from "#optimize";
import type { Sampler, SearchState } from "#optimize";
import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { spaceOf } from "./parts/search-problem.ts";
import type { SuiteProblem } from "./parts/search-problem.ts";
import { searchRun } from "./parts/search-run.ts";
import type { SearchRun } from "./parts/search-run.ts";
import { checkSuite, readSuite, suiteFolder } from "./parts/search-suite.ts";
import type { BaselineRow, Quartiles, SearchSuite } from "./parts/search-suite.ts";
import { median, quantile } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "Samplers on black boxes of known optimum, beside Optuna's figures, and what an ask costs.";

/** Each seed has its own scrambling, as it has its own chance. */
const samplers: Readonly<Record<string, (seed: number) => Sampler<SearchState>>> = {
  random: () => randomSampler(),
  qmc: (seed) => qmc({ seed }),
  niching_evolution: () => evolutionSampler(),
  tpe: () => tpe(),
};

/** The peer that tpe is held against: Optuna 5's default. */
const optunaTpe = "tpe_v5_default(multivariate)";

interface Size {
  readonly seeds: number;
  readonly budgets: readonly number[];
}

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const data = readSuite();
  const problem = data?.suite.problems.find(({ id }) => id === "team-a");
  if (data === undefined || problem === undefined) {
    console.log(`NOT MEASURED: there is no bbo-suite.json and optuna-baseline.json in ${suiteFolder}.`);
    return [];
  }
  console.log(`${checkSuite(data.suite)} test vectors of bbo-suite.json are reproduced.\n`);
  const size = quick ? { seeds: 3, budgets: [50] } : { seeds: 20, budgets: [50, 100, 200] };
  return [...searchAll(data, size), ...costOfAsk(problem)];
}

/** Every sampler on every problem; the promises are those of tpe on the core problems. */
function searchAll({ suite, baseline }: SearchSuite, size: Size): readonly Promised[] {
  const promises: Promised[] = [];
  for (const problem of suite.problems) {
    const rows: string[][] = [];
    for (const [name, make] of Object.entries(samplers)) {
      const runs = Array.from({ length: size.seeds }, (_, seed) => searchRun(make(seed), problem, { seed, ...size }));
      rows.push(rowOf(`ours: ${name}`, runs, size));
      if (name === "tpe" && suite.core.includes(problem.id))
        promises.push(...held(problem, runs, size, baseline.quality[problem.id]?.[optunaTpe]));
    }
    const peers = Object.entries(baseline.quality[problem.id] ?? {});
    rows.push(...peers.map(([name, row]) => peerRow(`Optuna: ${name}`, row, size)));
    console.log(
      `${problem.id}, ${problem.direction}, optimum ${problem.optimum.value.toFixed(4)}, ${size.seeds} seeds`,
    );
    const columns = size.budgets.flatMap((budget) => [`best @${budget}`, `inc @${budget}`]);
    printTable(["median [quartiles]", ...columns, "evaluated twice"], rows);
    console.log("");
  }
  return promises;
}

function rowOf(name: string, runs: readonly SearchRun[], { budgets }: Size): string[] {
  const cells = budgets.flatMap((_, at) => [
    cell(quartilesOf(runs.map(({ best }) => best[at] ?? Number.NaN))),
    cell(quartilesOf(runs.map(({ incumbent }) => incumbent[at] ?? Number.NaN))),
  ]);
  return [name, ...cells, (runs.reduce((sum, { duplicates }) => sum + duplicates, 0) / runs.length).toFixed(1)];
}

function peerRow(
  name: string,
  { best, incumbent_by_observation: incumbent, ...row }: BaselineRow,
  size: Size,
): string[] {
  const cells = size.budgets.flatMap((budget) => [cell(best[budget]), cell((incumbent ?? best)[budget])]);
  return [name, ...cells, row.duplicate_evaluations_mean?.toFixed(1) ?? "-"];
}

/** How far tpe's median is behind Optuna's, below 0 where it is ahead. */
function held(
  { id, direction }: SuiteProblem,
  runs: readonly SearchRun[],
  { budgets }: Size,
  peer: BaselineRow | undefined,
): readonly Promised[] {
  return budgets.flatMap((budget, at) => {
    const theirs = peer?.best[budget]?.median;
    if (theirs === undefined) return [];
    const ours = median(runs.map(({ best }) => best[at] ?? Number.NaN));
    const behind = direction === "minimize" ? ours - theirs : theirs - ours;
    return [atMost(`${id} @${budget}: tpe behind Optuna 5's TPE, median of ${runs.length} seeds`, behind, 0, "points")];
  });
}

function quartilesOf(values: readonly number[]): Quartiles {
  return { median: median(values), q1: quantile(values, 0.25), q3: quantile(values, 0.75) };
}

function cell(quartiles: Quartiles | undefined): string {
  if (quartiles === undefined) return "-";
  const { median: middle, q1, q3 } = quartiles;
  const digits = Math.abs(middle) >= 100 ? 0 : Math.abs(middle) >= 10 ? 1 : 3;
  return `${middle.toFixed(digits)} [${q1.toFixed(digits)}, ${q3.toFixed(digits)}]`;
}

const counts = [100, 500, 1000];
const rounds = 10;
const timedAsks = 21;

/** The time of an ask with so many random trials told, on the eleven variables of team-a. */
function costOfAsk(problem: SuiteProblem): readonly Promised[] {
  const rows: string[][] = [];
  const promises: Promised[] = [];
  for (const [name, make] of Object.entries(samplers)) {
    const costs = counts.map((count) => askCost(make(0), problem, count));
    rows.push([name, ...costs.map((cost) => cost.toFixed(2))]);
    if (name === "tpe")
      promises.push(atMost("tpe: an ask at 1,000 trials, 11 variables", costs[2] ?? Number.NaN, 3, "ms"));
  }
  printTable(["ms an ask", ...counts.map((count) => `n = ${count}`)], rows);
  return promises;
}

function askCost(sampler: Sampler<SearchState>, problem: SuiteProblem, count: number): number {
  const space = spaceOf(problem);
  const trials = randomSampler().ask(sampler.start(space), seededRng("trials"), count);
  let state = sampler.issue(sampler.start(space, { goal: problem.direction }), trials);
  for (const [at, { id }] of trials.entries()) state = sampler.tell(state, { id, score: seededRng(at).next() });
  const ask = (number: number): number => {
    const began = performance.now();
    sampler.ask(state, seededRng(number), 1);
    return performance.now() - began;
  };
  const medians = Array.from({ length: rounds }, (_, round) =>
    median(Array.from({ length: timedAsks }, (__, number) => ask(round * timedAsks + number))),
  );
  // The first rounds warm up, and what the machine's other work takes is not ours.
  return Math.min(...medians);
}
