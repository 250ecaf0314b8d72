import { UsageError } from "#foundation";
import type { Values } from "../module.ts";
import { preparePipeline, runPipeline } from "./execute-pipeline.ts";
import type { ExecutePipelineOptions, PipelineResult } from "./execute-pipeline.ts";
import { Gate } from "./gate.ts";
import type { Pipeline } from "./pipeline.ts";
import type { PipelineStage } from "./pipeline-stage.ts";

export interface PipelinePoolOptions {
  /** Pipelines at once; 8 unless told. */
  readonly poolSize?: number;
}

/**
 * Executes pipelines, a number at once; the others wait in the order of their arrival, whoever sent them. To dispose of
 * it gives up what runs and what waits, all of which rejects with an `AbortError`, and lasts until it has.
 */
export class PipelinePool implements AsyncDisposable {
  readonly #gate: Gate;
  readonly #disposal = new AbortController();
  readonly #held = new Set<Promise<unknown>>();

  constructor({ poolSize = 8 }: PipelinePoolOptions = {}) {
    this.#gate = new Gate(poolSize, "poolSize");
  }

  /** How many pipelines are running. */
  get running(): number {
    return this.#gate.running;
  }

  /** How many pipelines wait for their turn. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /** `executePipeline` when its turn has come. Misuse rejects at once; a signal also ends the waiting. */
  async executePipeline(
    pipeline: Pipeline | readonly PipelineStage[],
    inputs: Values,
    options: ExecutePipelineOptions = {},
  ): Promise<PipelineResult> {
    const disposed = this.#disposal.signal;
    if (disposed.aborted) throw new UsageError("PipelinePool: expected a pool in use, got one that was disposed of");
    const signal = options.signal === undefined ? disposed : AbortSignal.any([options.signal, disposed]);
    const prepared = preparePipeline(pipeline, inputs, { ...options, signal });
    const run = this.#gate.run(() => runPipeline(prepared), signal);
    this.#held.add(run);
    try {
      return await run;
    } finally {
      this.#held.delete(run);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    await Promise.allSettled(this.#held);
  }
}
