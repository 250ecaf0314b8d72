import { shuffle } from "#foundation";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import type { EvaluateWork } from "../../teleprompter.ts";
import { estimatesOf } from "./estimates.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { chanceOf, examplesOf, isLastRound, meanOf, minibatchOf } from "./mipro-state.ts";
import type { MiproState, Trial } from "./mipro-state.ts";
import { chosenConfiguration, optionSpace } from "./option-pool.ts";
import { bestChoice, nextTrials } from "./trials.ts";

/** Further trials of the present round, on its minibatch, at most so many. */
export function searchingWork(state: MiproState, plan: MiproPlan, count: number): readonly EvaluateWork[] {
  if (state.baseline === undefined) return [];
  const examples = minibatchOf(state, plan, state.round);
  return nextTrials(state, plan, Math.min(count, trialsLeft(state, plan))).map(({ id, purpose, choice }) => ({
    kind: "evaluate",
    id,
    purpose,
    configuration: chosenConfiguration(state.task, state.demoSets, choice),
    split: "validation",
    examples,
    note: { choice },
  }));
}

/** How many trials the present round still lacks. */
export function trialsLeft({ trials, round }: MiproState, plan: MiproPlan): number {
  const made = trials.filter((trial) => trial.round === round).length;
  return Math.min(plan.round - made, plan.trials - trials.length);
}

/** The trials that shall be measured on all examples: the most promising, as long as they may be better than the best. */
export function promising(state: MiproState, plan: MiproPlan): readonly string[] {
  if (plan.finalists === 0) return [];
  const full = [state.baseline, ...state.trials.filter(({ isFull }) => isFull)];
  const best = Math.max(...full.map((each) => meanOf(each) ?? -Infinity));
  return estimatesOf(state)
    .filter(({ trial, mean, deviation }) => !trial.isFull && mean + 2 * deviation >= best)
    .toSorted((a, b) => b.mean - a.mean)
    .slice(0, isLastRound(state, plan) ? plan.finalists : 1)
    .map(({ trial }) => trial.id);
}

/** After a round: the promising on the examples that they lack, and training examples run for the next proposals. */
export function measuringWork(state: MiproState, plan: MiproPlan): readonly PlannedWork[] {
  const full = state.trials
    .filter(({ id }) => state.measuring.includes(id))
    .map((trial) => ({ id: `${trial.id}/full`, make: () => restOf(state, plan, trial) }));
  if (isLastRound(state, plan) || plan.refreshed === 0 || plan.reviewed === 0) return full;
  const id = `review-${state.round + 1}`;
  return [...full, { id, make: () => review(state, plan, id) }];
}

function restOf(state: MiproState, plan: MiproPlan, { id, purpose, choice, round }: Trial): EvaluateWork {
  const seen = new Set(minibatchOf(state, plan, round));
  return {
    kind: "evaluate",
    id: `${id}/full`,
    purpose: `${purpose}, the other examples`,
    configuration: chosenConfiguration(state.task, state.demoSets, choice),
    split: "validation",
    examples: examplesOf(state, plan).filter((index) => !seen.has(index)),
  };
}

function review(state: MiproState, { reviewed }: MiproPlan, id: string): EvaluateWork {
  const { task, round } = state;
  const order = shuffle(chanceOf(state).fork("reviews"), task.train.keys().toArray());
  return {
    kind: "evaluate",
    id,
    purpose: `round ${round + 1}: the best so far runs training examples`,
    configuration: chosenConfiguration(task, state.demoSets, bestChoice(state, optionSpace(state))),
    split: "train",
    examples: Array.from({ length: reviewed }, (_, at) => order[(round * reviewed + at) % order.length] as number),
    trace: true,
  };
}
