import type { Budget, RunRecord } from "#optimize";
import type { Program } from "#programs";
import { count } from "../terminal/words.ts";
import { askingStages } from "./search-space.ts";

/**
 * What a budget must hold for a baseline and one candidate to be measured and compared: two evaluations on validation
 * and, where examples are held out, two on them; a call for each example and stage that asks a model.
 */
export function leastBudget(
  { validation, test }: RunRecord["sizes"],
  program: Program,
): Required<Pick<Budget, "evaluations" | "calls">> {
  const stages = Math.max(1, askingStages(program).length);
  return { evaluations: test > 0 ? 4 : 2, calls: 2 * (validation + test) * stages };
}

/** A warning for each limit that is below what the least comparison needs. */
export function budgetWarnings(budget: Budget, sizes: RunRecord["sizes"], program: Program): string[] {
  const least = leastBudget(sizes, program);
  const onTest = sizes.test > 0 ? ` and ${count(sizes.test)} held-out` : "";
  return (["evaluations", "calls"] as const).flatMap((name) => {
    const limit = budget[name];
    if (limit === undefined || limit >= least[name]) return [];
    return [
      `warning: ${name}=${limit} is too little to compare anything: the baseline and one candidate on ${count(sizes.validation)} validation${onTest} examples need at least ${name}=${least[name]}`,
    ];
  });
}
