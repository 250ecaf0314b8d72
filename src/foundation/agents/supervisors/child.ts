import { ignore } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import { agentStart } from "./agent-start.ts";
import type { ChildSpec } from "./child-spec.ts";
import { DynamicSupervisor } from "./dynamic-supervisor.ts";
import type { DynamicSupervisorDefinition } from "./dynamic-supervisor.ts";
import { Supervisor } from "./supervisor.ts";
import type { SupervisorInit } from "./supervisor.ts";

type ChildOptions = Omit<ChildSpec, "id" | "start">;

/** An agent as a supervisor's child; `info` of its start is its `Ref`. */
export function child<S, M, A>(
  id: string,
  definition: AgentDefinition<S, M, A>,
  argument: A,
  options: ChildOptions = {},
): ChildSpec {
  return { ...options, id, start: agentStart(definition, argument) };
}

/** A supervisor as a supervisor's child. For escalation it has to be permanent, which it is unless told. `info` of its start is the `Supervisor`. */
export function supervisorChild(id: string, init: SupervisorInit, options: ChildOptions = {}): ChildSpec {
  return {
    type: "supervisor",
    ...options,
    id,
    start: async ({ runtime, signal }) => {
      const supervisor = await Supervisor.start(init, { runtime, signal });
      return supervisor === undefined ? ignore : { child: supervisor, info: supervisor };
    },
  };
}

/** A dynamic supervisor as a supervisor's child; `info` of its start is the `DynamicSupervisor`. */
export function dynamicSupervisorChild<A>(
  id: string,
  definition: DynamicSupervisorDefinition<A>,
  options: ChildOptions = {},
): ChildSpec {
  return {
    type: "supervisor",
    ...options,
    id,
    start: ({ runtime }) => {
      const supervisor = new DynamicSupervisor(definition, { runtime });
      return { child: supervisor, info: supervisor };
    },
  };
}
