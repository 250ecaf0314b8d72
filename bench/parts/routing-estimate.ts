import type { RecordedRow, RecordedTable } from "./recorded-table.ts";
import { mean } from "#programs";

/** What a train half tells about a table: all that a choice of agents may look at. */
export interface RoutingEstimate {
  readonly categories: readonly CategoryEstimate[];
  /** The agent with the best mean on all train rows; of equals the cheaper one. */
  readonly bestSingle: number;
  /** What each agent costs a task. Zeros for a table without costs. */
  readonly costs: readonly number[];
}

/** One category of the train half; the figures are in the order of the agents. */
export interface CategoryEstimate {
  readonly name: string;
  /** Its share of the train rows. */
  readonly share: number;
  readonly rawScores: readonly number[];
  /** The raw means, shrunk towards each agent's mean on all rows. */
  readonly scores: readonly number[];
  /** What each agent costs a task here. */
  readonly costs: readonly number[];
}

export function routingEstimate({ agents, isPriced }: RecordedTable, train: readonly RecordedRow[]): RoutingEstimate {
  const groups = [...Map.groupBy(train, ({ category }) => category)];
  const places = [...agents.keys()];
  const overall = places.map((agent) => meanCost(train, agent, isPriced ? Number.NaN : 0));
  const shrunk = places.map((agent) =>
    shrunkMeans(groups.map(([, rows]) => rows.map(({ scores }) => scores[agent] ?? Number.NaN))),
  );
  const categories = groups.map(([name, rows], group) => ({
    name,
    share: rows.length / train.length,
    rawScores: meanScores(rows, agents),
    scores: shrunk.map((means) => means[group] ?? Number.NaN),
    costs: places.map((agent) => meanCost(rows, agent, overall[agent] ?? 0)),
  }));
  return { categories, bestSingle: bestOf(meanScores(train, agents), overall), costs: overall };
}

/** The place of the highest figure; among equals, apart from rounding, the cheapest. */
export function bestOf(figures: readonly number[], costs: readonly number[]): number {
  const most = Math.max(...figures);
  const equals = [...figures.keys()].filter((place) => most - (figures[place] ?? -Infinity) < 1e-9);
  return equals.reduce((best, place) => ((costs[place] ?? 0) < (costs[best] ?? 0) ? place : best));
}

/**
 * The means of groups of scores, each shrunk towards the mean of all scores by `v / (v + w / n)`, where `w` is the pooled
 * variance inside groups and `v` the variance between the true means of groups, estimated by the method of moments
 * (DerSimonian & Laird 1986, with groups weighted by their sizes). Where groups differ no more than chance makes them
 * differ, all are the mean of all.
 */
export function shrunkMeans(groups: readonly (readonly number[])[]): readonly number[] {
  const sizes = groups.map(({ length }) => length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const means = groups.map(mean);
  const all = mean(groups.flat());
  const within = groups.flatMap((scores, group) => scores.map((score) => (score - (means[group] ?? 0)) ** 2));
  const noise = within.reduce((sum, square) => sum + square, 0) / Math.max(1, total - groups.length);
  const between = means.reduce((sum, each, group) => sum + (sizes[group] ?? 0) * (each - all) ** 2, 0);
  const freedom = total - sizes.reduce((sum, size) => sum + size ** 2, 0) / total;
  const signal = freedom <= 0 ? 0 : Math.max(0, (between - (groups.length - 1) * noise) / freedom);
  return means.map((each, group) => {
    const doubt = noise / (sizes[group] ?? 1);
    return all + (signal === 0 ? 0 : signal / (signal + doubt)) * (each - all);
  });
}

function meanScores(rows: readonly RecordedRow[], agents: readonly string[]): readonly number[] {
  return agents.map((_, agent) => mean(rows.map(({ scores }) => scores[agent] ?? Number.NaN)));
}

function meanCost(rows: readonly RecordedRow[], agent: number, otherwise: number): number {
  const known = rows.map(({ costs }) => costs[agent] ?? Number.NaN).filter((cost) => Number.isFinite(cost));
  return known.length === 0 ? otherwise : mean(known);
}
