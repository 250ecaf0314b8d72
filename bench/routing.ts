import { seededRng } from "#foundation";
import { mean } from "#programs";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { halvesOf, readReferencePoints, readTable } from "./parts/recorded-table.ts";
import type { RecordedRow, RecordedTable, ReferencePoints } from "./parts/recorded-table.ts";
import { routingEstimate } from "./parts/routing-estimate.ts";
import type { RoutingEstimate } from "./parts/routing-estimate.ts";
import { estimatedWorth, oracle, perCategory, replay, singleAgent } from "./parts/routing-policy.ts";
import type { PolicyResult, RoutingPolicy } from "./parts/routing-policy.ts";
import { exactPolicy, routingSampler, searchedPolicy, weightForCost } from "./parts/routing-search.ts";
import { suiteFolder } from "./parts/search-suite.ts";
import { standardDeviation } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "An agent per category, searched on one half of recorded outcomes and scored on the other.";

/** The tables, and whether the choice is promised to gain what the reference points gain. */
const tables: Readonly<Record<string, { readonly gains: boolean }>> = {
  strategies_gpt4_metaprompting: { gains: true },
  routellm_pair: { gains: true },
  game24_strategies: { gains: false },
  zeroeval_models: { gains: false },
  swebench_verified_2024: { gains: false },
};

interface Size {
  readonly splits: number;
  readonly evaluations: number;
}

/** A row of the study: a way to choose, what it came to in each split, and the reference points' name for it. */
interface Contestant {
  readonly results: readonly PolicyResult[];
  readonly reference?: { readonly score: number; readonly cost?: number } | undefined;
}

export function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const references = readReferencePoints();
  if (references === undefined) {
    console.log(`NOT MEASURED: there is no refpoints.json in ${suiteFolder}.`);
    return Promise.resolve([]);
  }
  const size = quick ? { splits: 3, evaluations: 400 } : { splits: 20, evaluations: 800 };
  console.log(`${size.splits} splits; searched by ${routingSampler.name} in ${size.evaluations} evaluations a split\n`);
  return Promise.resolve(
    Object.entries(tables).flatMap(([name, { gains }]) => {
      const table = readTable(name);
      const reference = references[name];
      if (table !== undefined && reference !== undefined) return studied(table, reference, { size, gains });
      console.log(`NOT MEASURED: there is no ${name}.json.gz, or no reference point for it, in ${suiteFolder}.\n`);
      return [];
    }),
  );
}

function studied(
  table: RecordedTable,
  reference: ReferencePoints,
  { size, gains }: { readonly size: Size; readonly gains: boolean },
): readonly Promised[] {
  const splits = Array.from({ length: size.splits }, (_, seed) => policiesOfSplit(table, seed, size));
  const contestants = Object.fromEntries(
    Object.keys(splits[0]?.results ?? {}).map((label): [string, Contestant] => [
      label,
      { results: splits.flatMap(({ results }) => results[label] ?? []), reference: referenceOf(label, reference) },
    ]),
  );
  const single = contestants[labels.single]?.results ?? [];
  if (size.splits === 20) checkReproduced(table.name, mean(single.map(({ score }) => score)), reference);
  console.log(`${table.name}: ${table.rows.length} tasks, ${table.agents.length} agents`);
  printTable(
    ["on the test half", "score ± sd", "points over single", "worst split", "USD a task", "reference", "its USD"],
    Object.entries(contestants).map(([label, contestant]) => cells(label, contestant, single)),
  );
  const reached = splits.map(({ share }) => share);
  console.log(
    `of what the train half promised, the search reached ${percent(mean(reached))} (worst ${percent(Math.min(...reached))})\n`,
  );
  const searched = contestants[labels.searched]?.results ?? [];
  const points = pointsOver(searched, single);
  const where = `${table.name}, ${size.splits} splits`;
  const gain = reference.gain_per_category?.[0];
  return [
    atLeast(`${where}: searched choice over the best single agent`, mean(points), -1, "points"),
    ...(gains && gain !== undefined
      ? [
          atLeast(
            `${where}: its gain, that of the reference or more`,
            mean(points),
            Number((gain * 100).toFixed(6)),
            "points",
          ),
          atMost(`${where}: its cost, beside the best single agent's`, costOf(searched) / costOf(single), 1, "times"),
        ]
      : []),
  ];
}

const labels = {
  single: "best single agent of the train half",
  raw: "per category, by raw means",
  exact: "per category, by shrunk means: the exact best",
  searched: "searched, score alone",
  twoPoints: "searched, single's cost worth 2 points",
  half: "searched, half of single's cost",
  exactHalf: "the exact best at half of single's cost",
  mixed: "cheapest and best single at random, as costly",
  oracle: "oracle: the best agent of each task",
} as const;

interface SplitResults {
  readonly results: Readonly<Record<string, PolicyResult>>;
  /** What the searches gained over the best single agent on the train half, of what there was to gain. */
  readonly share: number;
}

/** Every way to choose, decided on the train half alone and then replayed on the test half. */
function policiesOfSplit(table: RecordedTable, seed: number, { evaluations }: Size): SplitResults {
  const { train, test } = halvesOf(table, seed);
  const estimate = routingEstimate(table, train);
  const single = singleAgent(estimate.bestSingle);
  const search = (label: string, costWeight: number): RoutingPolicy => {
    const rng = seededRng(`${table.name} ${seed}`).fork(label);
    return searchedPolicy(estimate, { agents: table.agents, costWeight, evaluations, rng });
  };
  const searched = search(labels.searched, 0);
  const policies: Record<string, RoutingPolicy> = {
    [labels.single]: single,
    [labels.raw]: perCategory(estimate, ({ rawScores }) => rawScores),
    [labels.exact]: exactPolicy(estimate, 0),
    [labels.searched]: searched,
  };
  const results = (): Record<string, PolicyResult> =>
    Object.fromEntries(Object.entries(policies).map(([label, policy]) => [label, replay(policy, test)]));
  const share = gainedShare(estimate, searched);
  if (!table.isPriced) return { results: { ...results(), [labels.oracle]: oracle(test) }, share };
  const singleCost = estimate.costs[estimate.bestSingle] ?? Number.NaN;
  const halfWeight = weightForCost(estimate, singleCost / 2);
  policies[labels.twoPoints] = search(labels.twoPoints, 0.02 / singleCost);
  const half = search(labels.half, halfWeight);
  policies[labels.half] = half;
  policies[labels.exactHalf] = exactPolicy(estimate, halfWeight);
  const mixed = randomMix(estimate, test, estimatedWorth(estimate, half, 0).cost);
  return { results: { ...results(), [labels.mixed]: mixed, [labels.oracle]: oracle(test) }, share };
}

/** The cheapest and the best single agent in turns, so often that a task costs this: what routing has to beat. */
function randomMix(
  { costs, bestSingle }: RoutingEstimate,
  test: readonly RecordedRow[],
  taskCost: number,
): PolicyResult {
  const cheapest = costs.indexOf(Math.min(...costs));
  const [low, high] = [costs[cheapest] ?? 0, costs[bestSingle] ?? 0];
  const share = high <= low ? 1 : Math.min(1, Math.max(0, (taskCost - low) / (high - low)));
  const [one, other] = [replay(singleAgent(cheapest), test), replay(singleAgent(bestSingle), test)];
  return {
    score: (1 - share) * one.score + share * other.score,
    cost: (1 - share) * one.cost + share * other.cost,
  };
}

function gainedShare(estimate: RoutingEstimate, searched: RoutingPolicy): number {
  const worth = (policy: RoutingPolicy): number => estimatedWorth(estimate, policy, 0).worth;
  const start = worth(singleAgent(estimate.bestSingle));
  const most = worth(exactPolicy(estimate, 0)) - start;
  return most < 1e-9 ? 1 : (worth(searched) - start) / most;
}

/** The figure of refpoints.json that a row is to be compared with. */
function referenceOf(label: string, { ref, budget }: ReferencePoints): Contestant["reference"] {
  if (label === labels.half) return budget?.["0.5"]?.["per_category"];
  const names: Readonly<Record<string, string>> = {
    [labels.single]: "best_single",
    [labels.raw]: "per_category",
    [labels.exact]: "per_category_shrunk",
    [labels.twoPoints]: "per_category_cheapest_within_2pts",
    [labels.oracle]: "instance_oracle",
  };
  const point = ref[names[label] ?? ""];
  if (point === undefined) return undefined;
  return { score: point.mean, ...(point.cost === undefined ? {} : { cost: point.cost }) };
}

/** Throws where our reading of a table does not give the reference points' best single agent. */
function checkReproduced(name: string, score: number, { ref }: ReferencePoints): void {
  const expected = ref["best_single"]?.mean ?? Number.NaN;
  if (!(Math.abs(score - expected) < 1e-3))
    throw new Error(`${name}: expected a best single agent of ${expected}, got ${score}`);
}

function pointsOver(results: readonly PolicyResult[], single: readonly PolicyResult[]): readonly number[] {
  return results.map(({ score }, split) => 100 * (score - (single[split]?.score ?? Number.NaN)));
}

function cells(label: string, { results, reference }: Contestant, single: readonly PolicyResult[]): readonly string[] {
  const scores = results.map(({ score }) => score);
  const points = pointsOver(results, single);
  return [
    label,
    `${mean(scores).toFixed(4)} ± ${standardDeviation(scores).toFixed(4)}`,
    signed(mean(points)),
    signed(Math.min(...points)),
    dollars(costOf(results)),
    reference === undefined ? "" : reference.score.toFixed(4),
    dollars(reference?.cost),
  ];
}

function costOf(results: readonly PolicyResult[]): number {
  return mean(results.map(({ cost }) => cost));
}

function signed(points: number): string {
  return `${points < 0 ? "" : "+"}${points.toFixed(2)}`;
}

function dollars(cost = Number.NaN): string {
  return Number.isFinite(cost) ? cost.toPrecision(4) : "";
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
