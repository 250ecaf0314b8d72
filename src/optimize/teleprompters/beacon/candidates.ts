import type { Configuration } from "#variables";
import { shuffle } from "#foundation";
import type { PlannedWork } from "../../proposing/planned-work.ts";
import type { EvaluateWork } from "../../teleprompter.ts";
import { climbersOf, finalists } from "./beacon-plan.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { chanceOf, examplesOf, isFull, meanOf } from "./beacon-state.ts";
import type { BeaconState, Candidate } from "./beacon-state.ts";
import { nextChoice } from "./next-choice.ts";
import { baselineChoice, chosenConfiguration, optionSpace } from "./pools.ts";
import { evidenceOf, rankedEvidence } from "./surrogate.ts";

/** Further candidates of the present round on the first rung's examples, at most so many. */
export function searchingWork(state: BeaconState, plan: BeaconPlan, count: number): readonly EvaluateWork[] {
  if (state.baseline === undefined) return [];
  const work: EvaluateWork[] = [];
  let now = state;
  for (let left = Math.min(count, candidatesLeft(state, plan)); left > 0; left--) {
    const choice = nextChoice(now, plan);
    if (choice === undefined) break;
    const number = now.candidates.length + 1;
    const purpose = `candidate ${number}${optionsText(now, plan, choice)}`;
    const candidate = begun(now, { id: `candidate-${number}`, purpose, choice });
    now = { ...now, candidates: [...now.candidates, candidate] };
    work.push({
      kind: "evaluate",
      id: candidate.id,
      purpose,
      configuration: chosenConfiguration(now, choice),
      split: "validation",
      examples: examplesOf(now, plan, now.round).slice(0, plan.rungs[0]),
      note: { choice },
    });
  }
  return work;
}

/** A candidate of the present round of which nothing is known. */
export function begun(
  { round }: Pick<BeaconState, "round">,
  { id, purpose, choice }: Pick<Candidate, "id" | "purpose" | "choice">,
): Candidate {
  return { id, purpose, round, choice, scores: {}, rungs: 0, cost: 0 };
}

/** How many candidates the present round still lacks. */
export function candidatesLeft({ candidates, round }: BeaconState, plan: BeaconPlan): number {
  const made = candidates.filter((candidate) => candidate.round === round).length;
  return Math.min(plan.round - made, plan.candidates - candidates.length);
}

function optionsText({ texts, sets }: BeaconState, plan: BeaconPlan, choice: Configuration): string {
  const parts = [
    ...plan.texts.map(({ name }) => `${name} ${texts[name]?.indexOf(String(choice[name]))}`),
    ...plan.demos.map(({ name }) => {
      const key = String(choice[name]);
      return `${name} ${sets[name]?.findIndex((set) => String(set) === key)}`;
    }),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

/**
 * Who goes on to a rung: those of the highest posterior means on the one below, of this round or of an earlier one.
 * The last rung is for those that may still be better than the best, within two standard errors.
 */
export function climbersTo(state: BeaconState, plan: BeaconPlan, rung: number): readonly string[] {
  const isLast = rung === plan.rungs.length - 1;
  return promising(state, plan, isLast)
    .filter(({ rungs }) => rungs === rung)
    .slice(0, climbersOf(plan.round, rung))
    .map(({ id }) => id);
}

/** Who is measured on all examples when there are no further candidates. */
export function finalistsOf(state: BeaconState, plan: BeaconPlan): readonly string[] {
  return promising(state, plan, true)
    .slice(0, finalists)
    .map(({ id }) => id);
}

function promising(state: BeaconState, plan: BeaconPlan, mayWin: boolean): readonly Candidate[] {
  const full = [state.baseline, ...state.candidates.filter((each) => isFull(each, plan))];
  const best = mayWin ? Math.max(...full.map((each) => meanOf(each?.scores) ?? -Infinity)) : -Infinity;
  const options = optionSpace(state);
  return rankedEvidence(options, evidenceOf(state, plan, options)).flatMap(({ candidate, worth, error }) =>
    candidate !== undefined && !isFull(candidate, plan) && worth + 2 * error >= best ? [candidate] : [],
  );
}

/** The climbing candidates on the examples that they lack. */
export function climbingWork(state: BeaconState, plan: BeaconPlan): readonly PlannedWork[] {
  return state.climbing.flatMap((own) => {
    const candidate = state.candidates.find(({ id }) => id === own);
    if (candidate === undefined) return [];
    const id = `${own}/${state.rung + 1}`;
    return [{ id, make: () => furtherExamples(state, plan, candidate, id) }];
  });
}

function furtherExamples(state: BeaconState, plan: BeaconPlan, candidate: Candidate, id: string): EvaluateWork {
  const order = examplesOf(state, plan, candidate.round);
  const from = candidate.rungs === 0 ? 0 : plan.rungs[candidate.rungs - 1];
  return {
    kind: "evaluate",
    id,
    purpose: `${candidate.purpose}, more examples`,
    configuration: chosenConfiguration(state, candidate.choice),
    split: "validation",
    examples: order.slice(from, plan.rungs[state.rung]),
  };
}

/** The best so far runs training examples, from which proposals and demonstrations are made. */
export function reviewingWork(state: BeaconState, plan: BeaconPlan): readonly PlannedWork<EvaluateWork>[] {
  const { round, task } = state;
  const id = `review-${round + 1}`;
  const order = shuffle(chanceOf(state).fork("reviews"), task.train.keys().toArray());
  const examples = Array.from({ length: plan.reviewed }, (_, at) => {
    return order[(round * plan.reviewed + at) % order.length] as number;
  });
  const make = (): EvaluateWork => ({
    kind: "evaluate",
    id,
    purpose: `round ${round + 1}: the best so far runs training examples`,
    configuration: chosenConfiguration(state, leadingChoices(state, plan, 1)[0] ?? {}),
    split: "train",
    examples,
    trace: true,
  });
  return [{ id, make }];
}

/** The choices of the highest posterior means, the best first; the baseline's may be among them. */
export function leadingChoices(state: BeaconState, plan: BeaconPlan, count: number): readonly Configuration[] {
  const options = optionSpace(state);
  const ranked = rankedEvidence(options, evidenceOf(state, plan, options)).map(({ configuration }) => configuration);
  return [...ranked, baselineChoice(state, options)].slice(0, count);
}
