import type { Pid } from "./agent.ts";
import type { Watcher } from "./agent-cell.ts";
import type { ExitReason } from "./exit-reason.ts";
import type { AgentRuntime } from "./runtime.ts";
import { watchNobody, Watches } from "./watches.ts";

/** The end of something that is supervised, and who hears of it: each watcher once, the owner last. */
export class Life {
  readonly pid: Pid;
  readonly #runtime: AgentRuntime;
  readonly #watches = new Watches();
  #owner: Watcher | undefined;
  #reason: ExitReason | undefined;

  constructor(runtime: AgentRuntime, pid: Pid) {
    this.#runtime = runtime;
    this.pid = pid;
  }

  /** Why it ended; `undefined` while it lives. */
  get reason(): ExitReason | undefined {
    return this.#reason;
  }

  watch(watcher: Watcher): Disposable {
    return this.#reason === undefined ? this.#watches.add(watcher) : watchNobody(this.#runtime, watcher, this.pid);
  }

  /** See `Child`. */
  own(owner: Watcher): void {
    if (this.#reason === undefined) this.#owner = owner;
    else owner(this.#reason, this.pid);
  }

  end(reason: ExitReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#runtime.forget(this.pid);
    this.#watches.tell(this.#runtime, reason, this.pid);
    this.#owner?.(reason, this.pid);
  }
}
