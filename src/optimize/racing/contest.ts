import { present } from "#foundation";
import { settleConfiguration } from "#variables";
import { measured } from "../score-board.ts";
import type { Objectives, Outcome, Sampler } from "../search/sampler.ts";
import { valuesOfResults } from "../search/trial-objectives.ts";
import type { EvaluateWork, Task, Told } from "../teleprompter.ts";
import { isDue, isEnded, judged, leader, leadingScores, worthOf } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";
import type { Scores } from "./paired-scores.ts";
import type { Prune, Pruning } from "./pruning.ts";

/** A sampler's search whose trials need not be measured on all examples, and what it was made with. */
export interface Contest<State> {
  readonly sampler: Sampler<State>;
  /** How many trials there are at the most, besides the baseline. */
  readonly candidates: number;
  readonly prune: Prune;
  readonly pruning: Pruning;
  /** Absent where the search is for one score. */
  readonly objectives: Objectives | undefined;
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

/** The work item of a block, from 1; the baseline is measured in one, and so is everything that is not halved. */
export function blockId(prune: Prune, trial: string, block: number): string {
  return prune !== "halving" || trial === "baseline" ? trial : `${trial}/${block}`;
}

function trialId(prune: Prune, work: string): string {
  return prune === "halving" ? work.replace(/\/\d+$/, "") : work;
}

/** The next blocks of the trials that go on, in the order of issue. */
export function dueWork<State>(contest: Contest<State>, state: ContestState<State>): EvaluateWork[] {
  const looks = looksOf(contest, state);
  return state.trials
    .filter((trial) => isDue(trial, looks))
    .map(({ id, purpose, configuration, issued, rollout }) => ({
      kind: "evaluate",
      id: blockId(contest.prune, id, issued + 1),
      purpose: `${purpose}, block ${issued + 1}`,
      configuration,
      split: "validation",
      examples: state.order.slice(looks[issued - 1], looks[issued]),
      ...present({ rollout }),
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
    const opponent = trials.find(({ id }) => id === trial.against)?.scores;
    const outcome = outcomeOf(contest, trial, opponent ?? incumbent);
    if (outcome !== undefined) search = contest.sampler.tell(search, outcome);
    return { ...trial, isHeard: true };
  });
  return { ...state, search, trials: heard };
}

/** What the sampler hears of a trial; nothing of one on which no example counted. */
function outcomeOf<State>(
  { objectives }: Contest<State>,
  trial: Contestant,
  reference: Scores | undefined,
): Outcome | undefined {
  const { id, values } = trial;
  const score = worthOf(trial, reference);
  if (objectives === undefined || score === undefined) return score === undefined ? undefined : { id, score };
  return values === undefined ? { id, failed: true } : { id, objectives: values };
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
  // In the state in which these were asked for, as the work says it.
  const opponent = contest.prune === "race" ? leader(known.trials, looks)?.work : undefined;
  const begun = first.map((item) => {
    const contestant = contestantOf(item, trialId(contest.prune, item.id), looks);
    return { ...contestant, ...present({ against: opponent }) };
  });
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
  { id: work, purpose, configuration, rollout }: EvaluateWork,
  id: string,
  looks: readonly number[],
): Contestant {
  const issued = id === "baseline" ? looks.length : 1;
  const begun = { issued, told: 0, passed: 0, isStopped: false, isHeard: false, scores: {} };
  return { id, purpose, configuration, work, ...present({ rollout }), ...begun };
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
  const told = {
    ...trial,
    scores: { ...trial.scores, ...measured(work, results).scores },
    told: trial.issued,
    isStopped: results.length < work.examples.length,
    ...present({ values: contest.objectives && valuesOfResults(results, contest.objectives) }),
  };
  const heard = { ...state, trials: state.trials.with(place, told) };
  // Only in halving a verdict depends on others.
  const isSettled = contest.prune !== "halving" || heard.trials.every(({ issued, told: known }) => issued === known);
  return isSettled ? settled(contest, heard) : heard;
}

function parted<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
