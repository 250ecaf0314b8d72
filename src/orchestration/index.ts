/** The orchestration floor: teams of agents, what may change about them together, and their life. Knows nothing of ML. */

export { team, addOrchestrationVariable, configured, parseTeam, registerAgent } from "./team.ts";
export type { Team, TeamOptions, TeamPolicies } from "./team.ts";
export { teamSpace } from "./team-space.ts";
export { coordinationGraph, localVariables } from "./coordination-graph.ts";
export type { CoordinationGraph } from "./coordination-graph.ts";
export { isLegalTransition } from "./agent-config.ts";
export type { AgentConfig, AgentDraft, AgentStatus, Role, Supervision } from "./agent-config.ts";

export { agentSelection } from "./variables/agent-selection.ts";
export type { AgentSelection, AgentSelectionOptions } from "./variables/agent-selection.ts";
export { communicationTopology } from "./variables/communication-topology.ts";
export type { CommunicationTopology, CommunicationTopologyOptions } from "./variables/communication-topology.ts";
export { resourceAllocation } from "./variables/resource-allocation.ts";
export type { ResourceAllocation, ResourceAllocationOptions } from "./variables/resource-allocation.ts";
export { coordinate } from "./variables/orchestration-variable.ts";
export type { OrchestrationVariable } from "./variables/orchestration-variable.ts";
export type { CoordinationContext, Observed, TaskRequirements } from "./variables/coordination-context.ts";
export type { AgentAction, Directive } from "./variables/directive.ts";
export type { Decision, DecisionError, DecisionErrorCode } from "./decision.ts";
export type { OrchestrationDefinition, Scope } from "./variables/orchestration-definition.ts";

export { planOf } from "./plan-of.ts";
export type { Planned } from "./plan-of.ts";
export type { Plan } from "./plan.ts";
export { topologies, topologyNamed } from "./topologies/topologies.ts";
export { customTopology } from "./topologies/custom.ts";
export type { EdgeDraft } from "./topologies/custom.ts";
export type { CallRequest, RunSoFar, Step, Topology } from "./topologies/topology.ts";
export { aggregate, aggregators } from "./aggregate.ts";
export type { Aggregated, Aggregator } from "./aggregate.ts";
export { contributors, outputOf, provenanceOf } from "./trace.ts";
export type {
  CallFailure,
  CallKind,
  CallOutcome,
  CallRecord,
  Edge,
  EdgeType,
  Message,
  Received,
  TeamCall,
  TeamReply,
  Trace,
  Verdict,
} from "./trace.ts";

export { actionOf, actionsBetween } from "./action.ts";
export type { Action, AgentActionRequest, ConfigurationAction } from "./action.ts";
export { nextTeam } from "./next-team.ts";

export { hostedModule, teamAgent, teamModule } from "./live/team-module.ts";
export type {
  HostedModuleOptions,
  Instance,
  InstancePlace,
  TeamAgentOptions,
  TeamModule,
  TeamModuleOptions,
  Work,
  WorkContext,
} from "./live/team-module.ts";
export { LiveTeam } from "./live/live-team.ts";
export type { ActionResult, ApplyResult } from "./live/apply-result.ts";
export type { Failure, StartAgentsOptions, StartPolicy, StartResult } from "./live/start-result.ts";
export type { AskOptions, CoordinationResult, LiveTeamOptions } from "./live/live-team.ts";
export type { TeamAnswer } from "./live/team-run.ts";
export type { AgentState, TeamStatus } from "./live/team-status.ts";
export type { TeamEvent } from "./live/team-event.ts";
export { TeamError } from "./live/team-error.ts";
export type { TeamErrorCode } from "./live/team-error.ts";

export { available, lease, pool, poolStatus, release, releaseAgent } from "./pool/ledger.ts";
export type { Lease, LeaseError, LeaseRequest, LeaseResult, Pool, PoolStatus, ResourceStatus } from "./pool/ledger.ts";
export { allocate, maxMinShares, wholeAmounts } from "./pool/allocate.ts";
export type { AllocateOptions, AllocationError, AllocationResult, Share } from "./pool/allocate.ts";
export { coordinateResources } from "./pool/coordinate-resources.ts";
export type {
  AllocationMode,
  CoordinateResourcesError,
  CoordinateResourcesOptions,
  CoordinateResourcesResult,
  ResourceGrant,
  ResourceRequest,
} from "./pool/coordinate-resources.ts";
