import { present } from "#foundation";
import { settleConfiguration } from "#variables";
import { measured } from "../score-board.ts";
import type { Sampler } from "../search/sampler.ts";
import type { EvaluateWork, Task, Told } from "../teleprompter.ts";
import { isDue, isEnded, judged, leadingScores, worthOf } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import type { Prune, Pruning } from "./pruning.ts";

/** A sampler's search whose trials are measured block by block, and what it was made with. */
export interface Contest<State> {
  readonly sampler: Sampler<State>;
  /** How many trials there are at the most, besides the baseline. */
  readonly candidates: number;
  readonly prune: Prune;
  readonly pruning: Pruning;
}

export interface ContestState<State> {
  readonly task: Task;
  /** The sampler's own state. */
  readonly search: State;
  /** The order in which all candidates meet the validation examples: that of the baseline's work. */
  readonly order: readonly number[];
  /** Every trial in the order of issue, the baseline first. */
  readonly trials: readonly Contestant[];
}

/** After how many examples the trials are looked at. */
export function looksOf<State>({ pruning }: Contest<State>, { task }: ContestState<State>): readonly number[] {
  return pruning.looks(task.validation.length);
}

/** The work item of a block, from 1; the baseline is measured in one, and so is everything where nothing is pruned. */
export function blockId(prune: Prune, trial: string, block: number): string {
  return prune === "none" || trial === "baseline" ? trial : `${trial}/${block}`;
}

function trialId(prune: Prune, work: string): string {
  return prune === "none" ? work : work.replace(/\/\d+$/, "");
}

/** The next blocks of the trials that go on, in the order of issue. */
export function dueWork<State>(contest: Contest<State>, state: ContestState<State>): EvaluateWork[] {
  const looks = looksOf(contest, state);
  return state.trials
    .filter((trial) => isDue(trial, looks))
    .map(({ id, purpose, configuration, issued }) => ({
      kind: "evaluate",
      id: blockId(contest.prune, id, issued + 1),
      purpose: `${purpose}, block ${issued + 1}`,
      configuration,
      split: "validation",
      examples: state.order.slice(looks[issued - 1], looks[issued]),
    }));
}

/**
 * The state with all verdicts that can fall: trials are stopped or go on, and the sampler hears of those that get no
 * further examples, in the order of issue. With `isClosed` the last batch waits for no further members.
 */
export function settled<State>(
  contest: Contest<State>,
  state: ContestState<State>,
  isClosed: boolean = state.trials.length > contest.candidates,
): ContestState<State> {
  const looks = looksOf(contest, state);
  const trials = judged(state.trials, { pruning: contest.pruning, looks, isClosed });
  const incumbent = leadingScores(trials, looks);
  let { search } = state;
  const heard = trials.map((trial) => {
    if (trial.isHeard || !isEnded(trial, looks)) return trial;
    const score = worthOf(trial, incumbent);
    if (score !== undefined) search = contest.sampler.tell(search, { id: trial.id, score });
    return { ...trial, isHeard: true };
  });
  return { ...state, search, trials: heard };
}

/** The state with these blocks out: the first ones of new trials, further ones of others. */
export function issueBlocks<State>(
  contest: Contest<State>,
  known: ContestState<State>,
  work: readonly EvaluateWork[],
): ContestState<State> {
  const ids = new Set(known.trials.map(({ id }) => id));
  const [further, first] = parted(work, ({ id }) => ids.has(trialId(contest.prune, id)));
  const state = settledFor(contest, known, further);
  const looks = looksOf(contest, known);
  const begun = first.map((item) => contestantOf(item, trialId(contest.prune, item.id), looks));
  const issued = first.map(({ id, configuration, note }) => ({
    id: trialId(contest.prune, id),
    configuration: settleConfiguration(known.task.space, configuration),
    ...present({ note }),
  }));
  const goOn = new Set(further.map(({ id }) => trialId(contest.prune, id)));
  const went = state.trials.map((trial) => (goOn.has(trial.id) ? { ...trial, issued: trial.issued + 1 } : trial));
  return {
    ...state,
    search: contest.sampler.issue(state.search, issued),
    order: first.find(({ id }) => id === "baseline")?.examples ?? state.order,
    trials: [...went, ...begun],
  };
}

/** Settled as it was when these blocks were asked for: one that is due only in a closed batch says that it was closed. */
function settledFor<State>(
  contest: Contest<State>,
  known: ContestState<State>,
  further: readonly EvaluateWork[],
): ContestState<State> {
  const state = settled(contest, known);
  const due = new Set(dueWork(contest, state).map(({ id }) => id));
  return further.every(({ id }) => due.has(id)) ? state : settled(contest, known, true);
}

/** The baseline has all its blocks in one and is judged by nobody. */
function contestantOf(
  { id: work, purpose, configuration }: EvaluateWork,
  id: string,
  looks: readonly number[],
): Contestant {
  const issued = id === "baseline" ? looks.length : 1;
  return { id, purpose, configuration, work, issued, told: 0, passed: 0, isStopped: false, isHeard: false, scores: {} };
}

/** The state with what a block came to; verdicts wait until nothing is out or the next work is issued. */
export function hearBlock<State>(
  contest: Contest<State>,
  state: ContestState<State>,
  { work, results }: Extract<Told, { readonly type: "evaluated" }>,
): ContestState<State> {
  const place = state.trials.findIndex(({ id, issued }) => blockId(contest.prune, id, issued) === work.id);
  const trial = state.trials[place];
  if (trial === undefined) return state;
  const scores = { ...trial.scores, ...measured(work, results).scores };
  const heard = { ...state, trials: state.trials.with(place, { ...trial, scores, told: trial.issued }) };
  // Without pruning no verdict depends on others.
  const isSettled = contest.prune === "none" || heard.trials.every(({ issued, told }) => issued === told);
  return isSettled ? settled(contest, heard) : heard;
}

function parted<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
