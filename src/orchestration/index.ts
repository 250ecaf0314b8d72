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
export type {
  Lease,
  LeaseConditions,
  LeaseError,
  LeaseRequest,
  LeaseResult,
  Pool,
  PoolStatus,
  ResourceStatus,
} from "./pool/ledger.ts";
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

export { castVote, openBallot } from "./consensus/ballot.ts";
export type {
  Ballot,
  BallotOptions,
  BallotTerms,
  CastResult,
  Vote,
  Voter,
  VoteRefusal,
  VotingRule,
} from "./consensus/ballot.ts";
export { certificateOf, recount, tally } from "./consensus/tally.ts";
export type { Certificate, RecountErrorCode, RecountResult, Tally } from "./consensus/tally.ts";
export type { Weight } from "./consensus/weights.ts";
export { raft } from "./consensus/raft.ts";
export type { RaftMachine, RaftOptions } from "./consensus/raft.ts";
export type {
  RaftAnswer,
  RaftEntry,
  RaftMessage,
  RaftOutcome,
  RaftRequest,
  RaftState,
} from "./consensus/raft-state.ts";
export { leaderElection } from "./consensus/leader-election.ts";
export type {
  ElectionMessage,
  ElectionOutcome,
  ElectionState,
  LeaderElection,
  LeaderElectionOptions,
} from "./consensus/leader-election.ts";
export { FencedResource, isAdmitted } from "./consensus/fenced-resource.ts";
export type { FenceResult, FencingToken } from "./consensus/fenced-resource.ts";
export { ResourcePool } from "./pool/resource-pool.ts";
export type {
  PoolBatchResult,
  PoolError,
  PoolGrant,
  PoolRequestResult,
  PoolTakeResult,
  ResourcePoolOptions,
} from "./pool/resource-pool.ts";
export type { PoolRequest } from "./pool/pool-state.ts";
export type { PoolEvent, ReleaseReason } from "./pool/pool-event.ts";
export { takeTokens, tokenBucket } from "./pool/token-bucket.ts";
export type { BucketOptions, TakeResult, TokenBucket } from "./pool/token-bucket.ts";
export { allowance, batchBudget, finishItem, spend } from "./pool/batch-budget.ts";
export type { BatchBudget, BatchBudgetOptions, SpendResult } from "./pool/batch-budget.ts";

export { resolveConflicts } from "./conflicts/resolve-conflicts.ts";
export type { ResolveConflictsOptions } from "./conflicts/resolve-conflicts.ts";
export type { ConflictType, VariableConflict } from "./conflicts/conflict.ts";
export type {
  CategoricalCompromise,
  ConflictCallbacks,
  ConflictQuestion,
  NumericCompromise,
  Valuation,
} from "./conflicts/conflict-case.ts";
export type { Absence } from "./conflicts/hearing.ts";
export type {
  CompromiseType,
  ConflictError,
  ConflictErrorCode,
  ConflictsResult,
  ConflictStrategy,
  VariableResolution,
} from "./conflicts/resolution.ts";
export { weightedMean, weightedMedian } from "./conflicts/numeric-compromise.ts";
export type { WeightedNumber } from "./conflicts/numeric-compromise.ts";
export { nashBargain } from "./conflicts/nash-bargaining.ts";
export type { Bargainer } from "./conflicts/nash-bargaining.ts";
export { bordaPoints, bordaWinner } from "./conflicts/borda.ts";
export type { Ranking } from "./conflicts/borda.ts";
export { monotonicConcession } from "./conflicts/monotonic-concession.ts";
export type { Concession, Negotiator, Offer } from "./conflicts/monotonic-concession.ts";
export { rota, slotAt } from "./conflicts/rota.ts";
export type { Rota, RotaOptions, Slot } from "./conflicts/rota.ts";

export { hierarchicalCoordination } from "./hierarchy/hierarchical-coordination.ts";
export type {
  CoordinationError,
  CoordinationFailure,
  CoordinationFeedback,
  HierarchicalCoordinationOptions,
  HierarchicalCoordinationResult,
} from "./hierarchy/hierarchical-coordination.ts";
export type { CoordinationPlan, PlanStep } from "./hierarchy/plan-step.ts";
export { treeOf, withoutAgent } from "./hierarchy/tree.ts";
export type { Subordinate, Tree, TreeLimits, TreeResult } from "./hierarchy/tree.ts";
export { delegatedPlan, planDue, stepPlan } from "./hierarchy/delegated-plan.ts";
export type {
  DelegatedPlan,
  FailurePolicy,
  FeedbackResult,
  PlanEffect,
  PlanInput,
  PlanOutcome,
  PlanStepped,
  StepProgress,
} from "./hierarchy/delegated-plan.ts";
export type { Part } from "./hierarchy/aggregation.ts";
export type { Perform } from "./hierarchy/plan-run.ts";

export { negotiateValue } from "./negotiation/negotiate-value.ts";
export type {
  NegotiateValueOptions,
  NegotiationReport,
  NegotiationResult,
  NegotiationStrategy,
  StrategyName,
} from "./negotiation/negotiate-value.ts";
export type { NegotiationError, NegotiationErrorCode, NotNegotiated, Preference } from "./negotiation/negotiation.ts";
export type { ValueConstraints } from "./negotiation/value-constraints.ts";
export type { AuctionedValue, ValueAuction } from "./negotiation/auctioned-value.ts";
export type { EvolvedValue } from "./negotiation/evolved-value.ts";
export type { HierarchicalValue, HierarchyOptions } from "./negotiation/hierarchy-of-values.ts";
export type { Opinions, TrustOptions } from "./negotiation/trust.ts";
export { gatherPreferences } from "./negotiation/gather-preferences.ts";
export type { Gathered, Proposer } from "./negotiation/gather-preferences.ts";
export type { AskAgentsOptions } from "./negotiation/ask-agents.ts";
export type {
  AuctionResult,
  AuctionRules,
  AuctionSold,
  DutchRules,
  EnglishRules,
  Rejection,
  SealedRules,
} from "./negotiation/auctions/auction.ts";
export { auction, auctionLog } from "./negotiation/auctions/auction-of-bids.ts";
export type { MaxBid, OpenRules } from "./negotiation/auctions/auction-of-bids.ts";
export { replayAuction } from "./negotiation/auctions/auction-log.ts";
export type { AuctionEntry } from "./negotiation/auctions/auction-entry.ts";
export type { AuctionLog } from "./negotiation/auctions/auction-log.ts";
export { runAuction } from "./negotiation/auctions/run-auction.ts";
export type { AuctionQuestion, AuctionRun, Bidder } from "./negotiation/auctions/run-auction.ts";
export { bidCommitment } from "./negotiation/auctions/commitment.ts";
export type { CommittedBid } from "./negotiation/auctions/commitment.ts";
export { combinatorialAuction } from "./negotiation/auctions/combinatorial-auction.ts";
export type {
  Bundle,
  CombinatorialResult,
  CombinatorialRules,
  CombinatorialSale,
} from "./negotiation/auctions/combinatorial-auction.ts";
export type { TieRule } from "./negotiation/auctions/tie-rule.ts";
export { callMarket } from "./negotiation/markets/call-market.ts";
export type { CallMarketOptions, CallMarketResult, Cleared } from "./negotiation/markets/call-market.ts";
export { doubleAuction } from "./negotiation/markets/double-auction.ts";
export type { DoubleAuctionResult } from "./negotiation/markets/double-auction.ts";
export type { Order, OrderRejection, Trade } from "./negotiation/markets/order.ts";
export { nextPrices, tatonnement } from "./negotiation/markets/tatonnement.ts";
export type { ExcessDemand, Prices, TatonnementOptions, TatonnementResult } from "./negotiation/markets/tatonnement.ts";
export { evolveAgreement } from "./negotiation/genetic/evolve-agreement.ts";
export type {
  Agreement,
  EvolutionOptions,
  EvolveAgreementOptions,
  Utility,
} from "./negotiation/genetic/evolve-agreement.ts";
export type { Evaluated } from "./negotiation/genetic/evolution.ts";
export { establishConsensus } from "./consensus/establish-consensus.ts";
export type {
  AgreedChanges,
  ConsensusError,
  ConsensusErrorCode,
  ConsensusResult,
  EstablishConsensusOptions,
} from "./consensus/establish-consensus.ts";
export type { AbsentAgent, AgentVote, AskForVote, VoteRequest } from "./consensus/collect-votes.ts";
export type { AgreementResult, AgreementRoom, ConsensusAlgorithm, Link } from "./consensus/consensus-algorithm.ts";
export { consensusAlgorithms } from "./consensus/consensus-algorithms.ts";
export { agreeByMachine } from "./consensus/agree-by-machine.ts";
export type { VoteCarrier } from "./consensus/agree-by-machine.ts";

export { pbft } from "./consensus/pbft/pbft.ts";
export type { Application, PbftOptions, PbftOutcome, PbftState } from "./consensus/pbft/pbft-state.ts";
export type { PbftMessage } from "./consensus/pbft/pbft-message.ts";
export { gossip, gossipRounds, mergeGossip } from "./consensus/gossip.ts";
export type {
  GossipItem,
  GossipItems,
  GossipMessage,
  GossipOptions,
  GossipOutcome,
  GossipState,
} from "./consensus/gossip.ts";
export { estimateOf, massOf, pushSum } from "./consensus/push-sum.ts";
export type { PushSumMessage, PushSumOptions, PushSumOutcome, PushSumState } from "./consensus/push-sum.ts";
export { blockchain } from "./consensus/blockchain/blockchain.ts";
export type { BlockchainOptions, ChainOutcome, ChainState } from "./consensus/blockchain/chain-state.ts";
export { blockHash, isEquivocation } from "./consensus/blockchain/chain-block.ts";
export type {
  Block,
  ChainMessage,
  Equivocation,
  Link as ChainLink,
  Transaction,
} from "./consensus/blockchain/chain-block.ts";
export { verifyChain } from "./consensus/blockchain/chain-verify.ts";
export type { Authority, ChainCheck } from "./consensus/blockchain/chain-verify.ts";
export { drawnKeys, hmacSeal } from "./consensus/seal.ts";
export type { Seal, Signed } from "./consensus/seal.ts";
export type { Machine, MachineInput, MachineStep, Outgoing } from "./protocols/machine.ts";
export { Bus } from "./protocols/bus.ts";
export type { BusEvent, BusOptions } from "./protocols/bus.ts";
