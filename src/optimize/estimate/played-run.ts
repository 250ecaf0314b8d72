import { nextTurn } from "#foundation";
import type { Rng } from "#foundation";
import { noUsage } from "#programs";
import type { Usage } from "#programs";
import { exceeded, spendOf } from "../run/account/budget.ts";
import { JobQueue } from "../run/job-queue.ts";
import type { Job } from "../run/job-queue.ts";
import { decide, mayStart, spend } from "../run/run-decision.ts";
import type { RunPlan, Step } from "../run/run-decision.ts";
import type { RunEvent } from "../run/run-event.ts";
import { advance, initialState } from "../run/run-state.ts";
import type { RunState } from "../run/run-state.ts";
import type { CompleteResult, CompleteWork, EvaluateWork, ExampleResult, Task, Work } from "../teleprompter.ts";

/** Answers a run's work without asking anybody. */
export interface StandIn {
  example(work: EvaluateWork, index: number): ExampleResult;
  completion(work: CompleteWork): CompleteResult;
  /** What of the budget must be free before a call of it may be made. */
  reserve(work: Work): Usage;
}

export interface PlayedRun {
  readonly state: RunState;
  readonly examples: number;
  readonly proposals: number;
  /** `false`: it was still searching after so much work that nobody waits for its end. */
  readonly hasEnded: boolean;
}

export interface PlayOptions {
  readonly rng: Rng;
  readonly standIn: StandIn;
  readonly signal?: AbortSignal | undefined;
  /** So many work items are played at the most. */
  readonly maxWork: number;
}

/**
 * A whole run by the decisions of a real one, with answers that cost nothing, one after the other and in no time: a limit
 * of time ends nothing here. Rejects with the signal's reason when it aborts.
 */
export async function playRun(plan: RunPlan, task: Task, options: PlayOptions): Promise<PlayedRun> {
  const { rng, standIn, signal, maxWork } = options;
  const { teleprompter } = plan;
  let state = initialState(teleprompter.start(task));
  let asked: { readonly search: unknown; readonly asks: number; readonly work: readonly Work[] } | undefined;
  let [examples, proposals, work] = [0, 0, 0];
  const jobs = new JobQueue();
  const happen = (event: RunEvent): void => {
    state = advance(teleprompter, state, event);
    if (event.type !== "example") jobs.arrange(state.pending);
  };
  const ask = (capacity: number): void => {
    const { search, asks } = state;
    asked = { search, asks, work: teleprompter.ask(search, rng.fork(`ask ${asks}`), capacity).slice(0, capacity) };
  };
  const perform = (job: Job | undefined): boolean => {
    if (job === undefined) return false;
    const event = outcomeOf(job, plan, state, standIn);
    if (event.type === "example") examples++;
    if (event.type === "completed") proposals++;
    happen(event);
    return true;
  };
  happen({ type: "started", at: 0 });
  for (let turn = 0; !hasEnded(state) && work < maxWork; turn++) {
    if (turn % turnsPerYield === 0) await nextTurn();
    signal?.throwIfAborted();
    const isKnown = asked !== undefined && asked.search === state.search && asked.asks === state.asks;
    const step = decide(plan, state, { inFlight: 0, asked: isKnown ? asked?.work : undefined });
    if (step.type === "issue") work += step.work.length;
    if (step.type === "ask") ask(step.capacity);
    else if (step.type !== "wait") happen(eventOf(step));
    else if (!mayStart(plan, state, 0) || !perform(jobs.take())) break;
  }
  return { state, examples, proposals, hasEnded: hasEnded(state) };
}

/** Whoever waits for the end of it may want to give up meanwhile. */
const turnsPerYield = 8;

function hasEnded({ status }: RunState): boolean {
  return status === "completed" || status === "stopped" || status === "failed";
}

function outcomeOf(job: Job, { budget }: RunPlan, state: RunState, standIn: StandIn): RunEvent {
  const { work } = job;
  const limit = exceeded(budget, spend(state), spendOf(standIn.reserve(work)));
  if (limit !== undefined) return { type: "refused", at: 0, work: work.id, limit, usage: noUsage };
  if (job.kind === "completion")
    return { type: "completed", at: 0, work: work.id, result: standIn.completion(job.work) };
  return { type: "example", at: 0, work: work.id, result: standIn.example(job.work, job.index) };
}

function eventOf(step: Exclude<Step, { type: "wait" | "ask" }>): RunEvent {
  switch (step.type) {
    case "issue":
      return { type: "issued", at: 0, work: step.work };
    case "tell":
      return { type: "told", at: 0, work: step.work };
    case "abandon":
      return { type: "abandoned", at: 0, work: step.work };
    case "reuse":
      return { type: "reused", at: 0, work: step.work, examples: step.examples };
    case "look":
      return { type: "looked", at: 0, work: step.work, examples: step.examples, verdict: step.verdict };
    case "end_search":
      return { type: "search_ended", at: 0, reason: step.reason };
    case "end":
      return { type: "ended", at: 0, status: step.status, reason: step.reason };
  }
}
