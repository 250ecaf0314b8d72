import { auto, beacon, beaconCost, bootstrapFewShot, bootstrapRandomSearch, copro, gepa, inferRules, labeledFewShot, mipro, miproCost, randomSearch, searchTeleprompter, simba, stages } from "#optimize"; // prettier-ignore
import type { Task, Teleprompter } from "#optimize";
import { demos, space } from "#variables";
import type { Space } from "#variables";
import { maxDemos } from "./tuning-data.ts";

/** How a teleprompter of the bench is set up for a task and a budget of calls, the search's own. */
export interface TuningContestant {
  readonly make: (task: Task, calls: number) => Teleprompter;
  /** What it searches in place of the whole space. */
  readonly space?: (task: Task) => Space;
}

/** More than any budget of the bench allows: the budget ends the search. */
const endless = 10_000;

/**
 * All of the bench, what is no more than chance first. What goes on until the budget ends is let do so; what has a plan is
 * told as much as the budget covers; whatever else there is to choose is as it comes, with one exception: a step of simba
 * has half of its usual examples where the budget is small.
 */
export const tuningContestants: Readonly<Record<string, TuningContestant>> = {
  random_demos: { make: () => randomSearch({ candidates: endless }), space: onlyFullDemos },
  random_search: { make: () => randomSearch({ candidates: endless }) },
  auto: { make: () => searchTeleprompter(auto(), { candidates: endless, prune: "race" }) },
  labeled_few_shot: { make: () => labeledFewShot() },
  bootstrap_few_shot: { make: () => bootstrapFewShot({ candidates: endless }) },
  bootstrap_random_search: { make: (task, calls) => bootstrapRandomSearch({ candidates: racers(task, calls) }) },
  copro: { make: () => copro({ depth: 100 }) },
  infer_rules: { make: () => inferRules({ candidates: endless }) },
  mipro: { make: miproWithin },
  simba: { make: simbaWithin },
  gepa: { make: () => gepa({ candidates: endless }) },
  beacon: { make: beaconWithin },
  stages: {
    make: (_, calls) =>
      stages(
        [
          { teleprompter: bootstrapFewShot({ candidates: endless }), kinds: ["demos"] },
          { teleprompter: inferRules({ candidates: endless }), kinds: ["text"] },
          { teleprompter: searchTeleprompter(auto(), { candidates: endless, prune: "race" }) },
        ],
        { examples: calls },
      ),
  },
};

/** As many demonstrations as may be, whatever else is as it was: what a search of their choice alone is worth. */
function onlyFullDemos({ space: { variables } }: Task): Space {
  const pool = variables.flatMap((variable) => (variable.kind === "demos" ? (variable.pool ?? []) : []));
  return space([demos("predict.demos", { pool, min: maxDemos, max: maxDemos, default: pool.slice(0, maxDemos) })]);
}

/** A race costs half of what its sets would on all examples; baseline, teaching and the two whole sets come on top. */
function racers({ validation }: Task, calls: number): number {
  return Math.max(2, Math.floor((2 * calls) / validation.length) - 6);
}

/** A tenth of the calls goes into one look at all validation examples, the rest into as many trials as it covers. */
function miproWithin(task: Task, calls: number): Teleprompter {
  const validation = Math.min(task.validation.length, Math.round(calls / 10));
  return mipro({ validation, trials: most(calls, (trials) => miproCost({ validation, trials }, task).calls) });
}

function beaconWithin(task: Task, calls: number): Teleprompter {
  const validation = Math.min(task.validation.length, Math.round(calls / 10));
  return beacon({
    validation,
    candidates: most(calls, (candidates) => beaconCost({ validation, candidates }, task).calls),
  });
}

/** The largest count, 1 at least, that costs no more than this. */
function most(calls: number, costOf: (count: number) => number): number {
  let count = 1;
  while (costOf(count + 1) <= calls) count++;
  return count;
}

/** A child costs its own run, one of somebody else beside it, and a call; three times the validation examples are kept back. */
function simbaWithin({ validation }: Task, calls: number): Teleprompter {
  const minibatch = calls < 1000 ? 16 : 32;
  const candidates = Math.max(4, Math.floor((calls - 3 * validation.length) / (2 * minibatch + 1)));
  return simba({ candidates, minibatch });
}
