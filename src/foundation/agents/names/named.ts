import { ignore } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import { AgentError } from "../call.ts";
import type { Child, ChildSpec, Started } from "../supervisors/child-spec.ts";
import { killed } from "../exit-reason.ts";
import { Ref } from "../ref.ts";
import { whenReady } from "../when-ready.ts";
import type { Registry, RegisterOutcome } from "./registry.ts";

/**
 * The definition of an agent that holds the key from before its `init` to its end. A start that finds the key taken
 * fails before `init` is called; the cause is `AgentError` `name_taken`. At a hot swap the name passes from version to
 * version.
 */
export function named<S, M, A, V, K>(
  registry: Registry<V, K>,
  key: K,
  definition: AgentDefinition<S, M, A>,
): AgentDefinition<S, M, A> {
  return {
    ...definition,
    init: (argument, context) => {
      const outcome = registry.register(key, context.self);
      const isHeir = !outcome.ok && outcome.reason === "taken" && outcome.holder.pid === context.self.cell.replaces;
      if (!outcome.ok && !isHeir) throw refusal(key, outcome);
      return definition.init(argument, context);
    },
  };
}

/**
 * A supervisor's child that holds the key from the end of its start to its own: for supervisors, and for agents that
 * live elsewhere. For an agent of this thread name its definition: then it has the name in `init`.
 */
export function namedChild<A, V, K>(registry: Registry<V, K>, key: K, spec: ChildSpec<A>): ChildSpec<A> {
  return {
    ...spec,
    start: (context, argument) =>
      whenReady<Started, Started>(spec.start(context, argument), (started) => {
        if (started === ignore) return started;
        const { child, info } = started as { readonly child: Child; readonly info?: unknown };
        const outcome = registry.register(key, info instanceof Ref ? info : child);
        if (outcome.ok) return started;
        child.exit(killed);
        throw refusal(key, outcome);
      }),
  };
}

function refusal(key: unknown, outcome: Extract<RegisterOutcome, { readonly ok: false }>): AgentError {
  return outcome.reason === "taken"
    ? new AgentError("name_taken", `the name ${String(key)} is held by ${outcome.holder.name ?? outcome.holder.pid}`)
    : new AgentError("start_aborted", `the start of ${String(key)} was called off`);
}
