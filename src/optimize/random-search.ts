import { canonicalJson, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { best, measured } from "./score-board.ts";
import type { Measured } from "./score-board.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "./teleprompter.ts";

export interface RandomSearchOptions {
  /** How many configurations are tried besides the baseline; 24 unless told. */
  readonly candidates?: number;
}

export interface RandomSearchState {
  readonly task: Task;
  /** The configurations issued so far, the baseline first, as canonical JSON. */
  readonly issued: readonly string[];
  readonly measured: readonly Measured[];
}

/** How often a configuration is drawn anew when it was tried before; then the space counts as exhausted. */
const maxRedraws = 50;

/**
 * Independent random configurations, each measured on all validation examples beside the baseline. The control that
 * every cleverer teleprompter has to beat, and hard to beat when few variables matter (Bergstra & Bengio 2012).
 */
export function randomSearch({ candidates = 24 }: RandomSearchOptions = {}): Teleprompter<RandomSearchState> {
  if (!Number.isInteger(candidates) || candidates < 1)
    throw new UsageError(`randomSearch.candidates: expected a whole number of at least 1, got ${candidates}`);
  return {
    name: "random_search",
    options: { candidates },
    start: (task) => ({ task, issued: [], measured: [] }),
    ask: (state, rng, capacity) => nextWork(state, rng, Math.min(capacity, candidates + 1 - state.issued.length)),
    tell,
    finished: ({ measured: told }) => (told.length > candidates ? `${candidates} candidates were tried` : undefined),
    incumbent: (state) => best(state.measured),
  };
}

function nextWork({ task, issued }: RandomSearchState, rng: Rng, count: number): EvaluateWork[] {
  const seen = new Set(issued);
  const work: EvaluateWork[] = [];
  for (let number = issued.length; number < issued.length + count; number++) {
    const configuration = number === 0 ? task.baseline : unseen(task, seen, rng.fork(`candidate ${number}`));
    if (configuration === undefined) break;
    seen.add(canonicalJson(configuration));
    work.push({
      kind: "evaluate",
      id: `candidate-${number}`,
      purpose: number === 0 ? "the baseline" : `random candidate ${number}`,
      configuration,
      split: "validation",
      examples: task.validation.keys().toArray(),
    });
  }
  return work;
}

function unseen({ space, baseline }: Task, seen: ReadonlySet<string>, rng: Rng): Configuration | undefined {
  for (let draw = 0; draw < maxRedraws; draw++) {
    const configuration = { ...baseline, ...sampleConfiguration(space, rng.fork(`draw ${draw}`)) };
    if (!seen.has(canonicalJson(configuration))) return configuration;
  }
  return undefined;
}

function tell(state: RandomSearchState, told: Told): RandomSearchState {
  if (told.type === "issued") {
    const texts = told.work.map((work) => (work.kind === "evaluate" ? canonicalJson(work.configuration) : ""));
    return { ...state, issued: [...state.issued, ...texts] };
  }
  if (told.type === "completed") return state;
  return { ...state, measured: [...state.measured, measured(told.work, told.results)] };
}
