import { mean } from "#programs";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { optimumFigures, optimumLimits } from "./parts/optimum-runs.ts";
import { median } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";
import { tuningContestants } from "./parts/tuning-contestants.ts";
import { tuningData } from "./parts/tuning-data.ts";
import { callsUntil, differences, seedMean, seedMeanText } from "./parts/tuning-figures.ts";
import { rowsFile, tuningRows } from "./parts/tuning-rows.ts";
import type { TuningPlan, TuningRow } from "./parts/tuning-rows.ts";

export const describe =
  "Every teleprompter on the offline model: held-out score by calls, on triage and Banking77; known optimum, scrambled labels.";

interface Size {
  /** Nobody chose anything by them. */
  readonly seeds: readonly number[];
  readonly budgets: readonly number[];
  readonly data: readonly string[];
  readonly contestants: readonly string[];
  readonly scrambled: Pick<Size, "seeds" | "contestants"> & { readonly calls: number };
  readonly optimumSeeds: readonly number[];
}

const full: Size = {
  seeds: numbers(1000, 10),
  budgets: [600, 1500],
  data: ["triage", "banking77"],
  contestants: Object.keys(tuningContestants),
  scrambled: { seeds: numbers(1000, 20), contestants: Object.keys(tuningContestants), calls: 600 },
  optimumSeeds: numbers(1, 10),
};
const quick: Size = {
  seeds: numbers(1000, 2),
  budgets: [600],
  data: ["triage"],
  contestants: ["random_demos", "random_search", "mipro", "simba", "gepa", "beacon"],
  scrambled: { seeds: numbers(1000, 1), contestants: ["bootstrap_random_search", "mipro"], calls: 300 },
  optimumSeeds: numbers(1, 2),
};

/** What every teleprompter has to be better than. */
const controls: readonly string[] = ["random_demos", "random_search"];

function numbers(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, place) => first + place);
}

export async function run(options: BenchOptions): Promise<readonly Promised[]> {
  const size = options.quick ? quick : full;
  const present = size.data.filter((name) => tuningData[name]?.(0) !== undefined);
  const missing = size.data.filter((name) => !present.includes(name));
  if (missing.length > 0) console.log(`NOT MEASURED: ${missing.join(", ")} is not there (../shared/data/text)\n`);
  console.log(`rows are kept in ${rowsFile()}, and made once as long as no source changes\n`);
  const made = await tuningRows(plansOf(size, present));
  const scrambled = await tuningRows(scrambledPlans(size));
  const promises = present.flatMap((data) =>
    size.budgets.flatMap((calls) => {
      const rows = made.rows.filter((row) => row.data === data && row.calls === calls);
      printData(data, calls, rows);
      return calls === size.budgets.at(-1) ? promisesOf(data, calls, rows) : [];
    }),
  );
  const broken = [...made.broken, ...scrambled.broken];
  for (const message of broken) console.log(`BROKEN: ${message}`);
  const over = made.rows.filter(({ calls, spent }) => spent.calls > calls).length;
  const idle = made.rows.filter(({ candidates }) => candidates < 2).length;
  return [
    ...promises,
    ...noGainFromNothing(scrambled.rows),
    ...knownOptimum(size.optimumSeeds),
    atMost("runs that break or hang", broken.length, 0, "runs"),
    atMost("runs that overspend", over, 0, "runs"),
    atMost("runs that measure nothing but the default", idle, 0, "runs"),
  ];
}

/** Seed by seed, so that what was broken off has all contestants on the seeds it has. */
function plansOf({ seeds, budgets, contestants }: Size, data: readonly string[]): readonly TuningPlan[] {
  return seeds.flatMap((seed) =>
    data.flatMap((name) =>
      budgets.flatMap((calls) => contestants.map((contestant) => ({ contestant, data: name, seed, calls }))),
    ),
  );
}

function scrambledPlans({ scrambled: { seeds, contestants, calls } }: Size): readonly TuningPlan[] {
  return seeds.flatMap((seed) => contestants.map((contestant) => ({ contestant, data: "scrambled", seed, calls })));
}

function byContestant(rows: readonly TuningRow[]): ReadonlyMap<string, readonly TuningRow[]> {
  return Map.groupBy(rows, ({ contestant }) => contestant);
}

function printData(data: string, calls: number, rows: readonly TuningRow[]): void {
  const all = byContestant(rows);
  const before = mean([...(all.values().next().value ?? [])].map((row) => row.before));
  const best = Math.max(...[...all.values()].map((own) => mean(own.map(({ after }) => after))));
  const half = before + (best - before) / 2;
  console.log(
    `${data}, ${calls} calls: the program as it stands has ${before.toFixed(3)} on held-out examples; means over seeds ±95 %\n`,
  );
  printTable(
    ["", "held out", "over the default", "over random_search", "calls", `calls to ${half.toFixed(3)}`, "s", "seeds"],
    [...all].map(([name, own]) => [
      name,
      seedMeanText(seedMean(own.map(({ after }) => after))),
      seedMeanText(seedMean(gains(own)), true),
      seedMeanText(seedMean(differences(own, all.get("random_search") ?? [])), true),
      mean(own.map(({ spent }) => spent.calls)).toFixed(0),
      String(callsUntil(own, half) ?? "never"),
      median(own.map(({ spent }) => spent.ms / 1000)).toFixed(1),
      String(own.length),
    ]),
  );
  console.log("");
}

function gains(rows: readonly TuningRow[]): readonly number[] {
  return rows.map(({ before, after }) => after - before);
}

function promisesOf(data: string, calls: number, rows: readonly TuningRow[]): readonly Promised[] {
  const all = byContestant(rows);
  const tuned = [...all].filter(([name]) => !controls.includes(name));
  const counted = (claim: string, holds: (own: readonly TuningRow[]) => boolean): Promised => {
    const count = tuned.filter(([, own]) => holds(own)).length;
    return atLeast(`${data} at ${calls} calls: ${claim}`, count, tuned.length, "teleprompters");
  };
  return [
    // Two seeds make no interval.
    ...(tuned.every(([, own]) => own.length < leastSeeds)
      ? []
      : [counted("gain over the default, interval above 0,", (own) => isAbove(gains(own)))]),
    ...controls.map((control) =>
      counted(`ahead of ${control} in the mean`, (own) => mean(differences(own, all.get(control) ?? [])) > 0),
    ),
  ];
}

const leastSeeds = 5;

function isAbove(values: readonly number[]): boolean {
  const { mean: middle, halfWidth } = seedMean(values);
  return middle > halfWidth;
}

/** Where labels are shuffled there is nothing to find: the report must leave the program as it was. */
function noGainFromNothing(rows: readonly TuningRow[]): readonly Promised[] {
  const all = byContestant(rows);
  console.log("labels shuffled: runs whose report calls the winner better, and adopts it\n");
  printTable(
    ["", "adopted", "runs"],
    [...all].map(([name, own]) => [name, String(adopted(own)), String(own.length)]),
  );
  console.log("");
  return [
    atLeast(
      "labels shuffled: runs that leave the program as it was",
      rows.length - adopted(rows),
      Math.ceil(0.95 * rows.length),
      "runs",
    ),
  ];
}

function adopted(rows: readonly TuningRow[]): number {
  return rows.filter(({ isAdopted }) => isAdopted).length;
}

function knownOptimum(seeds: readonly number[]): readonly Promised[] {
  const figures = optimumFigures(seeds);
  console.log(`a crew whose optimum is known: of ${seeds.length} seeds those that come within 5 % of it\n`);
  printTable(
    ["", ...optimumLimits.map((limit) => `${limit} evaluations`)],
    figures.map(({ name, found }) => [name, ...found.map(String)]),
  );
  console.log("");
  return figures.flatMap(({ name, found, evaluations }) => {
    if (evaluations === undefined) return [];
    const reached = found[optimumLimits.findIndex((limit) => limit === evaluations)] ?? 0;
    const words = `${name}: within 5 % of a known optimum in ${evaluations} evaluations, of ${seeds.length} seeds`;
    return [atLeast(words, reached, Math.ceil(0.9 * seeds.length), "seeds")];
  });
}
