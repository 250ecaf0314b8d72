import { canonicalJson } from "#foundation";
import type { Configuration } from "#variables";
import { exceeded, exhausted } from "./budget.ts";
import type { Budget, Spend } from "./budget.ts";
import { heldOutWork, isAnswered } from "./run-state.ts";
import type { PendingWork, RunState } from "./run-state.ts";
import type { EvaluateWork, Incumbent, Teleprompter, Work } from "./teleprompter.ts";

/** What stays the same while a run runs. */
export interface RunPlan {
  readonly teleprompter: Teleprompter;
  readonly baseline: Configuration;
  readonly budget: Budget;
  readonly deterministic: boolean;
  /** How many work items are out at once. */
  readonly maxPending: number;
  /** The least number of calls that an example can cost. */
  readonly stages: number;
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
  | { readonly type: "end_search"; readonly reason: string }
  | { readonly type: "end"; readonly status: "completed" | "stopped" | "failed"; readonly reason: string };

const wait: Step = { type: "wait" };

/** More infrastructure failures than this share of a work item: the world is down, and going on would waste money. */
const maxFailedShare = 0.2;

/** What a run does next: pure, so that every turn of the Runner can be tested without one. */
export function decide(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const answered = state.pending.find(isAnswered);
  const next = plan.deterministic && answered !== state.pending[0] ? undefined : answered;
  if (next !== undefined) return failureOf(next) ?? { type: "tell", work: next.work.id };
  if (state.status === "stopping")
    return around.inFlight > 0 ? wait : { type: "end", status: "stopped", reason: "stopped" };
  if (state.status !== "running") return wait;
  return state.searchEnded ? comparison(plan, state, around) : search(plan, state, around);
}

function search(plan: RunPlan, state: RunState, around: Surroundings): Step {
  const limit = state.refused ?? exhausted(timeOnly(plan.budget), spend(state));
  if (limit !== undefined) return runDry(state, around, `the budget's ${limit} are used up`);
  const { teleprompter, maxPending } = plan;
  const finished = teleprompter.finished(state.search);
  if (state.pending.length === 0 && finished !== undefined) return { type: "end_search", reason: finished };
  if (finished !== undefined || state.pending.length >= maxPending) return wait;
  if (around.asked === undefined) return { type: "ask", capacity: maxPending - state.pending.length };
  const affordable = affordableWork(plan, state, around.asked);
  if (affordable.length > 0) return { type: "issue", work: affordable };
  if (state.pending.length > 0) return wait;
  if (around.asked.length === 0) return { type: "end_search", reason: "the teleprompter has nothing left to ask" };
  const resource = exceeded(plan.budget, spend(state), costOf(plan, state, around.asked.slice(0, 1), true));
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
  const cost = { evaluations: work.length };
  if (work.length === 0 || exceeded(plan.budget, spend(state), cost) !== undefined) return done;
  return { type: "issue", work };
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
  const { calls, inputTokens, outputTokens, usd } = usage;
  return { evaluations, calls, tokens: inputTokens + outputTokens, usd, ms: elapsedMs };
}

/** The first items that the budget covers together with the final comparison. */
function affordableWork(plan: RunPlan, state: RunState, asked: readonly Work[]): readonly Work[] {
  let count = 0;
  while (
    count < asked.length &&
    exceeded(plan.budget, spend(state), costOf(plan, state, asked.slice(0, count + 1), true)) === undefined
  )
    count++;
  return asked.slice(0, count);
}

/** What items are expected to cost besides what is still out, at the price of the dearest example so far. */
function costOf(plan: RunPlan, state: RunState, work: readonly Work[], withComparison: boolean): Partial<Spend> {
  const { dearest } = state;
  const examplesIn = (items: readonly Work[]): number =>
    items.reduce((sum, item) => sum + (item.kind === "evaluate" ? item.examples.length : 1), 0);
  const open = state.pending.reduce((sum, { work: item, results }) => sum + examplesIn([item]) - results.length, 0);
  const compared = withComparison ? 2 * plan.testSize : 0;
  const examples = examplesIn(work) + open + compared;
  return {
    evaluations: work.filter(({ kind }) => kind === "evaluate").length + (compared > 0 ? 2 : 0),
    calls: examples * Math.max(plan.stages, dearest.calls),
    tokens: examples * (dearest.inputTokens + dearest.outputTokens),
    usd: examples * dearest.usd,
    ms: (examples * state.elapsedMs) / Math.max(1, state.examples),
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

function failureOf({ work, results }: PendingWork): Step | undefined {
  const failed = results.filter((result) => !result.ok && result.failure === "infrastructure");
  const [first] = failed;
  if (first === undefined || first.ok || failed.length <= maxFailedShare * results.length) return undefined;
  const reason = `${failed.length} of ${results.length} examples of ${work.purpose} failed for reasons outside the program: ${first.message}`;
  return { type: "end", status: "failed", reason };
}
