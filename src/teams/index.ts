/** The teams floor: where programs become teams. */

export { managerProgram } from "./manager/manager-program.ts";
export type { Manager, ManagerProgram } from "./manager/manager-program.ts";
export type { ManagerOptions } from "./manager/staff.ts";
export type { ManagerOutputs } from "./manager/manage.ts";
export type { AgentCall, AgentFunction, ManagedAgent, ManagedAgents } from "./manager/agent.ts";
export type { ReviewStrategy } from "./manager/review.ts";
export { planner, stepPerKind } from "./manager/planner.ts";
export type { PlannerOptions, PlannerProgram, PlanRequest, RulePlanner } from "./manager/planner.ts";
export { checkSteps } from "./manager/steps.ts";
export type { CheckStepsOptions, PlanStep, StepsCheck } from "./manager/steps.ts";

export { agentize, programModule } from "./agentize.ts";
export type { AgentizeOptions, ProgramModuleOptions } from "./agentize.ts";
export { teamProgram, teamStage } from "./team-program.ts";
export type { TeamServices, TeamStageOptions } from "./team-program.ts";
export type { TeamExample } from "./team-example.ts";
export { programMetric } from "./team-metric.ts";
export type { TeamMetric } from "./team-metric.ts";
export { evaluateTeamPerformance } from "./evaluate-team-performance.ts";
export type { EvaluateTeamOptions, TeamPerformanceResult } from "./evaluate-team-performance.ts";
export type { TeamOutcome } from "./team-outcome.ts";
export { adaptationSpeed } from "./performance/adaptation-speed.ts";
export { creditOf } from "./performance/credit.ts";
export { measuresOf } from "./performance/team-measures.ts";
export type { Measured, TeamMeasures } from "./performance/team-measures.ts";
export type { TeamRunResult } from "./performance/team-run-result.ts";
export { optimizeTeam } from "./optimize-team.ts";
export type { OptimizedTeam, OptimizeTeamOptions } from "./optimize-team.ts";

export { randomSearch } from "./teleprompters/random-search.ts";
export type { TeamRandomSearchOptions } from "./teleprompters/random-search.ts";
export { evolution } from "./teleprompters/evolution.ts";
export type { TeamEvolutionOptions } from "./teleprompters/evolution.ts";
export { simba } from "./teleprompters/simba.ts";
export type { SimbaOptions } from "./teleprompters/simba.ts";
export { teamTeleprompters } from "./teleprompters/team-teleprompters.ts";
export type { MutationStrategy } from "./teleprompters/mutation-strategy.ts";
