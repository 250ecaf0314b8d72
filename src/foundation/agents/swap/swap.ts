import { agent } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import { AgentError } from "../call.ts";
import type { Ref } from "../ref.ts";
import { replaceAgent } from "./replacement.ts";
import { retire } from "./retirement.ts";
import type { SwapFailure, SwapOptions, SwapResult } from "./swap-result.ts";

/**
 * Replaces a running agent by the next version under the same address, and resolves when the old one has ended: start,
 * check, switch of the route, drain of the old one, end. Every call has one outcome, by one of the two. A failure up to
 * the switch leaves the old one serving, and is the answer.
 *
 * - Without `migrate` the two overlap: new messages go to the next version at once, and the old one finishes those it
 *   has. States have nothing to do with each other.
 * - With `migrate` they do not: the old one finishes the message at hand, then its state and what waits go over. Only
 *   calls that it had put off with `replyLater` are still its own to answer.
 *
 * Monitors and links of others follow the address. What the old version had set up itself (monitors, timers) ends with
 * it: `init` and `migrate` of the next set up their own. A supervised agent is swapped by its supervisor, which from
 * then on restarts the next version.
 */
export async function swap<S, M, A = void>(
  ref: Ref<M>,
  next: AgentDefinition<S, M, A>,
  options: SwapOptions<M, A> = {},
): Promise<SwapResult<M>> {
  agent(next);
  const { cell } = ref;
  if (cell.runtime.current === cell) return ownSwap(cell.definition.name);
  if (cell.custodian === undefined) return swapAlone(ref, next, options);
  try {
    const result = await cell.custodian.swapChild(cell.pid, next, options);
    return result.ok ? { ...result, ref } : result;
  } catch (error) {
    // The supervisor has ended, or no longer has this incarnation.
    cell.runtime.report({ type: "swap_failed", pid: cell.pid, agent: next.name, step: "start", error });
    return { ok: false, step: "start", error };
  }
}

async function swapAlone<S, M, A>(
  ref: Ref<M>,
  definition: AgentDefinition<S, M, A>,
  options: SwapOptions<M, A>,
): Promise<SwapResult<M>> {
  const replaced = await replaceAgent(ref, definition, options);
  if (!replaced.ok) return replaced;
  const { old, next } = replaced;
  const { drainMs, signal } = options;
  const isDrained = await retire(old, next, { drainMs, shutdownMs: 5000, signals: [signal] });
  return { ok: true, ref, pid: next.pid, isDrained };
}

function ownSwap(name: string): SwapFailure {
  const error = new AgentError("calling_self", `agent ${name} cannot wait for its own swap`);
  return { ok: false, step: "start", error };
}
