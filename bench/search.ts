import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { freshNode } from "./parts/fresh-process.ts";
import type { SearchCost } from "./parts/run-search-cost.ts";
import type { SuiteProblem } from "./parts/search-problem.ts";
import { duplicatesOf, heldAgainst, reached } from "./parts/search-promises.ts";
import type { Searched } from "./parts/search-promises.ts";
import type { SearchRun } from "./parts/search-run.ts";
import { samplers } from "./parts/search-samplers.ts";
import { checkSuite, readSuite, suiteFolder } from "./parts/search-suite.ts";
import type { BaselineRow, Quartiles, SearchSuite } from "./parts/search-suite.ts";
import { askTargets } from "./parts/search-targets.ts";
import { median, quantile } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "Samplers on black boxes of known optimum, beside Optuna's figures, and what an ask costs.";

/** The peer that tpe is held against: Optuna 5's default. `auto` is held against the best of all. */
const optunaTpe = "tpe_v5_default(multivariate)";

/** How many searches run at once. */
const processes = 2;

interface Size {
  readonly seeds: number;
  readonly budgets: readonly number[];
  /** How many asks are timed at each number of trials. */
  readonly asks: number;
}

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const data = readSuite();
  if (data === undefined) {
    console.log(`NOT MEASURED: there is no bbo-suite.json and optuna-baseline.json in ${suiteFolder}.`);
    return [];
  }
  console.log(`${checkSuite(data.suite)} test vectors of bbo-suite.json are reproduced.\n`);
  const size = quick ? { seeds: 3, budgets: [50], asks: 5 } : { seeds: 20, budgets: [50, 100, 200], asks: 30 };
  const searches = await searchAll(data, size);
  return [...searches, ...(await costs(size))];
}

/** Every sampler on every problem, some at once; the slowest first. */
async function searchAll({ suite, baseline }: SearchSuite, size: Size): Promise<readonly Promised[]> {
  const jobs = Object.keys(samplers)
    .toReversed()
    .flatMap((sampler) => suite.problems.map((problem) => ({ sampler, problem })));
  const results = new Map<string, readonly SearchRun[]>();
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { sampler, problem } = job;
      const plan = [sampler, problem.id, String(size.seeds), size.budgets.join(",")];
      const printed = await freshNode(["--conditions=tutti-source", "bench/parts/run-searches.ts", ...plan]);
      results.set(`${sampler} ${problem.id}`, JSON.parse(printed) as readonly SearchRun[]);
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  return suite.problems.flatMap((problem) => {
    const peers = baseline.quality[problem.id] ?? {};
    const searched = Object.keys(samplers).map((name): [string, Searched] => {
      return [name, { problem, runs: results.get(`${name} ${problem.id}`) ?? [], budgets: size.budgets }];
    });
    printProblem(problem, searched, { peers, size });
    return promisesOf(new Map(searched), { peers, isCore: suite.core.includes(problem.id) });
  });
}

function promisesOf(
  searched: ReadonlyMap<string, Searched>,
  { peers, isCore }: { readonly peers: Readonly<Record<string, BaselineRow>>; readonly isCore: boolean },
): readonly Promised[] {
  const [auto, tpe, peer] = [searched.get("auto"), searched.get("tpe"), peers[optunaTpe]];
  if (auto === undefined || tpe === undefined) return [];
  const best = { peers: Object.values(peers), called: "the best of Optuna" };
  const own = peer === undefined ? { peers: [], called: "" } : { peers: [peer], called: "Optuna 5's TPE" };
  return [...reached(auto), ...(isCore ? [...heldAgainst("auto", auto, best), ...heldAgainst("tpe", tpe, own)] : [])];
}

function printProblem(
  { id, direction, optimum }: SuiteProblem,
  searched: readonly (readonly [string, Searched])[],
  { peers, size }: { readonly peers: Readonly<Record<string, BaselineRow>>; readonly size: Size },
): void {
  const rows = [
    ...searched.map(([name, { runs }]) => rowOf(`ours: ${name}`, runs, size)),
    ...Object.entries(peers).map(([name, row]) => peerRow(`Optuna: ${name}`, row, size)),
  ];
  console.log(`${id}, ${direction}, optimum ${optimum.value.toFixed(4)}, ${size.seeds} seeds`);
  const columns = size.budgets.flatMap((budget) => [`best @${budget}`, `inc @${budget}`]);
  printTable(["median [quartiles]", ...columns, "evaluated twice"], rows);
  console.log("");
}

function rowOf(name: string, runs: readonly SearchRun[], { budgets }: Size): string[] {
  const cells = budgets.flatMap((_, at) => [
    cell(quartilesOf(runs.map(({ best }) => best[at] ?? Number.NaN))),
    cell(quartilesOf(runs.map(({ incumbent }) => incumbent[at] ?? Number.NaN))),
  ]);
  return [name, ...cells, (duplicatesOf(runs) / runs.length).toFixed(1)];
}

function peerRow(
  name: string,
  { best, incumbent_by_observation: incumbent, ...row }: BaselineRow,
  size: Size,
): string[] {
  const cells = size.budgets.flatMap((budget) => [cell(best[budget]), cell((incumbent ?? best)[budget])]);
  return [name, ...cells, row.duplicate_evaluations_mean?.toFixed(1) ?? "-"];
}

function quartilesOf(values: readonly number[]): Quartiles {
  return { median: median(values), q1: quantile(values, 0.25), q3: quantile(values, 0.75) };
}

function cell(quartiles: Quartiles | undefined): string {
  if (quartiles === undefined) return "-";
  const { median: middle, q1, q3 } = quartiles;
  const digits = Math.abs(middle) >= 100 ? 0 : Math.abs(middle) >= 10 ? 1 : 4;
  return `${middle.toFixed(digits)} [${q1.toFixed(digits)}, ${q3.toFixed(digits)}]`;
}

/** What asking, telling and keeping cost, in a process of its own: its heap is the search's. */
async function costs({ asks: timed }: Size): Promise<readonly Promised[]> {
  const counts = askTargets.map(({ trials }) => trials);
  const plan = [counts.join(","), String(timed)];
  const flags = ["--conditions=tutti-source", "--expose-gc"];
  const printed = await freshNode([...flags, "bench/parts/run-search-cost.ts", ...plan]);
  const { asks, tell, stateBytes } = JSON.parse(printed) as SearchCost;
  const rows = Object.entries(asks).map(([name, times]) => [
    name,
    ...times.map(({ median: middle, high }) => `${middle.toFixed(2)} (${high.toFixed(1)})`),
  ]);
  printTable(["ms an ask, median (90th percentile)", ...counts.map((count) => `n = ${count}`)], rows);
  console.log(`\na tell at 2,000 trials: ${tell.alone.toFixed(3)} ms, ${tell.durable.toFixed(3)} ms with its append`);
  return [
    ...askTargets.flatMap(({ trials, must, stretch }, at) => {
      // Some of auto's asks are another arm's and cost next to nothing: its model's are meant.
      const measured = asks["gp"]?.[at]?.median ?? Number.NaN;
      const name = `auto: an ask of its model at ${trials} trials, 11 variables`;
      return [atMost(name, measured, must, "ms"), atMost(`${name}, stretch`, measured, stretch, "ms")];
    }),
    atMost(
      "tpe: an ask at 1,000 trials, 11 variables",
      asks["tpe"]?.[counts.indexOf(1000)]?.median ?? Number.NaN,
      3,
      "ms",
    ),
    atMost("a tell at 2,000 trials with a durable append of its outcome", tell.durable, 1, "ms"),
    atMost("the heap of a state of 10,000 trials of 11 variables", stateBytes / 2 ** 20, 50, "MB"),
  ];
}
