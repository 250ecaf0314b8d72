/** Pipelines of whole programs, functions and checks: in a row, at once or as a graph. */

export { attemptsOf, executePipeline } from "./execute-pipeline.ts";
export type {
  ExecutePipelineOptions,
  FailedPipeline,
  FinishedPipeline,
  OnError,
  PipelineResult,
  StageFailure,
  StageSuccess,
} from "./execute-pipeline.ts";
export { PipelinePool } from "./pipeline-pool.ts";
export type { PipelinePoolOptions } from "./pipeline-pool.ts";
export type { Pipeline } from "./pipeline.ts";
export type {
  FunctionStage,
  PipelineStage,
  ProgramStage,
  StageMeans,
  StageRun,
  ValidationStage,
} from "./pipeline-stage.ts";

export { issueLines, orderByNeeds } from "./needs-order.ts";
export type { Needing, NeedsOrder } from "./needs-order.ts";
