import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { successesOf } from "../../proposing/demo-set.ts";
import { readSummary } from "../../proposing/dataset-summary.ts";
import { makeWork } from "../../proposing/planned-work.ts";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import { measured } from "../../score-board.ts";
import type { EvaluateWork, Incumbent, Teleprompter, Told, Work } from "../../teleprompter.ts";
import { teachingWork } from "../mipro/teaching.ts";
import { checkedOptions } from "./beacon-options.ts";
import type { BeaconOptions } from "./beacon-options.ts";
import { planOf, roundsOf } from "./beacon-plan.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { examplesOf, isFull, meanOf, startState, tokensEach, withResults } from "./beacon-state.ts";
import type { BeaconState, Candidate } from "./beacon-state.ts";
import {
  begun,
  candidatesLeft,
  climbersTo,
  climbingWork,
  finalistsOf,
  leadingChoices,
  reviewingWork,
  searchingWork,
} from "./candidates.ts";
import { chosenConfiguration, optionSpace, withFirstPools, withNewSets } from "./pools.ts";
import { hasChoice } from "./next-choice.ts";
import { proposingWork, withProposals } from "./proposals.ts";
import { evidenceOf } from "./surrogate.ts";

/**
 * Bayesian optimisation over instructions, demonstrations, models and numbers together: one Gaussian process over all
 * variables, in which texts are as far apart as their words and sets of demonstrations as their members, says which
 * untried configuration has the highest expected improvement for its cost. A round's candidates meet the same few examples,
 * the most promising of all rounds go on to more (successive halving, by posterior means), the very best to all; then the
 * best runs training examples, from which a model proposes further texts, and rules behind the best ones from what went
 * wrong (several answers together; simba's question), and successes make further sets. The model of the scores ranks all
 * that was proposed: what does not promise enough is never measured. First of all the baseline is tried with all that was
 * learnt before the search. `beaconCost` tells the price.
 *
 * What ran all examples becomes the incumbent, and what ran some of them only where it is better by two standard errors: a
 * budget may end at any time. Works on any space: without texts and demonstrations it is the search of the other
 * variables alone. Where nothing is left to try a round is shorter, and the search ends with fewer candidates.
 *
 * After ds_ex's BEACON in name and aim. That one models scores by a line through a hash of the instruction's number, accepts
 * any demonstration, and compares candidates on different examples. Here texts and sets have features, so that what was
 * measured says something of what is like it; demonstrations are successes; each score is paired with how hard its
 * examples are, and carries its own noise.
 */
export function beacon(options: BeaconOptions = {}): Teleprompter<BeaconState> {
  const told = checkedOptions(options);
  return {
    name: "beacon",
    options: told,
    start(task) {
      const plan = planOf(told, task);
      return plan.texts.length + plan.demos.length > 0 ? startState(task) : { ...startState(task), phase: "search" };
    },
    ask: (state, rng, capacity) => dueWork(state, planOf(told, state.task), rng, capacity),
    tell: (state, news) => {
      const plan = planOf(told, state.task);
      return advanced(heard(state, plan, news), plan);
    },
    finished: ({ phase, candidates, round }) =>
      phase === "done" ? `${candidates.length} candidates were tried in ${round + 1} rounds` : undefined,
    incumbent: (state) => incumbent(state, planOf(told, state.task)),
  };
}

function dueWork(state: BeaconState, plan: BeaconPlan, rng: Rng, capacity: number): readonly Work[] {
  if (state.seed === "") return makeWork(firstWork(state, plan, rng), [], capacity);
  if (state.phase === "search") return searchingWork(state, plan, capacity);
  return makeWork(phaseWork(state, plan), state.issued, capacity);
}

function firstWork(state: BeaconState, plan: BeaconPlan, rng: Rng): readonly PlannedWork[] {
  const seed = String(rng.fork("seed").next());
  const seeded = { ...state, seed };
  const baseline: EvaluateWork = {
    kind: "evaluate",
    id: "baseline",
    purpose: "the baseline",
    configuration: state.task.baseline,
    split: "validation",
    examples: examplesOf(seeded, plan, 0),
    note: { seed },
  };
  return [{ id: baseline.id, make: () => baseline }, ...phaseWork(seeded, plan)];
}

/** All work of the present phase, issued or not; a search's candidates follow from what was told. */
function phaseWork(state: BeaconState, plan: BeaconPlan): readonly PlannedWork[] {
  switch (state.phase) {
    case "teach":
      return teachingWork(state, plan);
    case "propose":
      return proposingWork(state, plan);
    case "climb":
    case "final":
      return climbingWork(state, plan);
    case "review":
      return reviewingWork(state, plan);
    case "search":
    case "done":
      return [];
  }
}

function heard(state: BeaconState, plan: BeaconPlan, told: Told): BeaconState {
  switch (told.type) {
    case "issued":
      return told.work.reduce(issued, state);
    case "completed": {
      const next = { ...state, told: [...state.told, told.work.id] };
      if (told.work.id === "summary") return { ...next, summary: readSummary(told.result) };
      return { ...next, replies: { ...state.replies, [told.work.id]: told.result } };
    }
    case "evaluated":
      return evaluated({ ...state, told: [...state.told, told.work.id] }, plan, told);
  }
}

function issued(state: BeaconState, work: Work): BeaconState {
  const next = { ...state, issued: [...state.issued, work.id] };
  if (work.kind !== "evaluate") return next;
  const { seed, choice } = work.note ?? {};
  if (typeof seed === "string") return { ...next, seed };
  if (choice === undefined) return next;
  const candidate = begun(state, { id: work.id, purpose: work.purpose, choice: choice as Configuration });
  return { ...next, candidates: [...state.candidates, candidate] };
}

function evaluated(
  state: BeaconState,
  plan: BeaconPlan,
  { work, results }: Extract<Told, { readonly type: "evaluated" }>,
): BeaconState {
  if (work.id === "baseline") return { ...state, baseline: measured(work, results), baselineCost: tokensEach(results) };
  if (work.split === "train") {
    const successes = results.flatMap((result) => successesOf(plan.demos, result, plan.threshold));
    return { ...state, lessons: [...state.lessons, ...results], successes: [...state.successes, ...successes] };
  }
  const [own] = work.id.split("/");
  const rungs = own === work.id ? 1 : state.rung + 1;
  const { scores } = measured(work, results);
  const candidates = state.candidates.map((candidate) =>
    candidate.id === own ? withResults(candidate, results, { scores, rungs }) : candidate,
  );
  return { ...state, candidates };
}

/** The state with every phase ended of which all was told. */
function advanced(state: BeaconState, plan: BeaconPlan): BeaconState {
  let now = state;
  while (now.seed !== "" && now.phase !== "done") {
    const next = now.phase === "search" ? searched(now, plan) : afterPhase(now, plan);
    if (next === undefined) return now;
    now = { ...next, issued: [], told: [], replies: {} };
  }
  return now;
}

/** The state after the candidates of a round; `undefined` while there are further ones. */
function searched(state: BeaconState, plan: BeaconPlan): BeaconState | undefined {
  if (state.baseline === undefined || state.candidates.some(({ rungs }) => rungs === 0)) return undefined;
  if (candidatesLeft(state, plan) > 0 && hasChoice(state)) return undefined;
  return climbed({ ...state, rung: 0 }, plan);
}

/** The state on the way to the next rung, or behind the last one. */
function climbed(state: BeaconState, plan: BeaconPlan): BeaconState {
  const rung = state.rung + 1;
  if (rung < plan.rungs.length) return { ...state, phase: "climb", rung, climbing: climbersTo(state, plan, rung) };
  if (isLastRound(state, plan))
    return { ...state, phase: "final", rung: plan.rungs.length - 1, climbing: finalistsOf(state, plan) };
  const next = { ...state, climbing: [] };
  return isReviewDue(state, plan) ? { ...next, phase: "review" } : { ...next, phase: "search", round: state.round + 1 };
}

/** Proposals that came to nothing are tried again less and less often. */
function isReviewDue({ round, barren }: BeaconState, { reviewed, refreshed, demos }: BeaconPlan): boolean {
  const isWanted = reviewed > 0 && (refreshed > 0 || demos.length > 0);
  return isWanted && (round + 1) % 2 ** barren === 0;
}

/** Whether no further candidates come: the planned ones were tried, or there was none left and nothing new will be. */
function isLastRound(state: BeaconState, plan: BeaconPlan): boolean {
  if (state.candidates.length >= plan.candidates || state.round + 1 >= roundsOf(plan)) return true;
  return candidatesLeft(state, plan) > 0 && (!isReviewDue(state, plan) || candidatesLeft(state, plan) === plan.round);
}

function afterPhase(state: BeaconState, plan: BeaconPlan): BeaconState | undefined {
  if (!phaseWork(state, plan).every(({ id }) => state.told.includes(id))) return undefined;
  switch (state.phase) {
    case "teach":
      return { ...withFirstPools(state, plan), phase: "propose" };
    case "propose":
      return { ...withProposals(state, plan), phase: "search", lessons: [] };
    case "climb":
      return climbed(state, plan);
    case "review": {
      const withSets = withNewSets(state, plan, leadingChoices(state, plan, 2));
      return { ...withSets, phase: "propose", round: state.round + 1 };
    }
    case "final":
      return { ...state, phase: "done", climbing: [] };
    case "search":
    case "done":
      return undefined;
  }
}

/**
 * The best of what ran all examples; of equals the baseline, then the earliest. Because a budget may end early, what ran
 * some of them counts too where it is better than that beyond chance, its score as it is at least.
 */
function incumbent(state: BeaconState, plan: BeaconPlan): Incumbent | undefined {
  const { task, baseline, candidates } = state;
  const base = meanOf(baseline?.scores);
  let best = base === undefined ? undefined : { configuration: task.baseline, score: base, work: "baseline" };
  const better = ({ id, choice }: Candidate, score: number): void => {
    if (score > (best?.score ?? -Infinity))
      best = { configuration: chosenConfiguration(state, choice), score, work: id };
  };
  for (const each of candidates) if (isFull(each, plan)) better(each, meanOf(each.scores) ?? -Infinity);
  const partial = evidenceOf(state, plan, optionSpace(state)).told;
  for (const { candidate, worth, error } of partial)
    if (candidate !== undefined && !isFull(candidate, plan)) better(candidate, worth - 2 * error);
  return best;
}
