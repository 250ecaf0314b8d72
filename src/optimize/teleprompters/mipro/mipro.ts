import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { successesOf } from "../../proposing/demo-set.ts";
import { readSummary } from "../../proposing/dataset-summary.ts";
import { makeWork } from "../../proposing/planned-work.ts";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import { measured } from "../../score-board.ts";
import type { EvaluateWork, Incumbent, Teleprompter, Told, Work } from "../../teleprompter.ts";
import { estimatesOf } from "./estimates.ts";
import { measuringWork, promising, searchingWork, trialsLeft } from "./measuring.ts";
import { checkedOptions } from "./mipro-options.ts";
import type { MiproOptions } from "./mipro-options.ts";
import { planOf } from "./mipro-plan.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { examplesOf, isLastRound, meanOf, startState, withResults } from "./mipro-state.ts";
import type { MiproState, Trial } from "./mipro-state.ts";
import { chosenConfiguration, withFirstOptions, withNewSets } from "./option-pool.ts";
import { proposingWork, withProposals } from "./proposals.ts";
import { teachingWork } from "./teaching.ts";

/**
 * Searches instructions, sets of demonstrations and all other variables of the space (models, numbers) together: a teacher
 * makes demonstrations from its successes, a model proposes instructions from a summary of the data, what came of
 * examples, and earlier attempts, and a sampler tries combinations. After MIPROv2 (Opsahl-Ong et al. 2024).
 *
 * Differences: proposals go on during the search, from what the best combination gets wrong and from how each text fared,
 * and each new option is tried at once; trials of a round are measured on the same examples, and on different ones made
 * comparable by how hard these are; the sampler is told posterior means, not raw ones, so that minibatches and full
 * measurements may stand side by side; a full measurement only pays for the examples that are lacking, and is left out where
 * the best cannot be beaten; the program is described from its data, not from source code. `miproCost` tells the price.
 */
export function mipro(options: MiproOptions = {}): Teleprompter<MiproState> {
  const told = checkedOptions(options);
  return {
    name: "mipro",
    options: told,
    start(task) {
      planOf(told, task);
      return startState(task);
    },
    ask: (state, rng, capacity) => dueWork(state, planOf(told, state.task), rng, capacity),
    tell: (state, news) => advanced(heard(state, planOf(told, state.task), news), planOf(told, state.task)),
    finished: ({ phase, trials, round }) =>
      phase === "done" ? `${trials.length} combinations were tried in ${round + 1} rounds` : undefined,
    incumbent,
  };
}

function dueWork(state: MiproState, plan: MiproPlan, rng: Rng, capacity: number): readonly Work[] {
  if (state.seed === "") return makeWork(firstWork(state, plan, rng), [], capacity);
  if (state.phase === "search") return searchingWork(state, plan, capacity);
  return makeWork(phaseWork(state, plan), state.issued, capacity);
}

function firstWork(state: MiproState, plan: MiproPlan, rng: Rng): readonly PlannedWork[] {
  const seed = String(rng.fork("seed").next());
  const begun = { ...state, seed };
  const baseline: EvaluateWork = {
    kind: "evaluate",
    id: "baseline",
    purpose: "the baseline",
    configuration: state.task.baseline,
    split: "validation",
    examples: examplesOf(begun, plan),
    note: { seed },
  };
  return [{ id: baseline.id, make: () => baseline }, ...phaseWork(begun, plan)];
}

/** All work of the present phase, issued or not; a search's trials follow from what was told and stand in the state. */
function phaseWork(state: MiproState, plan: MiproPlan): readonly PlannedWork[] {
  switch (state.phase) {
    case "teach":
      return teachingWork(state, plan);
    case "propose":
    case "refresh":
      return proposingWork(state, plan);
    case "measure":
      return measuringWork(state, plan);
    case "search":
    case "done":
      return [];
  }
}

function heard(state: MiproState, plan: MiproPlan, told: Told): MiproState {
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

function issued(state: MiproState, work: Work): MiproState {
  const next = { ...state, issued: [...state.issued, work.id] };
  if (work.kind !== "evaluate") return next;
  const { seed, choice } = work.note ?? {};
  if (typeof seed === "string") return { ...next, seed };
  if (choice === undefined) return next;
  const { id, purpose } = work;
  const begun = { scores: {}, isTold: false, isFull: false };
  const trial: Trial = { id, purpose, round: state.round, choice: choice as Configuration, ...begun };
  return { ...next, trials: [...state.trials, trial] };
}

function evaluated(
  state: MiproState,
  plan: MiproPlan,
  { work, results }: Extract<Told, { readonly type: "evaluated" }>,
): MiproState {
  if (work.id === "baseline") return { ...state, baseline: measured(work, results) };
  if (work.split === "train") {
    const successes = results.flatMap((result) => successesOf(plan.demos, result, plan.threshold));
    return { ...state, lessons: [...state.lessons, ...results], successes: [...state.successes, ...successes] };
  }
  const isFull = work.id.endsWith("/full") || plan.minibatch === plan.validation;
  const own = work.id.replace(/\/full$/, "");
  const trials = state.trials.map((trial) => (trial.id === own ? { ...withResults(trial, results), isFull } : trial));
  return { ...state, trials };
}

/** The state with every phase ended of which all was told. */
function advanced(state: MiproState, plan: MiproPlan): MiproState {
  let now = state;
  while (now.seed !== "" && now.phase !== "done") {
    const next = now.phase === "search" ? searched(now, plan) : afterPhase(now, plan);
    if (next === undefined) return now;
    now = { ...next, issued: [], told: [], replies: {} };
  }
  return now;
}

/** The state after the trials of a round; `undefined` while there are further ones. */
function searched(state: MiproState, plan: MiproPlan): MiproState | undefined {
  if (state.baseline === undefined || state.trials.some(({ isTold }) => !isTold)) return undefined;
  if (trialsLeft(state, plan) > 0) {
    if (searchingWork(state, plan, 1).length > 0) return undefined;
    const ended = { ...state, isExhausted: true };
    return { ...ended, phase: "measure", measuring: promising(ended, plan) };
  }
  return { ...state, phase: "measure", measuring: promising(state, plan) };
}

function afterPhase(state: MiproState, plan: MiproPlan): MiproState | undefined {
  if (!phaseWork(state, plan).every(({ id }) => state.told.includes(id))) return undefined;
  switch (state.phase) {
    case "teach":
      return { ...withFirstOptions(state, plan), phase: "propose" };
    case "propose":
      return { ...withProposals(state, plan), phase: "search", lessons: [] };
    case "measure":
      return { ...state, phase: isLastRound(state, plan) ? "done" : "refresh", measuring: [] };
    case "refresh":
      return { ...withNewSets(withProposals(state, plan), plan), phase: "search", round: state.round + 1, lessons: [] };
    case "search":
    case "done":
      return undefined;
  }
}

/**
 * The best of what was measured on all examples; of equals the baseline, then the earliest. As long as that is the baseline
 * alone, because the budget ended early, a trial on a minibatch counts if it is better beyond two standard deviations.
 */
function incumbent(state: MiproState): Incumbent | undefined {
  const { task, baseline, trials } = state;
  const base = meanOf(baseline);
  const full = trials.filter(({ isFull }) => isFull);
  const known = full.map((trial) => ({ trial, score: meanOf(trial) ?? -Infinity }));
  const likely = estimatesOf(state).filter(({ mean, deviation }) => mean - 2 * deviation > (base ?? Infinity));
  const partial = likely.map(({ trial, mean }) => ({ trial, score: mean }));
  let best = base === undefined ? undefined : { configuration: task.baseline, score: base, work: "baseline" };
  for (const { trial, score } of full.length > 0 ? known : partial) {
    if (score === -Infinity || (best !== undefined && score <= best.score)) continue;
    best = { configuration: chosenConfiguration(task, state.demoSets, trial.choice), score, work: trial.id };
  }
  return best;
}
