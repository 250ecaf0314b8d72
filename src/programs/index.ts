/** The programs floor: signatures, the kernel, modules, adapters, the LanguageModel port and evaluation. */

export { inputSchema, outputSchema, signature } from "./signatures/signature.ts";
export type {
  SchemaSignature,
  SchemaSignatureOptions,
  SchemaSource,
  Signature,
  SignatureFrom,
  SignatureOptions,
} from "./signatures/signature.ts";
export { ensure } from "./assertion.ts";
export type { Assertion } from "./assertion.ts";
export type { CheckSignature, InputsOf, OutputsOf } from "./signatures/signature-types.ts";
export type { SignatureError } from "./signatures/type-expression-types.ts";
export { recordJsonSchema, typeText } from "./signatures/field-type.ts";
export type { Field, FieldType, ValueIssue } from "./signatures/field-type.ts";
export { attachmentOf } from "./signatures/file-value.ts";
export type { FileValue } from "./signatures/file-value.ts";
export type {
  JsonStandardSchema,
  SchemaPair,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "./signatures/standard-schema.ts";

export { program } from "./program.ts";
export type { Program, ProgramOptions } from "./program.ts";
export type { ConfigurationDraft, Stage, StageDraft, StageOptions } from "./stage.ts";
export { placedStages } from "./stages.ts";
export type { PlacedStage } from "./stages.ts";
export { checkProgram, execute } from "./kernel.ts";
export type { ExecuteOptions, Execution, PartialOutputs } from "./kernel.ts";
export { executeStream } from "./execute-stream.ts";
export type { ExecutionStream, StreamOptions } from "./execute-stream.ts";
export { ProgramError } from "./program-error.ts";
export type { ProgramErrorCode, ProgramErrorOptions } from "./program-error.ts";

export { module } from "./module.ts";
export type {
  Context,
  HistoryEntry,
  InnerResult,
  InnerRunOptions,
  InnerStage,
  Module,
  StageCall,
  StageResult,
  Values,
} from "./module.ts";
export { predict } from "./modules/predict.ts";
export { chainOfThought } from "./modules/chain-of-thought.ts";
export { parallel } from "./modules/parallel.ts";
export { branch } from "./modules/branch.ts";
export type { BranchOptions } from "./modules/branch.ts";

export { chat } from "./adapters/chat.ts";
export { json } from "./adapters/json.ts";
export { xml } from "./adapters/xml.ts";
export type { Adapter, AnswerForm, ReadReply } from "./adapters/adapter.ts";
export { readJson } from "./reading.ts";

export { addUsage, ModelError, noUsage } from "./language-model.ts";
export type {
  Attachment,
  Embeddings,
  FinishReason,
  LanguageModel,
  Message,
  ModelCallOptions,
  ModelChunk,
  ModelErrorCode,
  ModelErrorOptions,
  ModelReply,
  ModelRequest,
  ModelSupport,
  ResponseFormat,
  TokenPrice,
  ToolCall,
  ToolChoice,
  ToolSpecification,
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

export {
  deleteProgram,
  historyLogOf,
  putProgram,
  readProgram,
  readPrograms,
  writeProgram,
  writeSpace,
} from "./stored-program.ts";
export type { Performance, ProgramRecord, StoredProgram } from "./stored-program.ts";
