/** The root entry: what a newcomer needs for a program that tunes itself. Everything else has an entry of its own. */

export {
  ensure,
  signature,
  program,
  predict,
  chainOfThought,
  module,
  exactMatch,
  examplesFromRecords,
} from "#programs";
export type {
  Example,
  Execution,
  ExecutionStream,
  LanguageModel,
  Metric,
  Module,
  Outcome,
  Program,
  Score,
  Signature,
} from "#programs";
export { ModelError, ProgramError } from "#programs";

export { evaluate, execute, executeStream, optimize } from "./with-models.ts";
export type { AnyModels, OptimizeOptions } from "./with-models.ts";
export { languageModelFrom } from "#models";
export type { Endpoint, ModelFunction, ModelLike } from "#models";

export { choice, demos, float, integer, space, text } from "#variables";
export type { Configuration, Demo, Space, Variable } from "#variables";

export type { Budget, Optimized, Report, Teleprompter } from "#optimize";

export { StoreError, UsageError } from "#foundation";
export type { Clock, Rng, Store } from "#foundation";
