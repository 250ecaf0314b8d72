import { ignore } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import type { StartContext, Started } from "./child-spec.ts";
import { whenReady } from "../when-ready.ts";

/** How a supervisor starts an agent; `info` of the start is the agent's `Ref`. */
export function agentStart<S, M, A>(
  definition: AgentDefinition<S, M, A>,
  argument: A,
): (context: StartContext) => Started | Promise<Started> {
  return ({ runtime, signal, startTimeoutMs }) =>
    whenReady(runtime.launch(definition, argument, { signal, startTimeoutMs }), (ref) =>
      ref === undefined ? ignore : { child: ref.cell, info: ref },
    );
}
