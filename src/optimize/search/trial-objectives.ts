import { mean, scoreOf } from "#programs";
import { spendOf } from "../run/account/budget.ts";
import type { ExampleResult } from "../teleprompter.ts";
import type { Objectives, ObjectiveValues } from "./sampler.ts";

/** What an example costs, as an objective of a search may name it. */
export const costNames = ["usd", "calls", "tokens"] as const;

/**
 * The mean of each objective over the examples that counted: `score` is the metric's own, `usd`, `calls` and `tokens` are
 * what an example cost, other names are further goals of the metric. `undefined` where one of them has no number.
 */
export function valuesOfResults(
  results: readonly ExampleResult[],
  objectives: Objectives,
): ObjectiveValues | undefined {
  const counted = results.filter((result) => scoreOf(result) !== undefined);
  const values = Object.keys(objectives).map((name) => {
    const told = counted.flatMap((result) => valueOf(result, name) ?? []);
    return [name, told.length === 0 ? Number.NaN : mean(told)] as const;
  });
  return values.every(([, value]) => Number.isFinite(value)) ? Object.fromEntries(values) : undefined;
}

function valueOf(result: ExampleResult, name: string): number | undefined {
  const cost = costNames.find((each) => each === name);
  if (cost !== undefined) return spendOf(result.usage)[cost];
  if (name === "score") return result.ok ? (result.metricScore ?? result.score) : 0;
  return result.ok ? result.objectives?.[name] : undefined;
}
