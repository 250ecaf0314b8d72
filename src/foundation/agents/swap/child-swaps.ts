import { agent } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import type { AgentCell } from "../agent-cell.ts";
import { AgentError } from "../call.ts";
import type { Child, Shutdown } from "../supervisors/child-spec.ts";
import { killed } from "../exit-reason.ts";
import type { Ref } from "../ref.ts";
import { agentOf } from "./custodian.ts";
import { replaceAgent } from "./replacement.ts";
import type { Replacement } from "./replacement.ts";
import { retire } from "./retirement.ts";
import type { SwapOptions, SwapResult } from "./swap-result.ts";

/** The swaps of a supervisor's children, and the old versions that it has yet to see off. */
export class ChildSwaps {
  readonly #ending: AbortSignal;
  readonly #retiring = new Map<AgentCell, Promise<unknown>>();

  /** `ending` aborts when the supervisor is told to end: no swap outlasts it. */
  constructor(ending: AbortSignal) {
    this.#ending = ending;
  }

  /** Never rejects, but for a faulty definition. */
  async replace<S, M, A>(
    child: Child | undefined,
    next: AgentDefinition<S, M, A>,
    options: SwapOptions<M, A>,
  ): Promise<Replacement> {
    agent(next);
    const { self } = agentOf(child) ?? {};
    if (self === undefined)
      return { ok: false, step: "start", error: new AgentError("noproc", "the child is no agent that runs here") };
    const signal = options.signal === undefined ? this.#ending : AbortSignal.any([options.signal, this.#ending]);
    return replaceAgent(self as Ref<M>, next, { ...options, signal });
  }

  /** Sees the old version off. */
  async retire<M>(
    replaced: Replacement,
    shutdownMs: Shutdown,
    { drainMs, signal }: Pick<SwapOptions<M>, "drainMs" | "signal">,
  ): Promise<SwapResult<M>> {
    if (!replaced.ok) return replaced;
    const { old, next } = replaced;
    const retiring = retire(old, next, { drainMs, shutdownMs, signals: [signal, this.#ending] });
    this.#retiring.set(old, retiring);
    const isDrained = await retiring;
    this.#retiring.delete(old);
    return { ok: true, ref: old.self, pid: next.pid, isDrained };
  }

  get isRetiring(): boolean {
    return this.#retiring.size > 0;
  }

  /** Resolves when all old versions have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#retiring.values());
  }

  kill(): void {
    for (const old of this.#retiring.keys()) old.exit(killed);
  }
}
