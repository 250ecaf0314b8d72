import type { AgentModule } from "./agent-module.ts";
import type { Child, ChildSpec } from "../supervisors/child-spec.ts";
import { ignore } from "../agent.ts";
import type { Ref } from "../ref.ts";
import type { StartOptions } from "../runtime.ts";

/**
 * A place where agents live: this thread, a worker thread or a child process. The address that `start` gives behaves
 * the same for all of them. When the place breaks, all its agents end with it; the next start opens a new one.
 */
export interface AgentHost extends AsyncDisposable {
  /** The thread's or process's id; `undefined` while there is none of its own. */
  readonly placeId: number | undefined;
  /** Starts an agent there. Resolves and rejects like `AgentRuntime.start`. */
  start<M, A>(module: AgentModule<M, A>, argument: A, options?: StartOptions): Promise<Ref<M> | undefined>;
  /** Opens the place if it is not open, and gives its present incarnation: it ends when the place does. */
  open(): Child;
  /** Ends the place at once and its agents with `killed`; resolves when it is gone. The host can be used again. */
  terminate(): Promise<void>;
  /** Ends the agents with `shutdown`, at once those that take longer than the grace time, then the place, for good. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface HostedChildOptions extends Omit<ChildSpec, "id" | "start"> {
  readonly host: AgentHost;
}

/** An agent that lives at a host as a supervisor's child; `info` of its start is its `Ref`. */
export function hostedChild<M, A>(
  id: string,
  module: AgentModule<M, A>,
  argument: A,
  { host, ...options }: HostedChildOptions,
): ChildSpec {
  return {
    ...options,
    id,
    start: async ({ signal, startTimeoutMs }) => {
      const ref = await host.start(module, argument, { signal, startTimeoutMs });
      return ref === undefined ? ignore : { child: ref.cell, info: ref };
    },
  };
}

/**
 * A host as a supervisor's child, before its agents under `rest_for_one`: its end is then one restart for all of them.
 * Without it every agent that the place takes along counts as a restart of its own.
 */
export function hostChild(id: string, host: AgentHost, options: Omit<ChildSpec, "id" | "start"> = {}): ChildSpec {
  return { ...options, id, start: () => ({ child: host.open() }) };
}
