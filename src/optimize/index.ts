/** The optimize floor: teleprompters, the Runner that performs them, reports, and programs as stored resources. */

export { optimize } from "./optimize.ts";
export type { Optimized, OptimizeOptions } from "./optimize.ts";
export { resumeRun, startRun } from "./run/open-run.ts";
export { checkRun } from "./run/prepared-run.ts";
export type { ResumeOptions } from "./run/open-run.ts";
export type { RunCode, StartOptions } from "./run/start-options.ts";
export type { Runner } from "./run/runner.ts";
export type { ScopeHolder, ScopeWait } from "./run/scope-lease.ts";
export { attachRun } from "./run/attached/attach-run.ts";
export type { AttachOptions } from "./run/attached/attach-run.ts";
export type { AttachedRun } from "./run/attached/attached-run.ts";
export type { RunEta } from "./run/run-eta.ts";
export { estimateRun, likelyCost } from "./estimate/estimate-run.ts";
export type { EstimatedCost, RunEstimate } from "./estimate/estimate-run.ts";
export { runChild } from "./run/supervised-run.ts";
export { RunError } from "./run/run-error.ts";
export type { RunErrorCode } from "./run/run-error.ts";
export type { EndStatus, RunEvent, RunStatus } from "./run/run-event.ts";
export { listRuns, readEvents, readRecord } from "./run/run-record.ts";
export type { RunProgress, RunRecord, RunRequest } from "./run/run-record.ts";
export { sendRunRequest } from "./run/run-requests.ts";
export { isDriven } from "./run/run-lease.ts";
export type { CandidateReport, Comparison, Gain, Measurement, Report } from "./run/report.ts";
export { checkCostWeight } from "./run/account/cost-weight.ts";
export type { CostWeight } from "./run/account/cost-weight.ts";
export type { Failures } from "./run/run-state.ts";
export { runReport } from "./reports/run-report.ts";
export type { ReportedImportance, ReportedRun, RunReport } from "./reports/run-report.ts";
export type { ReportedCandidate } from "./reports/reported-candidate.ts";
export type { FrontCandidate, ReportedFront } from "./reports/reported-front.ts";
export type { ExampleCost } from "./reports/trial-tally.ts";
export type { CurvePoint } from "./reports/read-log.ts";
export type { TrialParent } from "./reports/trial-parent.ts";
export type { DemosChange, TextChange, ValueChange, VariableChange } from "./reports/variable-change.ts";
export { textDiff } from "./reports/text-diff.ts";
export type { DiffPart } from "./reports/text-diff.ts";
export type { AmortisedCost, Amortisation, Paying } from "./reports/amortisation.ts";
export { checkBudget } from "./run/account/budget.ts";
export type { Budget, Resource, Spend } from "./run/account/budget.ts";

export type {
  CompleteResult,
  CompleteWork,
  EvaluateWork,
  ExampleResult,
  FailedResult,
  Incumbent,
  KnownTrial,
  Race,
  ScoredResult,
  Split,
  Task,
  Teleprompter,
  Told,
  TraceStep,
  Work,
} from "./teleprompter.ts";
export { appliedConfiguration } from "./run/applied-configuration.ts";
export { leadingConfigurations } from "./leading-configurations.ts";
export { completeConfiguration, untriedProposal } from "./proposal.ts";
export type { Proposal } from "./proposal.ts";
export { randomSearch } from "./random-search.ts";
export type { RandomSearchOptions, RandomSearchState } from "./random-search.ts";
export { evolution } from "./evolution.ts";
export type { EvolutionOptions, EvolutionState } from "./evolution.ts";
export { bootstrapFewShot } from "./teleprompters/few-shot/bootstrap-few-shot.ts";
export type { BootstrapFewShotOptions, BootstrapFewShotState } from "./teleprompters/few-shot/bootstrap-few-shot.ts";
export { bootstrapRandomSearch } from "./teleprompters/few-shot/bootstrap-random-search.ts";
export type {
  BootstrapRandomSearchOptions,
  BootstrapRandomSearchState,
} from "./teleprompters/few-shot/bootstrap-random-search.ts";
export type { BootstrapOptions } from "./teleprompters/few-shot/few-shot-options.ts";
export { labeledFewShot } from "./teleprompters/few-shot/labeled-few-shot.ts";
export type { LabeledFewShotOptions, LabeledFewShotState } from "./teleprompters/few-shot/labeled-few-shot.ts";
export { stages } from "./teleprompters/stages.ts";
export type { SearchStage, StagesOptions, StagesState } from "./teleprompters/stages.ts";
export { copro } from "./teleprompters/copro.ts";
export type { CoproOptions, CoproState } from "./teleprompters/copro.ts";
export { beacon } from "./teleprompters/beacon/beacon.ts";
export type { BeaconState } from "./teleprompters/beacon/beacon-state.ts";
export type { BeaconOptions } from "./teleprompters/beacon/beacon-options.ts";
export { beaconCost } from "./teleprompters/beacon/beacon-plan.ts";
export type { BeaconCost } from "./teleprompters/beacon/beacon-plan.ts";
export { mipro } from "./teleprompters/mipro/mipro.ts";
export type { MiproState } from "./teleprompters/mipro/mipro-state.ts";
export type { MiproEffort, MiproOptions, MiproSampler } from "./teleprompters/mipro/mipro-options.ts";
export { miproCost } from "./teleprompters/mipro/mipro-plan.ts";
export type { MiproCost } from "./teleprompters/mipro/mipro-plan.ts";
export { inferRules } from "./teleprompters/infer-rules.ts";
export type { InferRulesOptions, InferRulesState } from "./teleprompters/infer-rules.ts";
export { experienced } from "./learner/experienced.ts";
export type { ExperiencedState } from "./learner/experienced.ts";
export type { LearnOptions } from "./learner/learn.ts";
export { lessons } from "./learner/lessons.ts";
export type { Learned, Lesson, LessonsOptions, PriorTrial } from "./learner/lessons.ts";
export { recall, recallRun } from "./learner/recall.ts";
export type { RecallOptions } from "./learner/recall.ts";
export type { Experience, ExperiencedRun, ExperiencedTrial } from "./learner/experience.ts";
export type { PresentTask } from "./learner/projection.ts";
export type { TaskSketch } from "./learner/task-sketch.ts";
export { simba } from "./teleprompters/simba/simba.ts";
export type { SimbaOptions, SimbaState, SimbaStrategy } from "./teleprompters/simba/simba.ts";
export { gepa } from "./teleprompters/gepa/gepa.ts";
export type { GepaComponents, GepaOptions, GepaState } from "./teleprompters/gepa/gepa.ts";
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
export type { HistoryItem } from "./run/adopt-result.ts";

export type {
  BestTrial,
  FailedOutcome,
  Goal,
  MeasuredOutcome,
  Objectives,
  ObjectiveValues,
  Outcome,
  Sampler,
  ScoredOutcome,
  SearchOptions,
  Trial,
} from "./search/sampler.ts";
export { readSearchState } from "./search/search-state.ts";
export type { SearchState, TrialOutcome, TrialRecord } from "./search/search-state.ts";
export { randomSampler } from "./search/random-sampler.ts";
export { qmc } from "./search/qmc.ts";
export type { QmcOptions } from "./search/qmc.ts";
export { grid } from "./search/grid.ts";
export { auto } from "./search/auto.ts";
export type { AutoOptions } from "./search/auto.ts";
export { gp } from "./search/gp.ts";
export type { GpOptions } from "./search/gp.ts";
export { tpe } from "./search/tpe.ts";
export type { TpeOptions } from "./search/tpe.ts";
export { evolutionSampler } from "./search/evolution-sampler.ts";
export type { EvolutionSamplerOptions } from "./search/evolution-sampler.ts";
export { nsga2 } from "./search/pareto/nsga2.ts";
export type { Nsga2Options } from "./search/pareto/nsga2.ts";
export { front } from "./search/pareto/pareto-front.ts";
export type { FrontTrial } from "./search/pareto/pareto-front.ts";
export { paretoRanks } from "./search/pareto/pareto-ranks.ts";
export { hypervolume } from "./search/pareto/hypervolume.ts";
export { searchTeleprompter } from "./search/search-teleprompter.ts";
export type { SearchTeleprompterOptions, SearchTeleprompterState } from "./search/search-teleprompter.ts";

export { wilcoxonSignedRank } from "./racing/wilcoxon.ts";
export type { SignedRankTest } from "./racing/wilcoxon.ts";
export type { Prune } from "./racing/pruning.ts";
export { race, raceLooks } from "./racing/race.ts";
export type { RaceOptions } from "./racing/race.ts";
export { halvingRungs, halvingSurvivors } from "./racing/halving.ts";
export type { HalvingOptions } from "./racing/halving.ts";
export { pairedEstimate } from "./racing/paired-scores.ts";
export type { Scores } from "./racing/paired-scores.ts";
export { importance, variableImportance } from "./importance/importance.ts";
export type { ImportanceOptions, ScoredConfiguration, VariableImportance } from "./importance/importance.ts";
