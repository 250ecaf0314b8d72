import { describe, isPlainObject, messageOf, UsageError } from "#foundation";
import { addUsage, noUsage } from "../language-model.ts";
import type { Usage } from "../language-model.ts";
import type { Values } from "../module.ts";
import { ProgramError } from "../program-error.ts";
import { Gate } from "./gate.ts";
import { placeStages } from "./pipeline.ts";
import type { Pipeline, PlacedStage } from "./pipeline.ts";
import { runStage } from "./pipeline-stage.ts";
import type { PipelineStage, StageMeans, StageRun } from "./pipeline-stage.ts";

/**
 * What a stage's failure means. `"fail_fast"`: nothing further starts, what is in flight is aborted and its late result
 * dropped. `"continue_on_error"`: the others run on what there is. `{ maxRetries }`: the stage is tried again at once,
 * up to so many times; then as `"fail_fast"`.
 */
export type OnError = "fail_fast" | "continue_on_error" | { readonly maxRetries: number };

export interface ExecutePipelineOptions extends StageMeans {
  /** `"fail_fast"` unless told. */
  readonly onError?: OnError | undefined;
  /** Stages of this pipeline at once; 8 unless told. */
  readonly concurrency?: number | undefined;
  /** Gives the pipeline up: it rejects with the signal's reason, and late results of stages are dropped. */
  readonly signal?: AbortSignal | undefined;
}

export type PipelineResult = FinishedPipeline | FailedPipeline;

interface PipelineAccount {
  /** The outputs of all stages that succeeded, in one; of two with one name the later stage's. */
  readonly outputs: Values;
  /** The stages that succeeded, by id. */
  readonly stageResults: Readonly<Record<string, StageSuccess>>;
  /** The stages that failed for good, in the order of the stages. */
  readonly errors: readonly StageFailure[];
  /** What the model calls cost, those of failed attempts included where they told. */
  readonly usage: Usage;
}

export interface FinishedPipeline extends PipelineAccount {
  readonly ok: true;
}

export interface FailedPipeline extends PipelineAccount {
  readonly ok: false;
  /** The failure that ended it. */
  readonly failure: StageFailure;
}

export interface StageSuccess {
  readonly outputs: Values;
  readonly attempts: number;
  readonly usage: Usage;
}

export interface StageFailure {
  readonly stage: string;
  readonly attempts: number;
  readonly error: Error;
}

/**
 * Runs the stages, each as soon as those that it needs are done. A failed stage is part of the answer. Rejects with
 * `UsageError` before anything runs for a pipeline, inputs or options that are none; and when a stage throws one, for
 * misuse is never an outcome.
 */
export async function executePipeline(
  pipeline: Pipeline | readonly PipelineStage[],
  inputs: Values,
  options: ExecutePipelineOptions = {},
): Promise<PipelineResult> {
  return runPipeline(preparePipeline(pipeline, inputs, options));
}

/** A checked call. */
export interface PreparedPipeline {
  readonly stages: readonly PlacedStage[];
  readonly inputs: Values;
  readonly options: ExecutePipelineOptions;
  readonly gate: Gate;
  readonly maxAttempts: number;
}

/** Throws `UsageError` for whatever `executePipeline` refuses before it starts. */
export function preparePipeline(
  pipeline: Pipeline | readonly PipelineStage[],
  inputs: Values,
  options: ExecutePipelineOptions,
): PreparedPipeline {
  if (!isPlainObject(inputs)) throw new UsageError(`pipeline: expected an object of inputs, got ${describe(inputs)}`);
  const { onError = "fail_fast", concurrency = 8 } = options;
  const stages = placeStages(pipeline);
  return { stages, inputs, options, gate: new Gate(concurrency, "concurrency"), maxAttempts: attemptsOf(onError) };
}

export async function runPipeline(prepared: PreparedPipeline): Promise<PipelineResult> {
  const { stages, options } = prepared;
  options.signal?.throwIfAborted();
  const run: Run = { ...prepared, giveUp: new AbortController(), results: new Map(), errors: [], usage: noUsage };
  const settled = new Map<string, Promise<void>>();
  for (const stage of stages) {
    const needed = stage.needs.flatMap((need) => settled.get(need) ?? []);
    settled.set(
      stage.id,
      Promise.all(needed).then(() => settle(run, stage)),
    );
  }
  await Promise.all(settled.values());
  return account(run);
}

/** A pipeline on its way; the only thing here that changes. */
interface Run extends PreparedPipeline {
  readonly giveUp: AbortController;
  readonly results: Map<string, StageSuccess>;
  readonly errors: StageFailure[];
  failure?: StageFailure;
  usage: Usage;
}

/** Runs one stage and notes what came of it. Rejects for misuse and when the caller gives up. */
async function settle(run: Run, placed: PlacedStage): Promise<void> {
  const { giveUp, options, gate } = run;
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, options.signal]);
  let failure: StageFailure | undefined;
  try {
    failure = await gate.run(() => tryStage(run, placed, signal), signal);
  } catch (thrown) {
    if (giveUp.signal.aborted) return;
    giveUp.abort();
    throw thrown;
  }
  if (failure === undefined) return;
  run.errors.push(failure);
  if (options.onError === "continue_on_error") return;
  run.failure = failure;
  giveUp.abort();
}

/** Attempts a stage as often as allowed. Rejects for misuse and when the signal has aborted. */
async function tryStage(run: Run, placed: PlacedStage, signal: AbortSignal): Promise<StageFailure | undefined> {
  const { stage, id } = placed;
  const given = stagesBefore(run, placed);
  const values = merged([run.inputs, ...Object.values(given)]);
  for (let attempt = 1; ; attempt++) {
    try {
      const call: StageRun = { inputs: run.inputs, stages: given, attempt, signal };
      const { outputs, usage } = await unlessAborted(runStage(stage, values, call, run.options), signal);
      run.usage = addUsage(run.usage, usage);
      run.results.set(id, { outputs, attempts: attempt, usage });
      return undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof UsageError) throw thrown;
      if (thrown instanceof ProgramError) run.usage = addUsage(run.usage, thrown.usage);
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      if (attempt >= run.maxAttempts) return { stage: id, attempts: attempt, error };
    }
  }
}

function stagesBefore({ results }: Run, { before }: PlacedStage): Record<string, Values> {
  return Object.fromEntries(
    before.flatMap((id): [string, Values][] => {
      const result = results.get(id);
      return result === undefined ? [] : [[id, result.outputs]];
    }),
  );
}

function account({ stages, results, errors, usage, failure }: Run): PipelineResult {
  const succeeded = stages.flatMap(({ id }): [string, StageSuccess][] => {
    const result = results.get(id);
    return result === undefined ? [] : [[id, result]];
  });
  const outputs = merged(succeeded.map(([, result]) => result.outputs));
  const failed = stages.flatMap(({ id }) => errors.filter(({ stage }) => stage === id));
  const all: PipelineAccount = { outputs, stageResults: Object.fromEntries(succeeded), errors: failed, usage };
  return failure === undefined ? { ok: true, ...all } : { ok: false, failure, ...all };
}

/** The last value of a name wins. */
function merged(values: readonly Values[]): Values {
  return Object.fromEntries(values.flatMap((some) => Object.entries(some)));
}

/** How often a stage is tried. Throws `UsageError` for what is no answer to failure. */
export function attemptsOf(onError: OnError): number {
  if (onError === "fail_fast" || onError === "continue_on_error") return 1;
  const retries: unknown = isPlainObject(onError) ? onError.maxRetries : undefined;
  if (typeof retries === "number" && Number.isInteger(retries) && retries >= 0) return 1 + retries;
  const got = isPlainObject(onError) ? `maxRetries ${describe(retries)}` : describe(onError);
  throw new UsageError(`onError: expected "fail_fast", "continue_on_error" or { maxRetries: 0, 1, … }, got ${got}`);
}

/** What a stage gives, unless the signal aborts first: then its late result is dropped. */
function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}
