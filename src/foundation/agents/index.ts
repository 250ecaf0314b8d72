/** Agents under supervision: mailboxes, addresses, supervisors by OTP's rules. Knows nothing of ML. */

export { agent, ignore } from "./agent.ts";
export type { AgentContext, AgentDefinition, Ignore, MailboxOptions, Pid } from "./agent.ts";
export type { Ref } from "./ref.ts";
export type { CallOptions, PostOptions } from "./ref.ts";
export { AgentError } from "./call.ts";
export type { AgentErrorCode } from "./call.ts";
export type { Overflow } from "./mailbox.ts";
export { crash, isClean, killed, normal, reasonText, shutdown } from "./exit-reason.ts";
export type { DownReason, ExitReason } from "./exit-reason.ts";
export { AgentRuntime } from "./runtime.ts";
export type { AgentRuntimeOptions, StartOptions } from "./runtime.ts";
export type { AgentEvent } from "./agent-event.ts";

export { Supervisor } from "./supervisors/supervisor.ts";
export type {
  ChildCount,
  ChildInfo,
  StartedChild,
  SupervisorDefinition,
  SupervisorInit,
  SupervisorOptions,
} from "./supervisors/supervisor.ts";
export { DynamicSupervisor } from "./supervisors/dynamic-supervisor.ts";
export type { DynamicChildInfo, DynamicSupervisorDefinition } from "./supervisors/dynamic-supervisor.ts";
export { child, dynamicSupervisorChild, supervisorChild } from "./supervisors/child.ts";
export { SpecError } from "./supervisors/child-spec.ts";
export type {
  AutoShutdown,
  Child,
  ChildSpec,
  CompleteSpec,
  Restart,
  Shutdown,
  SpecErrorCode,
  StartContext,
  Started,
  Strategy,
  SupervisorFlags,
} from "./supervisors/child-spec.ts";
export { SupervisorError } from "./supervisors/supervisor-error.ts";
export type { SupervisorErrorCode } from "./supervisors/supervisor-error.ts";

export { swap } from "./swap/swap.ts";
export type { SwapFailure, SwapOptions, SwapResult, SwapStep } from "./swap/swap-result.ts";

export { Registry } from "./names/registry.ts";
export type { RegisterOutcome, Registration } from "./names/registry.ts";
export { DuplicateRegistry } from "./names/duplicate-registry.ts";
export type { Holder } from "./names/holdings.ts";
export type { NameRef } from "./names/name-ref.ts";
export { named, namedChild } from "./names/named.ts";
export { Groups } from "./names/groups.ts";
export type { GroupChange, GroupMonitor, MonitorGroupOptions } from "./names/groups.ts";
export { PubSub } from "./names/pub-sub.ts";
export type { Delivery } from "./names/pub-sub.ts";

export { TaskSupervisor, taskSupervisorChild } from "./tasks/task-supervisor.ts";
export type {
  RunTaskOptions,
  StreamOutcome,
  TaskStreamOptions,
  TaskSupervisorOptions,
} from "./tasks/task-supervisor.ts";
export type { TaskContext, TaskFailure, TaskOutcome } from "./tasks/task.ts";
export { ModuleReloader, ReloadError } from "./swap/module-reload.ts";
export type { ModuleReloaderOptions, ReloadErrorCode, ReloadResult } from "./swap/module-reload.ts";

export { agentModule } from "./hosts/agent-module.ts";
export type { AgentModule } from "./hosts/agent-module.ts";
export { hostChild, hostedChild } from "./hosts/agent-host.ts";
export type { AgentHost, HostedChildOptions } from "./hosts/agent-host.ts";
export { inlineHost } from "./hosts/inline-host.ts";
export type { InlineHostOptions } from "./hosts/inline-host.ts";
export { workerHost } from "./hosts/worker-host.ts";
export type { WorkerHostOptions, WorkerLimits } from "./hosts/worker-host.ts";
export { processHost } from "./hosts/process-host.ts";
export type { ProcessHostOptions } from "./hosts/process-host.ts";
export { HostError } from "./hosts/host-error.ts";
export type { HostErrorCode } from "./hosts/host-error.ts";
