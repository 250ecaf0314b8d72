import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "#storage/sqlite";
import { runTriageDemo } from "../src/cli/demos/triage/demo.ts";
import type { TriageFigures, TriageRow } from "../src/cli/demos/triage/demo.ts";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { median } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "Whether `tutti demo triage` gains significantly on held-out tickets, seed by seed.";

/** Nobody chose them: the first ten; `tutti demo triage` has 1 unless told. */
const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const figures: TriageFigures[] = [];
  for (const seed of quick ? seeds.slice(0, 3) : seeds) figures.push(await inOwnStore(seed));
  console.log("accuracy on held-out tickets [95 % interval]; the gain is optimised − default on the same tickets\n");
  printTable(
    ["seed", "default", "random demos", "optimised", "gain", "significant", "s"],
    figures.map((each) => [
      String(each.seed),
      rowText(each.default),
      rowText(each.randomDemos),
      rowText(each.optimized),
      `${each.gain.mean.toFixed(3)} ${rangeText(each.gain.interval)}`,
      each.significant ? "yes" : "no",
      (each.wallMs / 1000).toFixed(1),
    ]),
  );
  const significant = figures.filter((each) => each.significant).length;
  const overRandom = figures.map(({ optimized, randomDemos }) => optimized.accuracy - randomDemos.accuracy);
  console.log(
    `\noptimised − random demos: median ${median(overRandom).toFixed(3)}, better in ${overRandom.filter((gain) => gain > 0).length} of ${figures.length}`,
  );
  const slowest = Math.max(...figures.map(({ wallMs }) => wallMs)) / 1000;
  return [
    atLeast(`significant gain, of ${figures.length} seeds`, significant, Math.ceil(0.9 * figures.length), "seeds"),
    atMost("wall time of the slowest seed", slowest, 60, "s"),
  ];
}

/** As `tutti demo triage` runs it, with SQLite in a file. */
async function inOwnStore(seed: number): Promise<TriageFigures> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-main-job-"));
  try {
    await using store = await sqliteStore({ path: join(folder, "tutti.db") });
    return await runTriageDemo({ seed, store });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function rowText({ accuracy, interval }: TriageRow): string {
  return `${accuracy.toFixed(3)} ${rangeText(interval)}`;
}

function rangeText([low, high]: readonly [number, number]): string {
  return `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
