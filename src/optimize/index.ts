/** The optimize floor: teleprompters, the Runner that performs them, reports, and programs as stored resources. */

export { optimize } from "./optimize.ts";
export type { Optimized, OptimizeOptions } from "./optimize.ts";
export { checkRun, resumeRun, startRun } from "./open-run.ts";
export type { ResumeOptions, RunCode, StartOptions } from "./open-run.ts";
export type { Runner } from "./runner.ts";
export { runChild } from "./supervised-run.ts";
export { RunError } from "./run-error.ts";
export type { RunErrorCode } from "./run-error.ts";
export type { EndStatus, RunEvent, RunStatus } from "./run-event.ts";
export { listRuns, readRecord } from "./run-record.ts";
export type { RunProgress, RunRecord, RunRequest } from "./run-record.ts";
export { sendRunRequest } from "./run-requests.ts";
export { isDriven } from "./run-lease.ts";
export type { CandidateReport, Comparison, Measurement, Report } from "./report.ts";
export { checkBudget } from "./budget.ts";
export type { Budget, Resource, Spend } from "./budget.ts";

export type {
  CompleteResult,
  CompleteWork,
  EvaluateWork,
  ExampleResult,
  FailedResult,
  Incumbent,
  ScoredResult,
  Split,
  Task,
  Teleprompter,
  Told,
  TraceStep,
  Work,
} from "./teleprompter.ts";
export { completeConfiguration, untriedProposal } from "./proposal.ts";
export type { Proposal } from "./proposal.ts";
export { randomSearch } from "./random-search.ts";
export type { RandomSearchOptions, RandomSearchState } from "./random-search.ts";
export { evolution } from "./evolution.ts";
export type { EvolutionOptions, EvolutionState } from "./evolution.ts";
export { bootstrapFewShot } from "./bootstrap-few-shot.ts";
export type { BootstrapFewShotOptions, BootstrapFewShotState } from "./bootstrap-few-shot.ts";
export { teleprompterNamed, teleprompters } from "./teleprompters.ts";
export type { MakeTeleprompter } from "./teleprompters.ts";

export { programResource } from "./program-resource.ts";
export type {
  OptimizeStoredOptions,
  ProgramChanges,
  ProgramResource,
  ProgramResourceOptions,
  UpdateProgramOptions,
  UpdateResult,
} from "./program-resource.ts";
export type { HistoryItem } from "./adopt-result.ts";
