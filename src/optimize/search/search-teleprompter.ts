import type { Rng } from "#foundation";
import { settleConfiguration } from "#variables";
import { checkCounts } from "../candidate-search.ts";
import { completeConfiguration } from "../proposal.ts";
import { best, meanScore, measured } from "../score-board.ts";
import type { Measured } from "../score-board.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "../teleprompter.ts";
import type { Sampler, Trial } from "./sampler.ts";

export interface SearchTeleprompterOptions {
  /** How many configurations are tried besides the baseline; 100 unless told. */
  readonly candidates?: number;
}

export interface SearchTeleprompterState<State = unknown> {
  readonly task: Task;
  /** The sampler's own state. */
  readonly search: State;
  /** How many trials were issued, the baseline among them. */
  readonly issued: number;
  readonly measured: readonly Measured[];
}

/**
 * A sampler as a teleprompter: the baseline, then what the sampler asks for, each measured on all validation examples.
 * The sampler hears the mean score, and nothing of a trial on which no example could be scored: that one stays out. It
 * has the sampler's name.
 */
export function searchTeleprompter<State>(
  sampler: Sampler<State>,
  { candidates = 100 }: SearchTeleprompterOptions = {},
): Teleprompter<SearchTeleprompterState<State>> {
  checkCounts(sampler.name, { candidates });
  return {
    name: sampler.name,
    options: { ...sampler.options, candidates },
    start: (task) => ({ task, search: sampler.start(task.space), issued: 0, measured: [] }),
    ask: (state, rng, capacity) => nextWork(sampler, state, rng, Math.min(capacity, candidates + 1 - state.issued)),
    tell: (state, told) => tell(sampler, state, told),
    finished: ({ measured: told }) => (told.length > candidates ? `${candidates} candidates were tried` : undefined),
    incumbent: (state) => best(state.measured),
  };
}

function nextWork<State>(
  sampler: Sampler<State>,
  { task, search, issued }: SearchTeleprompterState<State>,
  rng: Rng,
  count: number,
): EvaluateWork[] {
  if (count < 1) return [];
  const first = issued === 0 ? [{ id: "baseline", configuration: settleConfiguration(task.space, task.baseline) }] : [];
  const asked = sampler.ask(sampler.issue(search, first), rng, count - first.length);
  return [...first, ...asked].map(({ id, configuration }) => ({
    kind: "evaluate",
    id,
    purpose: id === "baseline" ? "the baseline" : `${sampler.name}, ${id}`,
    configuration: id === "baseline" ? task.baseline : completeConfiguration(task, configuration),
    split: "validation",
    examples: task.validation.keys().toArray(),
  }));
}

function tell<State>(
  sampler: Sampler<State>,
  state: SearchTeleprompterState<State>,
  told: Told,
): SearchTeleprompterState<State> {
  if (told.type === "issued") {
    const trials = told.work.flatMap((work): Trial[] =>
      work.kind === "evaluate"
        ? [{ id: work.id, configuration: settleConfiguration(state.task.space, work.configuration) }]
        : [],
    );
    return { ...state, search: sampler.issue(state.search, trials), issued: state.issued + trials.length };
  }
  if (told.type === "completed") return state;
  const candidate = measured(told.work, told.results);
  const score = meanScore(candidate);
  const search = score === undefined ? state.search : sampler.tell(state.search, { id: told.work.id, score });
  return { ...state, search, measured: [...state.measured, candidate] };
}
