import { describe, isPlainObject, mapConcurrently, messageOf, nextTurn, systemClock, UsageError } from "#foundation";
import type { Clock } from "#foundation";
import type { Example } from "./example.ts";
import { meanInterval, mean } from "./interval.ts";
import type { Interval } from "./interval.ts";
import { execute } from "./kernel.ts";
import type { ExecuteOptions, Execution } from "./kernel.ts";
import { addUsage, ModelError, noUsage } from "./language-model.ts";
import type { ModelErrorCode, Usage } from "./language-model.ts";
import { checkMetric } from "./metric.ts";
import type { DetailedScore, Metric, Score } from "./metric.ts";
import type { HistoryEntry } from "./module.ts";
import { ProgramError } from "./program-error.ts";
import type { Program } from "./program.ts";

/** What came of one example. A failure is an answer: it never ends the evaluation. */
export type Outcome = ScoredOutcome | FailedOutcome;

export interface ScoredOutcome extends DetailedScore, OutcomeBase {
  readonly ok: true;
  readonly outputs: object;
  readonly history: readonly HistoryEntry[];
}

export interface FailedOutcome extends OutcomeBase {
  readonly ok: false;
  /**
   * `"candidate"`: the program as configured failed here (an unusable reply, a module or metric that threw); it counts
   * with the failure score. `"infrastructure"`: the world failed, after retries; it counts nowhere.
   */
  readonly failure: "candidate" | "infrastructure";
  readonly error: Error;
}

interface OutcomeBase {
  /** The example's place in the list. */
  readonly index: number;
  readonly usage: Usage;
  readonly latencyMs: number;
}

export interface EvaluateOptions extends ExecuteOptions {
  /** Examples at once; 8 unless told. */
  readonly concurrency?: number;
  /** How often an infrastructure failure is tried again, with doubling pauses from 200 ms; 3 unless told. */
  readonly retries?: number;
  /** What a candidate's failure counts as; 0 unless told. */
  readonly failureScore?: number;
  /**
   * How long a metric may take for an example, ms; 120,000 unless told. One that takes longer has failed on it, as one
   * that throws, and is left to itself. A metric that never gives its thread back cannot be bounded.
   */
  readonly metricTimeoutMs?: number;
  readonly clock?: Clock;
}

/** What an evaluation comes to. */
export interface EvaluationSummary {
  /** The mean over the scored examples and the candidate's failures; NaN when there are none. */
  readonly score: number;
  /** 95 % bootstrap interval of the mean; `undefined` when nothing counted. */
  readonly interval: Interval | undefined;
  /** How many examples count in the score. */
  readonly counted: number;
  readonly candidateFailures: number;
  readonly infrastructureFailures: number;
  readonly usage: Usage;
  readonly latencyMs: { readonly mean: number; readonly max: number };
}

/**
 * Runs a program on every example and scores what comes out. Nothing starts before the evaluation is iterated or asked
 * for its summary. Throws `UsageError` at once for an empty list or an example without inputs; while iterating, for
 * inputs or a configuration that do not fit the program.
 */
export function evaluate<I extends object, O extends object>(
  program: Program<I, O>,
  examples: readonly Example<I, O>[],
  metric: Metric<I, O>,
  options: EvaluateOptions = {},
): Evaluation {
  if (!Array.isArray(examples) || examples.length === 0)
    throw new UsageError("evaluate: expected at least one example, got none");
  const bare = examples.findIndex((example) => !isPlainObject(example?.inputs));
  if (bare >= 0) throw new UsageError(`evaluate: examples[${bare}] has no inputs; an example is { inputs, expected }`);
  checkMetric(program.signature, metric as unknown as Metric);
  const { concurrency = 8, failureScore = 0, metricTimeoutMs = 1, signal } = options;
  if (!(metricTimeoutMs > 0))
    throw new UsageError(`evaluate.metricTimeoutMs: expected a number above 0, got ${metricTimeoutMs}`);
  const run = async (example: Example<I, O>, index: number): Promise<Outcome> => {
    if (index % examplesPerTurn === examplesPerTurn - 1) await nextTurn();
    return evaluateExample(program, example, metric, index, options);
  };
  return new Evaluation(mapConcurrently(examples, run, { concurrency, signal }), failureScore);
}

/** With models that answer at once, so many examples are done before timers and signals get their turn. */
const examplesPerTurn = 16;

/** A running evaluation: outcomes in the order of their completion, and what they come to. */
export class Evaluation implements AsyncIterable<Outcome> {
  readonly #outcomes: AsyncGenerator<Outcome, void, undefined>;
  readonly #failureScore: number;
  readonly #seen: Outcome[] = [];

  constructor(outcomes: AsyncGenerator<Outcome, void, undefined>, failureScore: number) {
    this.#outcomes = outcomes;
    this.#failureScore = failureScore;
  }

  /** The outcomes not seen yet. Leaving the loop starts no further example. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome, void, undefined> {
    for await (const outcome of this.#outcomes) {
      this.#seen.push(outcome);
      yield outcome;
    }
  }

  /** Runs whatever has not run yet and sums up all outcomes. */
  async summary(): Promise<EvaluationSummary> {
    for await (const _ of this);
    return summarize(this.#seen, this.#failureScore);
  }
}

/** What outcomes come to. */
export function summarize(outcomes: readonly Outcome[], failureScore = 0): EvaluationSummary {
  const scores = outcomes.flatMap((outcome) => scoreOf(outcome, failureScore) ?? []);
  const latencies = outcomes.map(({ latencyMs }) => latencyMs);
  const failures = (kind: FailedOutcome["failure"]): number =>
    outcomes.filter((outcome) => !outcome.ok && outcome.failure === kind).length;
  return {
    score: mean(scores),
    interval: scores.length === 0 ? undefined : meanInterval(scores),
    counted: scores.length,
    candidateFailures: failures("candidate"),
    infrastructureFailures: failures("infrastructure"),
    usage: outcomes.reduce((total, { usage }) => addUsage(total, usage), noUsage),
    latencyMs: { mean: mean(latencies), max: latencies.reduce((most, latency) => Math.max(most, latency), 0) },
  };
}

/** What an outcome counts as, failures by a score of their own where they have one; `undefined` when it counts nowhere. */
export function scoreOf(
  outcome:
    | { readonly ok: true; readonly score: number }
    | { readonly ok: false; readonly failure: FailedOutcome["failure"]; readonly score?: number },
  failureScore = 0,
): number | undefined {
  if (outcome.ok) return outcome.score;
  return outcome.failure === "candidate" ? (outcome.score ?? failureScore) : undefined;
}

/** Runs and scores one example; `index` is its place, for the outcome. Rejects as the iteration of `evaluate` does. */
export async function evaluateExample<I extends object, O extends object>(
  program: Program<I, O>,
  example: Example<I, O>,
  metric: Metric<I, O>,
  index: number,
  options: EvaluateOptions,
): Promise<Outcome> {
  const { clock = systemClock, retries = 3, signal } = options;
  const start = clock.now();
  let usage = noUsage;
  for (let attempt = 0; ; attempt++) {
    try {
      const execution = await execute(program, example.inputs, options);
      usage = addUsage(usage, execution.usage);
      return await scored(execution, example, metric, { index, usage, latencyMs: clock.now() - start }, options);
    } catch (thrown) {
      if (signal?.aborted === true) throw signal.reason;
      if (thrown instanceof UsageError) throw thrown;
      if (thrown instanceof ProgramError) usage = addUsage(usage, thrown.usage);
      const { failure, retryAfterMs } = judge(thrown);
      if (failure === "infrastructure" && retryAfterMs !== undefined && attempt < retries) {
        await clock.sleep(Math.max(retryAfterMs, 200 * 2 ** attempt), { signal });
        continue;
      }
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      return { ok: false, failure, error, index, usage, latencyMs: clock.now() - start };
    }
  }
}

async function scored<I extends object, O extends object>(
  { outputs, history }: Execution<O>,
  example: Example<I, O>,
  metric: Metric<I, O>,
  base: OutcomeBase,
  options: EvaluateOptions,
): Promise<Outcome> {
  try {
    const score = detailed(await inTime(metric(outputs, example), options));
    return { ok: true, ...score, outputs, history, ...base };
  } catch (thrown) {
    if (options.signal?.aborted === true) throw thrown;
    const error = new Error(`the metric failed on example ${base.index}: ${messageOf(thrown)}`, { cause: thrown });
    return { ok: false, failure: "candidate", error, ...base };
  }
}

/** The score, unless it comes too late or the evaluation is aborted first. */
async function inTime(
  score: Score | Promise<Score>,
  { metricTimeoutMs = 120_000, clock = systemClock, signal }: EvaluateOptions,
): Promise<Score> {
  if (!isPromised(score)) return score;
  const scored = new AbortController();
  const end = signal === undefined ? scored.signal : AbortSignal.any([signal, scored.signal]);
  const late = clock.sleep(metricTimeoutMs, { signal: end }).then(() => {
    throw new Error(`it gave no score within ${metricTimeoutMs} ms`);
  });
  try {
    return await Promise.race([score, late]);
  } finally {
    // With a reason of our own: the usual one is an error with a stack, for every example.
    scored.abort("scored");
    late.catch(() => {});
  }
}

function isPromised(score: Score | Promise<Score>): score is Promise<Score> {
  return typeof score === "object" && score !== null && "then" in score;
}

function detailed(score: Score): DetailedScore {
  const detail = typeof score === "number" ? { score } : score;
  if (!isPlainObject(detail) || !Number.isFinite(detail.score))
    throw new TypeError(`expected a finite number or { score, feedback, objectives }, got ${describe(score)}`);
  const { score: value, feedback, objectives }: DetailedScore = detail;
  return {
    score: value,
    ...(feedback === undefined ? {} : { feedback }),
    ...(objectives === undefined ? {} : { objectives }),
  };
}

interface Judgement {
  readonly failure: FailedOutcome["failure"];
  /** The least pause before another try; `undefined` when another try is useless. */
  readonly retryAfterMs?: number | undefined;
}

/** The model errors that are about the prompt, and so about the candidate. */
const candidateCodes: ReadonlySet<ModelErrorCode> = new Set(["context_length", "invalid_request"]);

function judge(thrown: unknown): Judgement {
  let cause = thrown;
  // A module of one's own may have wrapped what its model rejected with.
  while (cause instanceof Error && !(cause instanceof ModelError)) ({ cause } = cause);
  if (!(cause instanceof ModelError) || candidateCodes.has(cause.code)) return { failure: "candidate" };
  return { failure: "infrastructure", retryAfterMs: cause.retryable ? (cause.retryAfterMs ?? 0) : undefined };
}
