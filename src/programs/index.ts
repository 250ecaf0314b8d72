/** The programs floor: signatures, the kernel, modules, adapters, the LanguageModel port and evaluation. */

export { signature } from "./signature.ts";
export type { SchemaSignatureOptions, Signature, SignatureOptions } from "./signature.ts";
export type { CheckSignature, InputsOf, OutputsOf, SignatureError } from "./signature-types.ts";
export { recordJsonSchema, typeText } from "./field-type.ts";
export type { Field, FieldType, ValueIssue } from "./field-type.ts";
export type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";

export { program } from "./program.ts";
export type { ConfigurationDraft, Program, ProgramOptions, Stage, StageDraft, StageOptions } from "./program.ts";
export { checkProgram, execute } from "./kernel.ts";
export type { ExecuteOptions, Execution } from "./kernel.ts";
export { ProgramError } from "./program-error.ts";
export type { ProgramErrorCode, ProgramErrorOptions } from "./program-error.ts";

export { module } from "./module.ts";
export type { Context, HistoryEntry, Module, StageCall, StageResult, Values } from "./module.ts";
export { predict } from "./modules/predict.ts";
export { chainOfThought } from "./modules/chain-of-thought.ts";

export { chat } from "./adapters/chat.ts";
export { json } from "./adapters/json.ts";
export type { Adapter, ReadReply } from "./adapters/adapter.ts";
export { readJson } from "./reply-json.ts";

export { addUsage, ModelError, noUsage } from "./language-model.ts";
export type {
  Embeddings,
  FinishReason,
  LanguageModel,
  Message,
  ModelCallOptions,
  ModelErrorCode,
  ModelErrorOptions,
  ModelReply,
  ModelRequest,
  ResponseFormat,
  TokenPrice,
  Usage,
} from "./language-model.ts";

export { checkExamples, demoOf, examplesFromRecords } from "./example.ts";
export type { Example } from "./example.ts";
export { checkMetric, exactMatch } from "./metric.ts";
export type { DetailedScore, Metric, Score } from "./metric.ts";
export { evaluate, evaluateExample, Evaluation, scoreOf, summarize } from "./evaluate.ts";
export type { EvaluateOptions, EvaluationSummary, FailedOutcome, Outcome, ScoredOutcome } from "./evaluate.ts";
export { mean, meanInterval, pairedInterval } from "./interval.ts";
export type { Interval } from "./interval.ts";

export { deleteProgram, historyLogOf, readProgram, readPrograms, writeProgram, writeSpace } from "./stored-program.ts";
export type { Performance, ProgramRecord, StoredProgram } from "./stored-program.ts";
