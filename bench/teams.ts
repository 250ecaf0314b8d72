import { memoryStore } from "#storage/memory";
import { canonicalJson } from "#foundation";
import type { LiveTeam, Team } from "#orchestration";
import type { Teleprompter } from "#optimize";
import { evolution, randomSearch, simba } from "#teams";
import type { Configuration } from "#variables";
import { allSix } from "../examples/synthesis/baselines.ts";
import { gainOver, measure, setUpsByHand } from "../examples/synthesis/comparison.ts";
import type { Row } from "../examples/synthesis/comparison.ts";
import { examplesOf } from "../examples/synthesis/tasks/examples.ts";
import type { Examples } from "../examples/synthesis/tasks/examples.ts";
import { optimise } from "../examples/synthesis/optimise.ts";
import { synthesisMetric } from "../examples/synthesis/synthesis-metric.ts";
import { synthesisTeam } from "../examples/synthesis/synthesis-team.ts";
import { workplace } from "../examples/synthesis/workplace.ts";
import type { Workplace } from "../examples/synthesis/workplace.ts";
import { atLeast } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { median } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "The synthesis team: what a search is worth on held-out tasks, by evaluations, beside what one sets up by hand.";

const contestants: Readonly<Record<string, (evaluations: number) => Teleprompter>> = {
  "random search": (evaluations) => randomSearch({ candidates: 4 * evaluations }),
  evolution: (evaluations) => evolution({ candidates: 4 * evaluations }),
  simba: () => simba({ generations: 1000 }),
};

interface Size {
  readonly dataSeeds: readonly number[];
  readonly seeds: readonly number[];
  readonly checkpoints: readonly number[];
  readonly tasks: { readonly train: number; readonly test: number; readonly stream: number };
  /** What counts as better than all six in parallel: sixty tasks are too few for an interval. */
  readonly better: { readonly words: string; readonly is: (gain: ReturnType<typeof gainOver>) => boolean };
}

const full: Size = {
  dataSeeds: [1, 2],
  seeds: [1, 2, 3, 4, 5],
  checkpoints: [25, 50, 100, 150],
  tasks: { train: 60, test: 200, stream: 0 },
  better: { words: "beats all six in parallel, interval above 0,", is: ({ interval }) => interval[0] > 0 },
};
const quick: Size = {
  dataSeeds: [1],
  seeds: [1],
  checkpoints: [10, 20, 40],
  tasks: { train: 30, test: 60, stream: 0 },
  better: { words: "is ahead of all six in parallel", is: ({ mean }) => mean > 0 },
};

/** One search: the held-out row of its best configuration after so many evaluations. */
interface Searched {
  readonly contestant: string;
  readonly rows: readonly Row[];
  readonly six: Row;
}

export async function run(options: BenchOptions): Promise<readonly Promised[]> {
  const size = options.quick ? quick : full;
  await using place = workplace();
  const team = synthesisTeam();
  await using live = await place.open(team, { isStandby: true });
  const searches: Searched[] = [];
  const byHand: Row[][] = [];
  for (const dataSeed of size.dataSeeds) {
    const bench = { place, team, live, size, examples: examplesOf(dataSeed, size.tasks) };
    const rows = await handMade(bench);
    byHand.push(rows);
    const six = rows.find(({ name }) => name === allSix.name) as Row;
    for (const seed of size.seeds)
      for (const contestant of Object.keys(contestants))
        searches.push({ contestant, rows: await search(bench, contestant, seed), six });
  }
  print(size, byHand, searches);
  return promises(size, searches);
}

interface Bench {
  readonly place: Workplace;
  readonly team: Team;
  readonly live: LiveTeam;
  readonly size: Size;
  readonly examples: Examples;
}

async function handMade({ place, live, examples: { train, test } }: Bench): Promise<Row[]> {
  const metric = synthesisMetric(place.examiner);
  const setUps = await setUpsByHand(live, { examples: train, metric });
  return await measure(live, setUps, { examples: test, metric });
}

/** The best configuration by the training tasks at each checkpoint, measured on the held-out ones. */
async function search(bench: Bench, contestant: string, seed: number): Promise<Row[]> {
  const { place, team, live, size, examples } = bench;
  const last = size.checkpoints.at(-1) as number;
  const best = new Map<number, Configuration>();
  await optimise(place, team, {
    store: memoryStore(),
    live,
    // The bench measures on the held-out tasks itself: the search is not charged for it.
    examples: { ...examples, test: [] },
    teleprompter: (contestants[contestant] as (evaluations: number) => Teleprompter)(last),
    evaluations: last,
    seed,
    onProgress: ({ evaluations, configuration }) => {
      for (const point of size.checkpoints) if (evaluations <= point) best.set(point, configuration);
    },
  });
  const names = size.checkpoints.map((point) => canonicalJson(best.get(point) ?? team.configuration));
  const setUps = [...new Set(names)].map((name) => ({ name, overrides: JSON.parse(name) as Configuration }));
  const metric = synthesisMetric(place.examiner);
  const rows = await measure(live, setUps, { examples: examples.test, metric });
  return names.map((wanted) => rows.find(({ name }) => name === wanted) as Row);
}

function print(size: Size, byHand: readonly (readonly Row[])[], searches: readonly Searched[]): void {
  console.log(`metric on ${size.tasks.test} held-out tasks: solved − 0.2 · cost / 20,000\n`);
  const [first = []] = byHand;
  printTable(
    ["set up by hand", ...size.dataSeeds.map((seed) => `data ${seed}`), "solved", "cost a task"],
    first.map((_, place) => {
      const all = byHand.map((rows) => rows[place] as Row);
      return [
        [...new Set(all.map(({ name }) => name))].join(" | "),
        ...all.map(({ score }) => score.toFixed(3)),
        median(all.map(({ solved }) => solved)).toFixed(3),
        String(Math.round(median(all.map(({ cost }) => cost)))),
      ];
    }),
  );
  console.log(
    `\nmedian of ${size.seeds.length * size.dataSeeds.length} searches [least, most] after so many evaluations\n`,
  );
  printTable(
    ["searched", ...size.checkpoints.map(String), "better than all six"],
    Object.keys(contestants).map((contestant) => {
      const own = searches.filter((each) => each.contestant === contestant);
      const at = size.checkpoints.map((_, place) => spread(own.map(({ rows }) => (rows[place] as Row).score)));
      return [contestant, ...at, `${own.filter((each) => isBetter(size, each)).length} of ${own.length}`];
    }),
  );
}

function spread(scores: readonly number[]): string {
  return `${median(scores).toFixed(3)} [${Math.min(...scores).toFixed(3)}, ${Math.max(...scores).toFixed(3)}]`;
}

function isBetter({ better }: Size, { rows, six }: Searched): boolean {
  return better.is(gainOver(six, rows.at(-1) as Row));
}

function promises(size: Size, searches: readonly Searched[]): readonly Promised[] {
  const own = searches.filter(({ contestant }) => contestant === "simba");
  const wins = own.filter((each) => isBetter(size, each)).length;
  const name = `simba ${size.better.words} after ${size.checkpoints.at(-1)} evaluations, of ${own.length} searches`;
  return [atLeast(name, wins, Math.ceil(0.8 * own.length), "searches")];
}
