import { canonicalJson } from "#foundation";
import { scoreOf } from "#programs";
import type { Configuration } from "#variables";
import { exceeded, exhausted, spendOf } from "./account/budget.ts";
import type { Budget, Resource, Spend } from "./account/budget.ts";
import { comparedCost } from "./account/compared-cost.ts";
import type { CallCost } from "./account/compared-cost.ts";
import { weighed } from "./account/cost-weight.ts";
import { measuredScores } from "./measurements.ts";
import { freshExamples, isAnswered, isAtLook, reusable, runsAhead } from "./pending-work.ts";
import type { PendingWork } from "./pending-work.ts";
import { faultsIn, heldOutWork } from "./run-state.ts";
import type { Paid, RunState } from "./run-state.ts";
import { race } from "../racing/race.ts";
import type { EvaluateWork, ExampleResult, Incumbent, Teleprompter, Work } from "../teleprompter.ts";

/** What stays the same while a run runs. */
export interface RunPlan {
  readonly teleprompter: Teleprompter;
  readonly baseline: Configuration;
  readonly budget: Budget;
  readonly deterministic: boolean;
  /** How many work items are out at once. */
  readonly maxPending: number;
  /** How many stages an example passes: an estimate of its calls before the first one is known. */
  readonly stages: number;
  /** What must be left beyond the likely cost, so that the last call of the final comparison is not refused. */
  readonly headroom: Partial<Spend>;
  readonly testSize: number;
}

/** What the Runner sees besides the log. */
export interface Surroundings {
  /** Examples and completions under way. */
  readonly inFlight: number;
  /** What the teleprompter answered to its last ask in the present state; `undefined` when it was not asked in it. */
  readonly asked: readonly Work[] | undefined;
}

/** The Runner's next act. */
export type Step =
  | { readonly type: "wait" }
  | { readonly type: "ask"; readonly capacity: number }
  | { readonly type: "issue"; readonly work: readonly Work[] }
  | { readonly type: "tell" | "abandon"; readonly work: string }
  | { readonly type: "reuse"; readonly work: string; readonly examples: readonly number[] }
  | { readonly type: "look"; readonly work: string; readonly examples: number; readonly verdict: "stop" | "go_on" }
  | { readonly type: "end_search"; readonly reason: string }
  | { readonly type: "end"; readonly status: "completed" | "stopped" | "failed"; readonly reason: string };

const wait: Step = { type: "wait" };

/** More infrastructure failures than this share of a work item: the world is down, and going on would waste money. */
const maxFailedShare = 0.2;

/** Fewer failures than these say nothing, however small the work was: they are a hiccup. */
const leastFaults = 3;

/** A teleprompter that asks so often in a row for nothing but what is known would go on for ever. */
const maxFree = 100;

/** What a run does next: pure, so that every turn of the Runner can be tested without one. */
export function decide(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const known = state.status === "running" ? fromLog(plan, state) : undefined;
  if (known !== undefined) return known;
  if (plan.deterministic) return decideInOrder(plan, state, around);
  const answered = state.pending.find(isAnswered);
  return answered === undefined ? goOn(plan, state, around) : take(state, answered, around);
}

/** What follows from the results that are there: what work takes over from earlier work, and the looks of its races. */
function fromLog({ deterministic }: RunPlan, state: RunState): Step | undefined {
  const { pending } = state;
  const knowing = pending.find((item) => reusable(item).length > 0);
  if (knowing !== undefined) return { type: "reuse", work: knowing.work.id, examples: reusable(knowing) };
  // In a deterministic run a verdict is based on all that was issued before, and on nothing else.
  const raced = (deterministic ? pending.slice(0, 1) : pending).find(isAtLook);
  return raced && { type: "look", work: raced.work.id, examples: raced.upTo, verdict: verdictOn(state, raced) };
}

function verdictOn({ measurements, costWeight }: RunState, { work, results }: PendingWork): "stop" | "go_on" {
  if (work.kind === "complete" || work.race === undefined) return "go_on";
  const { split, race: options } = work;
  const worthOf = (result: ExampleResult): number | undefined => scoreOf(weighed(result, costWeight));
  const theirs = measuredScores(measurements, { configuration: options.against, split }, worthOf);
  const pairs = results.flatMap((result) => {
    const [score, other] = [worthOf(result), theirs.get(result.index)];
    return score === undefined || other === undefined ? [] : [[score, other] as const];
  });
  return race(
    pairs.map(([score]) => score),
    pairs.map(([, other]) => other),
    options,
  );
}

/**
 * The same way whatever ends first: work is told in the order of its issue, and every free place is asked for before
 * the next outcome is told. So a pause tells nothing: the asks between two outcomes could not be made up for.
 */
function decideInOrder(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const step = goOn(plan, state, around);
  const [first] = state.pending;
  const isFirst = step.type !== "ask" && step.type !== "issue" && state.status !== "paused";
  return isFirst && first !== undefined && isAnswered(first) ? take(state, first, around) : step;
}

function take(state: RunState, answered: PendingWork, { inFlight }: Surroundings): Step {
  const failure = failureOf(state, answered);
  // What is under way has its cost, which whoever takes the run up must know of.
  return failure === undefined ? { type: "tell", work: answered.work.id } : inFlight > 0 ? wait : failure;
}

/** The step besides telling what was answered. */
function goOn(plan: RunPlan, state: RunState, around: Surroundings): Step {
  if (state.status === "stopping")
    return around.inFlight > 0 ? wait : { type: "end", status: "stopped", reason: "stopped" };
  if (state.status !== "running") return wait;
  return state.searchEnded ? comparison(plan, state, around) : search(plan, state, around);
}

function search(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const limit = state.refused ?? exhausted(timeOnly(plan.budget), spend(state));
  if (limit !== undefined) return runDry(state, around, `the budget's ${limit} are used up`);
  const { teleprompter, maxPending } = plan;
  const [first] = state.pending;
  if (first !== undefined && !isAnswered(first) && around.inFlight === 0 && !mayStart(plan, state, 0))
    return { type: "abandon", work: first.work.id };
  const finished = teleprompter.finished(state.search);
  if (state.pending.length === 0 && finished !== undefined) return { type: "end_search", reason: finished };
  if (state.pending.length === 0 && state.freeInARow >= maxFree)
    return { type: "end_search", reason: `the last ${maxFree} candidates had all been measured before` };
  if (finished !== undefined || state.pending.length >= maxPending) return wait;
  if (around.asked === undefined) return { type: "ask", capacity: maxPending - state.pending.length };
  const affordable = affordableWork(plan, state, around.asked);
  if (affordable.length > 0) return { type: "issue", work: affordable };
  if (state.pending.length > 0) return wait;
  if (around.asked.length === 0) return { type: "end_search", reason: "the teleprompter has nothing left to ask" };
  const resource = uncovered(plan, state, around.asked.slice(0, 1));
  return { type: "end_search", reason: `the budget's ${resource} do not cover a further candidate` };
}

function comparison(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const done: Step = { type: "end", status: "completed", reason: state.reason ?? "finished" };
  const limit = state.refused ?? exhausted(timeOnly(plan.budget), spend(state));
  if (limit !== undefined) {
    const dry = runDry(state, around, "");
    return dry.type === "end_search" ? done : dry;
  }
  if (state.pending.length > 0) return wait;
  const work = comparedWork(plan, state).filter(({ id }) => !(id in state.heldOut));
  // Half a comparison is worth nothing: it is not begun where the budget cannot cover it.
  return work.length === 0 || uncovered(plan, state, work) !== undefined ? done : { type: "issue", work };
}

/** Winner and baseline on the same held-out examples; nothing to compare when the baseline won. */
function comparedWork(plan: RunPlan, state: RunState): EvaluateWork[] {
  const { baseline, testSize } = plan;
  if (testSize === 0) return [];
  const examples = Array.from({ length: testSize }, (_, index) => index);
  const winner = incumbentOf(plan, state)?.configuration;
  const work = [heldOutWork("baseline", { configuration: baseline, examples })];
  if (winner !== undefined && canonicalJson(winner) !== canonicalJson(baseline))
    work.push(heldOutWork("winner", { configuration: winner, examples }));
  return work;
}

export function incumbentOf({ teleprompter }: RunPlan, { search }: RunState): Incumbent | undefined {
  return teleprompter.incumbent(search);
}

/** What was spent so far, in the budget's units. */
export function spend({ usage, evaluations, elapsedMs }: RunState): Spend {
  return { ...spendOf(usage), evaluations, ms: elapsedMs };
}

/** The first items that the budget covers together with the final comparison. */
function affordableWork(plan: RunPlan, state: RunState, asked: readonly Work[]): readonly Work[] {
  let count = 0;
  while (count < asked.length && uncovered(plan, state, asked.slice(0, count + 1)) === undefined) count++;
  return asked.slice(0, count);
}

/** The limit that work would pass with all that is out and, while the search goes on, the comparison after it. */
function uncovered(plan: RunPlan, state: RunState, work: readonly Work[]): Resource | undefined {
  const { budget, deterministic, testSize } = plan;
  // In a deterministic run the estimate does not depend on which of the examples under way have ended already.
  const known = deterministic ? state.told : state.paid;
  const out = state.pending.reduce((sum, item) => sum + (deterministic ? item.fresh : runsAhead(item)), 0);
  const more = work.map((item) => freshExamples(item, state.measurements));
  const compared = state.searchEnded ? 0 : 2;
  const held = work.filter((item) => item.kind === "evaluate" && item.split === "test") as readonly EvaluateWork[];
  const sides = state.searchEnded ? held.map(({ configuration }) => configuration) : [plan.baseline, undefined];
  const cost = costOf(plan, state, known, {
    examples: state.searchEnded ? 0 : more.reduce((a, b) => a + b, out),
    sides,
  });
  const evaluated = work.filter(({ kind }, at) => kind === "evaluate" && more[at] !== 0);
  const evaluations = evaluated.length + (testSize > 0 ? compared : 0);
  const spent = { ...spend(state), ...spendOf(deterministic ? known.usage : state.usage) };
  return exceeded(budget, spent, { ...cost, evaluations });
}

/**
 * Whether one more example may start beside those in flight. While the search goes on, what the final comparison needs
 * is not touched: where candidates turned out dearer than they were issued for, they are given up instead.
 */
export function mayStart(plan: RunPlan, state: RunState, inFlight: number): boolean {
  if (state.status !== "running" || state.refused !== undefined || isFailing(plan, state)) return false;
  if (state.searchEnded || plan.testSize === 0) return true;
  const cost = costOf(plan, state, state.paid, {
    examples: inFlight + 1,
    sides: [plan.baseline, undefined],
    underWay: state.pending,
  });
  return exceeded(plan.budget, spend(state), cost) === undefined;
}

/** What is to come. */
interface Ahead {
  /** Examples of the search. */
  readonly examples: number;
  /** What is compared on the held-out examples; `undefined` for the winner as long as nobody knows it. */
  readonly sides: readonly (Configuration | undefined)[];
  /** Where the examples may be of the dearest candidate: what is out. */
  readonly underWay?: readonly PendingWork[];
}

/**
 * What is ahead is likely to cost: the search's examples their mean, the comparison what its sides have cost so far, and,
 * as long as there is a choice, two standard deviations of the sum, where an example's variance is bounded by mean and
 * dearest (Bhatia & Davis 2000).
 */
function costOf(
  { budget, stages, headroom, testSize }: RunPlan,
  state: RunState,
  known: Paid,
  ahead: Ahead,
): Partial<Spend> {
  const { sides, underWay } = ahead;
  const spare = state.searchEnded || testSize === 0 ? {} : headroom;
  const examples = ahead.examples + sides.length * testSize;
  const likely = (name: keyof CallCost): number => {
    if (budget[name] === undefined) return 0;
    const [total, dearest] = [spendOf(known.usage)[name], spendOf(known.dearest)[name]];
    const mean = total / Math.max(1, known.examples);
    const variance = examples * mean * Math.max(0, dearest - mean);
    const compared = comparedCost(state.candidates, ahead)?.[name] ?? sides.length * mean;
    const most = underWay && comparedCost(state.candidates, { sides: [undefined], underWay })?.[name];
    const searched = ahead.examples * Math.max(mean, most ?? 0);
    return searched + testSize * compared + (state.searchEnded ? 0 : 2 * Math.sqrt(variance));
  };
  return {
    // Before anything was paid for: one call for each stage.
    calls: known.examples === 0 ? examples * stages : likely("calls"),
    // A prompt is reserved by its bytes, of which a token has about four.
    tokens: likely("tokens") + (spare.tokens === undefined ? 0 : spare.tokens + 4 * known.dearest.inputTokens),
    usd: likely("usd") + (spare.usd ?? 0),
    ms: (examples * state.elapsedMs) / Math.max(1, state.paid.examples),
  };
}

/** Calls are refused one by one at the limits; only time has to be watched from outside. */
function timeOnly({ ms }: Budget): Budget {
  return ms === undefined ? {} : { ms };
}

/** Waits for what is under way, drops what cannot be finished, then ends the search. */
function runDry(state: RunState, { inFlight }: Surroundings, reason: string): Step {
  if (inFlight > 0) return wait;
  const [first] = state.pending;
  return first === undefined ? { type: "end_search", reason } : { type: "abandon", work: first.work.id };
}

/** Whether the run ends as soon as nothing is under way any more. */
function isFailing({ deterministic }: RunPlan, state: RunState): boolean {
  const next = deterministic ? state.pending.slice(0, 1) : state.pending;
  return next.some((item) => isAnswered(item) && failureOf(state, item) !== undefined);
}

/** Whether the world is down: by one item, or by items one after the other in which nothing went well. */
function failureOf(state: RunState, item: PendingWork): Step | undefined {
  const { work, results, completed } = item;
  const [faults, all] = [faultsIn(item), results.length + Number(completed !== undefined)];
  const inARow = faults === all ? state.faultsInARow + faults : faults;
  if (inARow < leastFaults || faults <= maxFailedShare * all) return undefined;
  const failed = [...results, completed].find((result) => result?.ok === false && result.failure === "infrastructure");
  const what = work.kind === "evaluate" ? `${faults} of ${all} examples of ${work.purpose}` : work.purpose;
  const reason = `${what} failed for reasons outside the program: ${failed?.ok === false ? failed.message : ""}`;
  return { type: "end", status: "failed", reason };
}
