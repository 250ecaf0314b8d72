import type { Values } from "#programs";
import { preparePipeline, runPipeline } from "./execute-pipeline.ts";
import type { ExecutePipelineOptions, PipelineResult } from "./execute-pipeline.ts";
import { Gate } from "./gate.ts";
import type { Pipeline } from "./pipeline.ts";
import type { PipelineStage } from "./pipeline-stage.ts";

export interface PipelinePoolOptions {
  /** Pipelines at once; 8 unless told. */
  readonly poolSize?: number;
}

/** Executes pipelines, a number at once; the others wait in the order of their arrival. */
export class PipelinePool {
  readonly #gate: Gate;

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
    const prepared = preparePipeline(pipeline, inputs, options);
    return this.#gate.run(() => runPipeline(prepared), options.signal);
  }
}
