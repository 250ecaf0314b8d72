import type { RecordedRow } from "./recorded-table.ts";
import { bestOf } from "./routing-estimate.ts";
import type { CategoryEstimate, RoutingEstimate } from "./routing-estimate.ts";
import { mean } from "#programs";

/** Which agent does the tasks of a category, by its place; those of unseen categories are done by `otherwise`. */
export interface RoutingPolicy {
  readonly agents: ReadonlyMap<string, number>;
  readonly otherwise: number;
}

/** What a policy came to: the mean score and the mean cost of a task. */
export interface PolicyResult {
  readonly score: number;
  /** NaN where no cost was recorded. */
  readonly cost: number;
}

export function singleAgent(agent: number): RoutingPolicy {
  return { agents: new Map(), otherwise: agent };
}

/** In each category the agent with the highest of these figures. */
export function perCategory(
  { categories, bestSingle, costs }: RoutingEstimate,
  figuresOf: (category: CategoryEstimate) => readonly number[],
): RoutingPolicy {
  return {
    agents: new Map(categories.map((category) => [category.name, bestOf(figuresOf(category), costs)])),
    otherwise: bestSingle,
  };
}

/** What each agent is worth in a category where a cost of 1 USD is worth so many points of score. */
export function worths({ scores, costs }: CategoryEstimate, costWeight: number): readonly number[] {
  return scores.map((score, agent) => score - costWeight * (costs[agent] ?? 0));
}

/** What a policy is worth on the train half, and what it costs there a task, as far as the estimate knows. */
export function estimatedWorth(
  { categories }: RoutingEstimate,
  { agents, otherwise }: RoutingPolicy,
  costWeight: number,
): { readonly worth: number; readonly cost: number } {
  let [worth, cost] = [0, 0];
  for (const category of categories) {
    const agent = agents.get(category.name) ?? otherwise;
    worth += category.share * (worths(category, costWeight)[agent] ?? Number.NaN);
    cost += category.share * (category.costs[agent] ?? 0);
  }
  return { worth, cost };
}

/** What a policy really came to on these tasks. */
export function replay({ agents, otherwise }: RoutingPolicy, rows: readonly RecordedRow[]): PolicyResult {
  return resultOf(rows, ({ category }) => agents.get(category) ?? otherwise);
}

/** The bound of every choice: for each task the agent that turned out best, of equals the cheapest. Nobody can choose so. */
export function oracle(rows: readonly RecordedRow[]): PolicyResult {
  return resultOf(rows, ({ scores, costs }) =>
    bestOf(
      scores,
      costs.map((cost) => (Number.isFinite(cost) ? cost : Infinity)),
    ),
  );
}

function resultOf(rows: readonly RecordedRow[], agentOf: (row: RecordedRow) => number): PolicyResult {
  const done = rows.map((row) => ({ row, agent: agentOf(row) }));
  const costs = done.map(({ row, agent }) => row.costs[agent] ?? Number.NaN).filter((cost) => Number.isFinite(cost));
  return {
    score: mean(done.map(({ row, agent }) => row.scores[agent] ?? Number.NaN)),
    cost: costs.length === 0 ? Number.NaN : mean(costs),
  };
}
