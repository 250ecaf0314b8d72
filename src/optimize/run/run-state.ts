import { present } from "#foundation";
import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";
import type { Resource } from "./account/budget.ts";
import { weighed, worthsOf } from "./account/cost-weight.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import { reusedResult, withMeasured } from "./measurements.ts";
import type { Measurements } from "./measurements.ts";
import { arranged, lookedAt, pendingWork, runsAhead } from "./pending-work.ts";
import type { PendingWork } from "./pending-work.ts";
import type { RunEvent, RunStatus } from "./run-event.ts";
import { measured } from "../score-board.ts";
import type { Measured } from "../score-board.ts";
import type { EvaluateWork, ExampleResult, Teleprompter, Told, Work } from "../teleprompter.ts";

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
  /** What was told of examples: it is not run again. */
  readonly measurements: Measurements;
  /** What examples of the candidates' own making failed with, by kind: messages that say the same but for numbers. */
  readonly failures: Readonly<Record<string, Failures>>;
  /** The results on held-out examples, by work. */
  readonly heldOut: Readonly<Record<string, readonly ExampleResult[]>>;
  /** What the scores told to the teleprompter are less by; `undefined` where it hears the metric's own. */
  readonly costWeight: CostWeight | undefined;
  readonly usage: Usage;
  /** Evaluations issued; those that turned out to need no run do not count. */
  readonly evaluations: number;
  /** How many evaluations in a row needed no run. */
  readonly freeInARow: number;
  /** How many examples and completions in a row failed for reasons outside the program. */
  readonly faultsInARow: number;
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

export interface Candidate extends Measured {
  /** What its runs have cost. */
  readonly usage: Usage;
  /** How many examples were run and counted; the others were measured by other work before. */
  readonly runs: number;
  /** The places of those others. */
  readonly reused: readonly number[];
  /** Its scores less what the examples cost, by which it is chosen; absent where costs are not weighed. */
  readonly worths?: Readonly<Record<number, number>>;
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
    measurements: new Map(),
    failures: {},
    heldOut: {},
    costWeight: undefined,
    usage: noUsage,
    evaluations: 0,
    freeInARow: 0,
    faultsInARow: 0,
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
      return {
        ...takenUp(state),
        isDriven: true,
        usage: addUsage(state.usage, event.lost ?? noUsage),
        costWeight: event.costWeight ?? state.costWeight,
      };
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
    case "reused":
      return reused(state, event);
    case "looked":
      return mapPending(state, event.work, (item) => lookedAt(item, event.verdict));
    case "told":
      return told(teleprompter, state, event.work);
    case "refused":
      return { ...state, refused: event.limit, usage: addUsage(state.usage, event.usage) };
    case "abandoned":
      return { ...state, pending: arranged(without(state, event.work), state.measurements) };
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
    completed: isFault(item.completed) ? undefined : item.completed,
  }));
  const final = state.status === "completed" || state.status === "stopped";
  return { ...state, pending, status: final ? state.status : "running" };
}

function issued(teleprompter: Teleprompter, state: RunState, work: readonly Work[]): RunState {
  const { measurements } = state;
  const more = work.map((item) => pendingWork(item, measurements));
  const pending = arranged([...state.pending, ...more], measurements);
  const evaluations = state.evaluations + more.filter(isCharged).length;
  if (state.searchEnded) return { ...state, pending, evaluations };
  const search = teleprompter.tell(state.search, { type: "issued", work });
  return { ...state, pending, evaluations, search, asks: state.asks + 1 };
}

function isCharged({ work, fresh }: PendingWork): boolean {
  return work.kind === "evaluate" && fresh > 0;
}

/** Results of earlier measurements: nothing is paid for them. */
function reused(
  state: RunState,
  { work, examples }: { readonly work: string; readonly examples: readonly number[] },
): RunState {
  const taken = new Set(examples);
  return mapPending(state, work, (item) => {
    const evaluated = item.work;
    if (evaluated.kind === "complete") return item;
    const more = examples.flatMap((index) => reusedResult(state.measurements, evaluated, index) ?? []);
    return { ...item, results: [...item.results, ...more], known: item.known.filter((index) => !taken.has(index)) };
  });
}

function told(teleprompter: Teleprompter, state: RunState, id: string): RunState {
  const item = state.pending.find(({ work }) => work.id === id);
  if (item === undefined) return state;
  const { work, results } = item;
  const measurements = work.kind === "evaluate" ? withMeasured(state.measurements, work, results) : state.measurements;
  const next = {
    ...state,
    measurements,
    pending: arranged(without(state, id), measurements),
    told: paidFor(item).reduce(addPaid, state.told),
    failures: results.filter(isRun).reduce(addFailure, state.failures),
    ...inARow(state, item),
  };
  if (work.kind === "evaluate" && work.split === "test")
    return { ...next, heldOut: { ...state.heldOut, [id]: inOrder(results) } };
  const answer = answerOf(item, state.costWeight);
  const search = answer === undefined ? state.search : teleprompter.tell(state.search, answer);
  if (work.kind !== "evaluate" || work.split !== "validation") return { ...next, search };
  return { ...next, search, candidates: [...state.candidates, candidateOf(work, inOrder(results), state.costWeight)] };
}

function candidateOf(work: EvaluateWork, results: readonly ExampleResult[], weight: CostWeight | undefined): Candidate {
  const runs = results.filter(isRun);
  const reused = results.filter((result) => !isRun(result)).map(({ index }) => index);
  const counted = Object.keys(measured(work, runs).scores).length;
  const worths = worthsOf(results, weight);
  return { ...measured(work, results), usage: totalUsage(runs), runs: counted, reused, ...present({ worths }) };
}

/** What comes of one more item told, for what must not go on for ever. */
function inARow(state: RunState, item: PendingWork): Pick<RunState, "evaluations" | "freeInARow" | "faultsInARow"> {
  const { work, results, completed } = item;
  const wasFree = work.kind === "evaluate" && !results.some(isRun);
  const faults = faultsIn(item);
  return {
    evaluations: state.evaluations - Number(wasFree && isCharged(item)),
    freeInARow: wasFree ? state.freeInARow + 1 : 0,
    faultsInARow:
      faults === 0 || faults < results.length + Number(completed !== undefined) ? 0 : state.faultsInARow + faults,
  };
}

/** How many of its examples, or whether its call, failed for reasons outside the program. */
export function faultsIn({ results, completed }: PendingWork): number {
  return results.filter(isFault).length + Number(isFault(completed));
}

function isFault(result: { readonly ok: boolean; readonly failure?: string } | undefined): boolean {
  return result?.ok === false && result.failure === "infrastructure";
}

/** Whether the result was paid for by the work that heard of it. */
export function isRun(result: ExampleResult): boolean {
  return result.reused !== true;
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

function answerOf({ work, results, completed }: PendingWork, weight: CostWeight | undefined): Told | undefined {
  if (work.kind === "evaluate")
    return { type: "evaluated", work, results: inOrder(results).map((result) => weighed(result, weight)) };
  return completed === undefined ? undefined : { type: "completed", work, result: completed };
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
  return [...inOrder(results.filter(isRun)), ...(completed === undefined ? [] : [completed])].map(({ usage }) => usage);
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
  const open = pending.reduce((sum, item) => sum + runsAhead(item), 0);
  const jobs = Math.min(concurrency, open);
  return {
    // Before anything was paid for, one call is the least that an example can cost.
    calls: jobs * (paid.examples === 0 ? 1 : dearest.calls),
    inputTokens: jobs * dearest.inputTokens,
    outputTokens: jobs * dearest.outputTokens,
    usd: jobs * dearest.usd,
  };
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
