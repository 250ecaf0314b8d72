import { describe, present, shuffle, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { settleConfiguration } from "#variables";
import { checkCounts } from "../check-counts.ts";
import { completeConfiguration } from "../proposal.ts";
import { blockId, dueWork, hearBlock, issueBlocks, looksOf, settled } from "../racing/contest.ts";
import type { Contest, ContestState } from "../racing/contest.ts";
import { isEnded, isMeasured, leader } from "../racing/contestant.ts";
import type { Contestant } from "../racing/contestant.ts";
import { pruningNamed } from "../racing/pruning.ts";
import type { Prune } from "../racing/pruning.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "../teleprompter.ts";
import { checkObjectives, gainsOf } from "./pareto/objectives.ts";
import { frontsOf } from "./pareto/pareto-ranks.ts";
import type { Objectives, Sampler } from "./sampler.ts";
import { costNames } from "./trial-objectives.ts";
import { keyOf } from "../configuration-key.ts";

export interface SearchTeleprompterOptions {
  /** How many configurations are tried besides the baseline, at the most; 100 unless told. */
  readonly candidates?: number;
  /**
   * How examples are saved on candidates that look bad; `none` unless told. With `race` the Runner stops a candidate once
   * it loses against the incumbent on the same examples (`EvaluateWork.race`). `halving` measures batches of nine on a
   * ninth of the examples, the best three on a third, the best one on all (`halvingRungs`). Either way only what was
   * measured on all examples can win.
   */
  readonly prune?: Prune;
  /**
   * What is searched for in place of the score, for samplers that search several objectives (`nsga2`): `score`, what an
   * example costs (`usd`, `calls`, `tokens`), or a further goal of the metric, each with its goal:
   * `{ score: "maximize", usd: "minimize" }`.
   */
  readonly objectives?: Objectives;
}

/** The task, the sampler's own state (`search`), and every trial with what was measured of it. */
export type SearchTeleprompterState<State = unknown> = ContestState<State>;

/**
 * A sampler as a teleprompter: the baseline, then what the sampler asks for, each measured on the validation examples, on
 * all of them where nothing is pruned. It has the sampler's name.
 *
 * Of each trial the sampler hears one score: the mean over all examples, or, of a trial that was stopped early, the
 * incumbent's mean plus the mean difference on the examples that both were measured on. It hears nothing of a trial on
 * which no example could be scored: that one stays out. Examples that the world failed at are in no mean and in no pair.
 * Of several objectives it hears the means over the examples that counted, and that a trial failed which has no number for
 * one of them. The incumbent is then the configuration with the highest mean score of those that no other dominates.
 *
 * A pruned search measures the baseline first and alone; then all candidates meet the examples in one order, drawn once
 * for the run. In halving a block is a work item of its own, `trial-7/2`: a budget's evaluations count blocks, its calls,
 * tokens and dollars what was saved. Blocks may be told in any order: verdicts fall when nothing is out or more is issued.
 */
export function searchTeleprompter<State>(
  sampler: Sampler<State>,
  { candidates = 100, prune = "none", objectives }: SearchTeleprompterOptions = {},
): Teleprompter<SearchTeleprompterState<State>> {
  if (typeof sampler?.start !== "function")
    throw new UsageError(`searchTeleprompter: expected a sampler, as auto() gives one, got ${describe(sampler)}`);
  checkCounts(sampler.name, { candidates });
  const pruning = pruningNamed(`${sampler.name}.prune`, prune);
  if (objectives !== undefined) checkSearched(sampler.name, objectives, prune);
  const contest = { sampler, candidates, prune, pruning, objectives };
  return {
    name: sampler.name,
    options: { ...sampler.options, candidates, prune, ...present({ objectives }) },
    start: (task) => ({ task, search: startSearch(contest, task), order: [], trials: [] }),
    ask: (state, rng, capacity) => nextWork(contest, state, { rng, capacity }),
    tell: (state, told) => tell(contest, state, told),
    finished: (state) => finished(contest, state),
    incumbent: (state) => leader(contendersOf(contest, state), looksOf(contest, state)),
  };
}

/**
 * The sampler's search, told what is known of other configurations beforehand, which it then does not try again: so not
 * where there are no numbers, and each of a few configurations may be the best. Of several objectives nothing is known.
 */
function startSearch<State>({ sampler, objectives }: Contest<State>, { space, known = [] }: Task): State {
  const start = sampler.start(space, present({ objectives }));
  const isDense = space.variables.some(({ kind }) => kind === "float" || kind === "integer");
  if (objectives !== undefined || !isDense) return start;
  const trials = known.map(({ configuration }, at) => {
    return { id: `known-${at + 1}`, configuration: settleConfiguration(space, configuration) };
  });
  return known.reduce(
    (state, { score }, at) => sampler.tell(state, { id: `known-${at + 1}`, score }),
    sampler.issue(start, trials),
  );
}

function checkSearched(name: string, objectives: Objectives, prune: Prune): void {
  checkObjectives(`${name}.objectives`, objectives);
  for (const cost of costNames)
    if (objectives[cost] === "maximize")
      throw new UsageError(`${name}.objectives.${cost}: expected minimize, since it is a cost, got maximize`);
  if (prune !== "none")
    throw new UsageError(
      `${name}.prune: expected none beside objectives, since races are run for one score, got ${prune}`,
    );
}

/** Who may win: of several objectives those that nobody dominates. */
function contendersOf<State>(
  { objectives, ...contest }: Contest<State>,
  state: ContestState<State>,
): readonly Contestant[] {
  if (objectives === undefined) return state.trials;
  const looks = looksOf({ ...contest, objectives }, state);
  const measured = state.trials.filter((trial) => trial.values !== undefined && isMeasured(trial, looks));
  const [places = []] = frontsOf(measured.map(({ values = {} }) => gainsOf(values, objectives)));
  return places.length === 0 ? state.trials : places.map((place) => measured[place] as Contestant);
}

interface Asked {
  readonly rng: Rng;
  readonly capacity: number;
}

function nextWork<State>(contest: Contest<State>, known: ContestState<State>, asked: Asked): EvaluateWork[] {
  const { rng, capacity } = asked;
  if (capacity < 1) return [];
  const [baseline] = known.trials;
  if (baseline === undefined) return firstWork(contest, known, asked);
  // Until something was measured there is nothing to compare a candidate with.
  if (contest.prune !== "none" && !isEnded(baseline, looksOf(contest, known))) return [];
  const state = settled(contest, known);
  const due = dueWork(contest, state).slice(0, capacity);
  const work = [...due, ...newWork(contest, state, { rng, capacity: capacity - due.length })];
  const isOut = known.trials.some(({ issued, told }) => told < issued);
  // When the sampler has no more to offer, a batch waits for no further members.
  return work.length > 0 || isOut ? work : dueWork(contest, settled(contest, known, true)).slice(0, capacity);
}

/** The baseline: the order of its examples is the one in which all candidates meet them. */
function firstWork<State>(contest: Contest<State>, state: ContestState<State>, asked: Asked): EvaluateWork[] {
  const { task } = state;
  const all = task.validation.keys().toArray();
  const isPruned = contest.prune !== "none";
  const baseline: EvaluateWork = {
    kind: "evaluate",
    id: "baseline",
    purpose: "the baseline",
    configuration: task.baseline,
    split: "validation",
    examples: isPruned ? shuffle(asked.rng.fork("order of examples"), all) : all,
  };
  if (isPruned) return [baseline];
  const next = issueBlocks(contest, state, [baseline]);
  return [baseline, ...newWork(contest, next, { ...asked, capacity: asked.capacity - 1 })];
}

/** The first blocks of what the sampler asks for. */
function newWork<State>(contest: Contest<State>, state: ContestState<State>, asked: Asked): EvaluateWork[] {
  const { sampler, candidates, prune } = contest;
  const { task, search, order, trials } = state;
  const count = Math.min(asked.capacity, candidates + 1 - trials.length);
  if (count < 1) return [];
  const looks = looksOf(contest, state);
  const opponent = prune === "race" ? leader(trials, looks) : undefined;
  const made = trials.map(({ configuration }) => keyOf(configuration));
  return sampler.ask(search, asked.rng, count).map(({ id, configuration: partial, note }) => {
    const configuration = completeConfiguration(task, partial);
    const key = keyOf(configuration);
    // A sampler that asks for the same again wants to know how much of its score was luck.
    const again = made.filter((each) => each === key).length;
    made.push(key);
    const race = opponent && { against: opponent.configuration };
    return {
      kind: "evaluate",
      id: blockId(prune, id, 1),
      purpose: `${sampler.name}, ${id}`,
      configuration,
      split: "validation",
      examples: order.slice(0, looks[0]),
      ...present({ note, race, rollout: again === 0 ? undefined : again }),
    };
  });
}

function tell<State>(contest: Contest<State>, state: ContestState<State>, told: Told): ContestState<State> {
  switch (told.type) {
    case "issued":
      return issueBlocks(
        contest,
        state,
        told.work.filter((item) => item.kind === "evaluate"),
      );
    case "evaluated":
      return hearBlock(contest, state, told);
    case "completed":
      return state;
  }
}

function finished<State>(contest: Contest<State>, state: ContestState<State>): string | undefined {
  const looks = looksOf(contest, state);
  const ended = state.trials.filter((trial) => isEnded(trial, looks));
  if (ended.length <= contest.candidates) return undefined;
  const tried = `${contest.candidates} candidates were tried`;
  const stopped = ended.filter(({ isStopped }) => isStopped).length;
  return contest.prune === "none" ? tried : `${tried}, ${stopped} of them stopped early`;
}
