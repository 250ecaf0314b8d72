import type { Pid } from "../agent.ts";
import type { AgentCell, Watcher } from "../agent-cell.ts";
import { AgentError } from "../call.ts";
import { killed, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Life } from "../life.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime, StartOptions } from "../runtime.ts";
import type { AgentHost } from "./agent-host.ts";
import { importAgent } from "./agent-module.ts";
import type { AgentModule } from "./agent-module.ts";
import { PlaceHost } from "./place.ts";
import type { Place } from "./place.ts";

export interface InlineHostOptions {
  readonly runtime: AgentRuntime;
  /** How long the agents may take to end when the host is disposed of; 5,000 unless told. */
  readonly graceMs?: number;
}

/** Agents in this thread: for work that waits more than it computes. Messages are passed as they are, not cloned. */
export function inlineHost({ runtime, graceMs = 5000 }: InlineHostOptions): AgentHost {
  return new PlaceHost(() => new InlinePlace(runtime), { runtime, graceMs });
}

/** The agents of one host in this thread. */
class InlinePlace implements Place {
  readonly id = undefined;
  readonly gone: Promise<void>;
  readonly #runtime: AgentRuntime;
  readonly #life: Life;
  readonly #agents = new Set<AgentCell>();
  readonly #left: () => void;
  #stopReason: ExitReason | undefined;

  constructor(runtime: AgentRuntime) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#left = resolve;
    this.#runtime = runtime;
    this.#life = new Life(runtime, runtime.mintPid());
  }

  get pid(): Pid {
    return this.#life.pid;
  }

  get isAlive(): boolean {
    return this.#life.reason === undefined;
  }

  get isOpen(): boolean {
    return this.isAlive && this.#stopReason === undefined;
  }

  watch(watcher: Watcher): Disposable {
    return this.#life.watch(watcher);
  }

  own(owner: Watcher): void {
    this.#life.own(owner);
  }

  async start<M, A>(module: AgentModule<M, A>, argument: A, options: StartOptions): Promise<Ref<M> | undefined> {
    const definition = await importAgent(module).catch((cause: unknown) => {
      throw new AgentError("start_failed", `agent ${module.export} did not start`, { cause });
    });
    const ref = await this.#runtime.start(definition, argument, options);
    if (ref !== undefined) this.#admit(ref.cell);
    return ref;
  }

  exit(reason: ExitReason): void {
    this.#stopReason ??= reason;
    if (reason.kind === "killed") this.#end(killed);
    else if (this.#agents.size === 0) this.#end(reason);
    for (const cell of this.#agents) cell.exit(reason.kind === "killed" ? killed : shutdown);
  }

  #admit(cell: AgentCell): void {
    if (!this.isOpen) cell.exit(killed);
    if (!cell.isAlive) return;
    this.#agents.add(cell);
    cell.watch(() => {
      this.#agents.delete(cell);
      if (this.#stopReason !== undefined && this.#agents.size === 0) this.#end(this.#stopReason);
    });
  }

  #end(reason: ExitReason): void {
    this.#life.end(reason);
    this.#left();
  }
}
