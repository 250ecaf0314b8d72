import { canonicalJson, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { untriedProposal } from "./proposal.ts";
import type { Proposal } from "./proposal.ts";
import { best, measured } from "./score-board.ts";
import type { Measured } from "./score-board.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "./teleprompter.ts";

/** A search that tries one configuration after the other, each on all validation examples. */
export interface CandidateSearch {
  readonly name: string;
  readonly options: JsonObject & { readonly candidates: number };
  /** A candidate by its number, from what was measured so far; drawn anew when it was tried before. */
  readonly propose: (state: CandidateSearchState, number: number, rng: Rng) => Candidate;
}

interface Candidate extends Proposal {
  /** Why it is tried, for people. */
  readonly purpose: string;
}

export interface CandidateSearchState {
  readonly task: Task;
  /** The configurations issued so far, the baseline first, as canonical JSON. */
  readonly issued: readonly string[];
  readonly measured: readonly Measured[];
}

/** The baseline, then candidates until so many were tried or nothing new is drawn. None is tried twice. */
export function candidateSearch(search: CandidateSearch): Teleprompter<CandidateSearchState> {
  const { name, options } = search;
  const { candidates } = options;
  return {
    name,
    options,
    start: (task) => ({ task, issued: [], measured: [] }),
    ask: (state, rng, capacity) =>
      nextWork(search, state, rng, Math.min(capacity, candidates + 1 - state.issued.length)),
    tell,
    finished: ({ measured: told }) => (told.length > candidates ? `${candidates} candidates were tried` : undefined),
    incumbent: (state) => best(state.measured),
  };
}

/** Throws `UsageError` unless all of these options are whole numbers above 0. */
export function checkCounts(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`${name}.${option}: expected a whole number of at least 1, got ${String(value)}`);
}

function nextWork(search: CandidateSearch, state: CandidateSearchState, rng: Rng, count: number): EvaluateWork[] {
  const { task, issued } = state;
  const tried = [...issued];
  const work: EvaluateWork[] = [];
  for (let number = issued.length; number < issued.length + count; number++) {
    const draw = (chance: Rng): Candidate => search.propose(state, number, chance);
    const candidate =
      number === 0
        ? { configuration: task.baseline, purpose: "the baseline" }
        : untriedProposal(task, tried, rng.fork(`candidate ${number}`), draw);
    if (candidate === undefined) break;
    tried.push(canonicalJson(candidate.configuration));
    work.push({
      kind: "evaluate",
      id: `candidate-${number}`,
      ...candidate,
      split: "validation",
      examples: task.validation.keys().toArray(),
    });
  }
  return work;
}

function tell(state: CandidateSearchState, told: Told): CandidateSearchState {
  if (told.type === "issued") {
    const texts = told.work.map((work) => (work.kind === "evaluate" ? canonicalJson(work.configuration) : ""));
    return { ...state, issued: [...state.issued, ...texts] };
  }
  if (told.type === "completed") return state;
  return { ...state, measured: [...state.measured, measured(told.work, told.results)] };
}
