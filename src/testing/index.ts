/** The testing wing, published: doubles for the ports and the contracts that every implementation of one must pass. */

export { fakeClock } from "./fake-clock.ts";
export type { FakeClock } from "./fake-clock.ts";
export { scriptedModel } from "./scripted-model.ts";
export type { Script, ScriptedCall, ScriptedModel, ScriptedModelOptions, ScriptedReply } from "./scripted-model.ts";

export type { Contract } from "./contract.ts";
export { languageModelContract } from "./language-model-contract.ts";
export type { OpenLanguageModel } from "./language-model-contract.ts";
export { teleprompterContract } from "./teleprompter-contract.ts";
export type { OpenTeleprompter, TeleprompterHarness } from "./teleprompter-contract.ts";
export { samplerContract } from "./sampler-contract.ts";
export type { OpenSampler } from "./sampler-contract.ts";
export { objectivesContract } from "./objectives-contract.ts";
export type { SamplerHarness } from "./played-search.ts";
export { sharedStoreContract, storeContract } from "./store-contract.ts";
export type { SharedStoreHarness, StoreHarness } from "./store/harness.ts";
export { agentHostContract } from "./agent-host-contract.ts";
export type { AgentHostHarness } from "./agent-host/harness.ts";
export { topologyContract } from "./topology-contract.ts";
export type { OpenTopology, TopologyHarness } from "./topology-contract.ts";
export { raftInvariants } from "./consensus/raft-invariants.ts";
export type { RaftInvariant } from "./consensus/raft-invariants.ts";

export { simulate } from "./simulation/simulate.ts";
export type { Liveness, SimulateOptions, SimulationResult } from "./simulation/simulate.ts";
export type {
  Invariant,
  MemberOutcome,
  MessageCounts,
  SimulationView,
  TraceStep,
  Violation,
} from "./simulation/simulation-view.ts";
export { drawSchedule } from "./simulation/schedule.ts";
export type { FaultKind, Schedule, ScheduledRequest, ScheduleOptions } from "./simulation/schedule.ts";
export { correctMembers, healedAtMs } from "./simulation/fault.ts";
export type {
  ByzantineBehaviour,
  ByzantineFault,
  CrashFault,
  Fault,
  LinkFault,
  PartitionFault,
  PauseFault,
  SkewFault,
} from "./simulation/fault.ts";
export type { LinkTime } from "./simulation/network.ts";
export { byzantine } from "./simulation/byzantine.ts";
export type {
  ByzantineMachine,
  ByzantineOptions,
  ByzantineState,
  ByzantineStep,
  ForgedOutgoing,
  Lie,
  LieContext,
} from "./simulation/byzantine.ts";
export { describeFailure, searchSchedules } from "./simulation/search-schedules.ts";
export type { FailedSchedule, SchedulesSearched, SearchSchedulesOptions } from "./simulation/search-schedules.ts";
export { minimiseSchedule } from "./simulation/minimise-schedule.ts";
export { isLinearizable, keyValueModel, registerModel } from "./simulation/linearizability.ts";
export type { KeyValueInput, Operation, RegisterInput, SequentialModel } from "./simulation/linearizability.ts";
