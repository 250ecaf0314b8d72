import { describe, isPlainObject, UsageError } from "#foundation";
import { scoreOf } from "#programs";
import type { Usage } from "#programs";
import type { ExampleResult } from "../../teleprompter.ts";
import { spendOf } from "./budget.ts";

/** How many points of score a unit of cost is worth on an example: `{ usd: 10 }` gives a hundredth of a dollar a tenth. */
export interface CostWeight {
  readonly usd?: number;
  /** Calls of a model. */
  readonly calls?: number;
  /** Input and output tokens together. */
  readonly tokens?: number;
}

const weighable = ["usd", "calls", "tokens"] as const;

/** A cost weight from the outside, checked: finite numbers of at least 0, one of them above. */
export function checkCostWeight(weight: unknown): CostWeight {
  if (!isPlainObject(weight))
    throw new UsageError(`costWeight: expected an object such as { usd: 10 }, got ${describe(weight)}`);
  for (const [name, points] of Object.entries(weight)) {
    if (!weighable.some((cost) => cost === name))
      throw new UsageError(`costWeight.${name}: not a cost; costs are ${weighable.join(", ")}`);
    if (points !== undefined && !(typeof points === "number" && Number.isFinite(points) && points >= 0))
      throw new UsageError(`costWeight.${name}: expected a finite number of at least 0, got ${describe(points)}`);
  }
  if (weighable.every((name) => !weight[name]))
    throw new UsageError(`costWeight: expected a weight above 0 for one of ${weighable.join(", ")}, got none`);
  return weight;
}

/**
 * The result as a search with a cost weight hears it: its score is less by what the example cost, and the metric's own
 * stands beside it. What the candidate failed at counts as less than 0; infrastructure failures stay what they are.
 */
export function weighed(result: ExampleResult, weight: CostWeight | undefined): ExampleResult {
  const score = scoreOf(result);
  if (weight === undefined || score === undefined) return result;
  const worth = score - pointsOf(result.usage, weight);
  return result.ok ? { ...result, score: worth, metricScore: score } : { ...result, score: worth };
}

/** The score of each example that counted less what it cost, by its place; `undefined` where costs are not weighed. */
export function worthsOf(
  results: readonly ExampleResult[],
  weight: CostWeight | undefined,
): Readonly<Record<number, number>> | undefined {
  if (weight === undefined) return undefined;
  const worths: Record<number, number> = {};
  for (const result of results) {
    const worth = scoreOf(weighed(result, weight));
    if (worth !== undefined) worths[result.index] = worth;
  }
  return worths;
}

/** What a usage comes to in points of score. */
function pointsOf(usage: Usage, weight: CostWeight): number {
  const spent = spendOf(usage);
  return weighable.reduce((sum, name) => sum + (weight[name] ?? 0) * spent[name], 0);
}
