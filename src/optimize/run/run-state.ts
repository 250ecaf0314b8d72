import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";
import type { Resource } from "./budget.ts";
import type { RunEvent, RunStatus } from "./run-event.ts";
import { measured } from "../score-board.ts";
import type { Measured } from "../score-board.ts";
import type { CompleteResult, EvaluateWork, ExampleResult, Teleprompter, Told, Work } from "../teleprompter.ts";

/** A run as its log tells it. */
export interface RunState {
  readonly status: RunStatus;
  /** Whether a process drives it, or did and died. */
  readonly isDriven: boolean;
  /** Why it ended; why the search ended, while the final comparison runs. */
  readonly reason: string | undefined;
  readonly searchEnded: boolean;
  /** How often the teleprompter was asked: labels the chance of the next ask. */
  readonly asks: number;
  /** The teleprompter's own state. */
  readonly search: unknown;
  /** Issued and not told, in the order of issue. */
  readonly pending: readonly PendingWork[];
  /** Every measured candidate, as the teleprompter heard of it. */
  readonly candidates: readonly Candidate[];
  /** What examples of the candidates' own making failed with, by kind: messages that say the same but for numbers. */
  readonly failures: Readonly<Record<string, Failures>>;
  /** The results on held-out examples, by work. */
  readonly heldOut: Readonly<Record<string, readonly ExampleResult[]>>;
  readonly usage: Usage;
  /** Evaluations issued. */
  readonly evaluations: number;
  /** What the examples run so far have cost, for estimates. */
  readonly paid: Paid;
  /** The same of work that was told: it does not depend on the order in which examples end. */
  readonly told: Paid;
  /** The limit at which a call was refused, if one was. */
  readonly refused: Resource | undefined;
  readonly elapsedMs: number;
  /** When the running clock was last read; `undefined` before the run has started. */
  readonly runningSince: number | undefined;
}

/** Failures of one kind. */
export interface Failures {
  readonly count: number;
  /** What the first of them said. */
  readonly message: string;
}

/** What examples have cost. */
export interface Paid {
  readonly examples: number;
  readonly usage: Usage;
  /** The dearest example, limit by limit. */
  readonly dearest: Usage;
}

const nothingPaid: Paid = { examples: 0, usage: noUsage, dearest: noUsage };

export interface PendingWork {
  readonly work: Work;
  readonly results: readonly ExampleResult[];
  readonly completed: CompleteResult | undefined;
}

export interface Candidate extends Measured {
  readonly usage: Usage;
}

export function initialState(search: unknown): RunState {
  return {
    status: "running",
    isDriven: false,
    reason: undefined,
    searchEnded: false,
    asks: 0,
    search,
    pending: [],
    candidates: [],
    failures: {},
    heldOut: {},
    usage: noUsage,
    evaluations: 0,
    paid: nothingPaid,
    told: nothingPaid,
    refused: undefined,
    elapsedMs: 0,
    runningSince: undefined,
  };
}

/** The state after one more event. */
export function advance(teleprompter: Teleprompter, state: RunState, event: RunEvent): RunState {
  return change(teleprompter, passTime(state, event), event);
}

/** Whether an event can still happen: whoever asked for a pause may have been overtaken by a stop or by the end. */
export function isPossible({ status }: RunState, type: RunEvent["type"]): boolean {
  if (type === "paused") return status === "running";
  if (type === "resumed") return status === "paused";
  if (type === "stopping") return status === "running" || status === "paused";
  return true;
}

function passTime(state: RunState, { type, at }: RunEvent): RunState {
  // In a pause, and between a process's last event and the next one's start, nobody runs: that time does not count.
  const isIdle = type === "started" || state.status === "paused";
  const since = isIdle || state.runningSince === undefined ? at : state.runningSince;
  return { ...state, elapsedMs: state.elapsedMs + Math.max(0, at - since), runningSince: at };
}

function change(teleprompter: Teleprompter, state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case "started":
      return { ...takenUp(state), isDriven: true, usage: addUsage(state.usage, event.lost ?? noUsage) };
    case "put_down":
      return { ...state, isDriven: false, usage: addUsage(state.usage, event.usage) };
    case "issued":
      return issued(teleprompter, state, event.work);
    case "example":
      return paid(
        mapPending(state, event.work, (item) => ({ ...item, results: [...item.results, event.result] })),
        event.result.usage,
      );
    case "completed":
      return paid(
        mapPending(state, event.work, (item) => ({ ...item, completed: event.result })),
        event.result.usage,
      );
    case "told":
      return told(teleprompter, state, event.work);
    case "refused":
      return { ...state, refused: event.limit, usage: addUsage(state.usage, event.usage) };
    case "abandoned":
      return { ...state, pending: without(state, event.work) };
    case "paused":
      return { ...state, status: "paused" };
    case "resumed":
      return { ...state, status: "running" };
    case "stopping":
      return { ...state, status: "stopping" };
    case "search_ended":
      return { ...state, searchEnded: true, reason: event.reason };
    case "ended":
      return { ...state, isDriven: false, status: event.status, reason: event.reason };
  }
}

/** What the world failed at is tried again by whoever takes the run up. */
function takenUp(state: RunState): RunState {
  const pending = state.pending.map((item) => ({
    ...item,
    results: item.results.filter((result) => result.ok || result.failure === "candidate"),
  }));
  const final = state.status === "completed" || state.status === "stopped";
  return { ...state, pending, status: final ? state.status : "running" };
}

function issued(teleprompter: Teleprompter, state: RunState, work: readonly Work[]): RunState {
  const pending = [...state.pending, ...work.map((item) => ({ work: item, results: [], completed: undefined }))];
  const evaluations = state.evaluations + work.filter(({ kind }) => kind === "evaluate").length;
  if (state.searchEnded) return { ...state, pending, evaluations };
  const search = teleprompter.tell(state.search, { type: "issued", work });
  return { ...state, pending, evaluations, search, asks: state.asks + 1 };
}

function told(teleprompter: Teleprompter, state: RunState, id: string): RunState {
  const item = state.pending.find(({ work }) => work.id === id);
  if (item === undefined) return state;
  const { work, results } = item;
  const next = {
    ...state,
    pending: without(state, id),
    told: paidFor(item).reduce(addPaid, state.told),
    failures: results.reduce(addFailure, state.failures),
  };
  if (work.kind === "evaluate" && work.split === "test")
    return { ...next, heldOut: { ...state.heldOut, [id]: inOrder(results) } };
  const answer = answerOf(item);
  const search = answer === undefined ? state.search : teleprompter.tell(state.search, answer);
  if (work.kind !== "evaluate" || work.split !== "validation") return { ...next, search };
  const candidate: Candidate = { ...measured(work, inOrder(results)), usage: totalUsage(results) };
  return { ...next, search, candidates: [...state.candidates, candidate] };
}

/** So many kinds of failure are told apart. */
const maxKinds = 20;

function addFailure(failures: RunState["failures"], result: ExampleResult): RunState["failures"] {
  if (result.ok || result.failure !== "candidate") return failures;
  const own = result.message.replaceAll(/\d+/g, "N");
  const isOwn = Object.hasOwn(failures, own) || Object.keys(failures).length < maxKinds;
  const kind = isOwn ? own : "other failures";
  const { count, message } = failures[kind] ?? { count: 0, message: isOwn ? result.message : kind };
  return { ...failures, [kind]: { count: count + 1, message } };
}

function answerOf({ work, results, completed }: PendingWork): Told | undefined {
  if (work.kind === "evaluate") return { type: "evaluated", work, results: inOrder(results) };
  return completed === undefined ? undefined : { type: "completed", work, result: completed };
}

/** Whether everything that the work asked for is there. */
export function isAnswered({ work, results, completed }: PendingWork): boolean {
  return work.kind === "evaluate" ? results.length >= work.examples.length : completed !== undefined;
}

/** The examples of a work item that have no result yet. */
export function openExamples({ work, results }: PendingWork): number[] {
  if (work.kind !== "evaluate") return [];
  const done = new Set(results.map(({ index }) => index));
  return work.examples.filter((index) => !done.has(index));
}

function paid(state: RunState, usage: Usage): RunState {
  return { ...state, usage: addUsage(state.usage, usage), paid: addPaid(state.paid, usage) };
}

function addPaid({ examples, usage, dearest }: Paid, more: Usage): Paid {
  return {
    examples: examples + 1,
    usage: addUsage(usage, more),
    dearest: {
      calls: Math.max(dearest.calls, more.calls),
      inputTokens: Math.max(dearest.inputTokens, more.inputTokens),
      outputTokens: Math.max(dearest.outputTokens, more.outputTokens),
      usd: Math.max(dearest.usd, more.usd),
    },
  };
}

function paidFor({ results, completed }: PendingWork): readonly Usage[] {
  return [...inOrder(results), ...(completed === undefined ? [] : [completed])].map(({ usage }) => usage);
}

function mapPending(state: RunState, id: string, map: (item: PendingWork) => PendingWork): RunState {
  return { ...state, pending: state.pending.map((item) => (item.work.id === id ? map(item) : item)) };
}

function without({ pending }: RunState, id: string): PendingWork[] {
  return pending.filter(({ work }) => work.id !== id);
}

/** In the order of the examples, whatever order they were finished in: equal runs tell equal results. */
function inOrder(results: readonly ExampleResult[]): ExampleResult[] {
  return results.toSorted((a, b) => a.index - b.index);
}

function totalUsage(results: readonly ExampleResult[]): Usage {
  return results.reduce((total, { usage }) => addUsage(total, usage), noUsage);
}

/**
 * What the calls under way may have cost when the process that drove the run died: so many of the dearest example as
 * could run at once. Nothing after a run that was put down in good order.
 */
export function lostUsage({ isDriven, pending, paid }: RunState, concurrency: number): Usage {
  if (!isDriven) return noUsage;
  const { dearest } = paid;
  const open = pending.reduce((sum, item) => sum + openJobs(item), 0);
  const jobs = Math.min(concurrency, open);
  return {
    // Before anything was paid for, one call is the least that an example can cost.
    calls: jobs * (paid.examples === 0 ? 1 : dearest.calls),
    inputTokens: jobs * dearest.inputTokens,
    outputTokens: jobs * dearest.outputTokens,
    usd: jobs * dearest.usd,
  };
}

function openJobs(item: PendingWork): number {
  if (item.work.kind === "complete") return item.completed === undefined ? 1 : 0;
  return openExamples(item).length;
}

/** The work that measures a configuration on the held-out examples. */
export function heldOutWork(
  name: "baseline" | "winner",
  base: Pick<EvaluateWork, "configuration" | "examples">,
): EvaluateWork {
  return {
    kind: "evaluate",
    id: `held-out-${name}`,
    purpose: `the ${name} on held-out examples`,
    split: "test",
    ...base,
  };
}
