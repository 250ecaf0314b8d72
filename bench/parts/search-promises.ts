import { atLeast, atMost } from "./bench.ts";
import type { Promised } from "./bench.ts";
import type { SuiteProblem } from "./search-problem.ts";
import type { SearchRun } from "./search-run.ts";
import type { BaselineRow } from "./search-suite.ts";
import { hits, targets } from "./search-targets.ts";
import { median } from "./statistics.ts";

export interface Searched {
  readonly problem: SuiteProblem;
  readonly runs: readonly SearchRun[];
  readonly budgets: readonly number[];
}

/** The median of the best noiseless value at a budget; not a number where the runs were not read there. */
export function medianAt({ runs, budgets }: Searched, budget: number): number {
  return median(runs.map(({ best }) => best[budgets.indexOf(budget)] ?? Number.NaN));
}

/** What `auto` shall reach on a problem, as far as the budgets go. */
export function reached(searched: Searched): readonly Promised[] {
  const { problem, runs, budgets } = searched;
  const promise = problem.direction === "minimize" ? atMost : atLeast;
  const medians = targets
    .filter((target) => target.problem === problem.id && budgets.includes(target.budget))
    .flatMap(({ budget, must, stretch }) => {
      const measured = medianAt(searched, budget);
      const name = `${problem.id} @${budget}: auto, median of ${runs.length} seeds`;
      return [promise(name, measured, must, "points"), promise(`${name}, stretch`, measured, stretch, "points")];
    });
  return [...medians, ...optimaFound(searched)];
}

/** Of a finite problem: how often its optimum was found within 200 evaluations, and how often something was evaluated twice. */
function optimaFound({ problem, runs, budgets }: Searched): readonly Promised[] {
  const place = budgets.indexOf(200);
  if (problem.function !== "nk" || place < 0) return [];
  const found = runs.filter(({ best }) => (best[place] ?? 0) >= problem.optimum.value - 1e-9).length;
  const share = found / runs.length;
  const name = `${problem.id}: share of searches whose 200 evaluations had the optimum`;
  return [
    atLeast(name, share, hits.must / 20, ""),
    atLeast(`${name}, stretch`, share, hits.stretch / 20, ""),
    atMost(`${problem.id}: evaluations of what was evaluated before`, duplicatesOf(runs), 0, ""),
  ];
}

export function duplicatesOf(runs: readonly SearchRun[]): number {
  return runs.reduce((sum, { duplicates }) => sum + duplicates, 0);
}

/** How far a sampler's median is behind the best of these peers, below 0 where it is ahead. */
export function heldAgainst(
  name: string,
  searched: Searched,
  { peers, called }: { readonly peers: readonly BaselineRow[]; readonly called: string },
): readonly Promised[] {
  const { problem, runs, budgets } = searched;
  const sign = problem.direction === "minimize" ? 1 : -1;
  return budgets.flatMap((budget) => {
    const theirs = peers.flatMap(({ best }) => (best[budget] === undefined ? [] : [sign * best[budget].median]));
    if (theirs.length === 0) return [];
    const behind = sign * medianAt(searched, budget) - Math.min(...theirs);
    const promise = `${problem.id} @${budget}: ${name} behind ${called}, median of ${runs.length} seeds`;
    return [atMost(promise, behind, tolerance * Math.abs(Math.min(...theirs)), "points")];
  });
}

/** Optuna's medians are noted with six digits: closer than this two medians are the same. */
const tolerance = 1e-5;
