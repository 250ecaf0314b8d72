import type { AgentCell } from "./agent-cell.ts";
import type { Pid } from "./agent.ts";
import type { Deadline } from "./deadlines.ts";
import type { DownReason } from "./exit-reason.ts";
import { Notice } from "./inbox.ts";
import type { Ref } from "./ref.ts";

/** What one agent has asked to be told of: the ends of others, a time without messages. It ends with the agent. */
export class Attention<M> {
  readonly #cell: AgentCell<unknown, M>;
  readonly #monitors = new Set<Disposable>();
  #quiet: Deadline | undefined;

  constructor(cell: AgentCell<unknown, M>) {
    this.#cell = cell;
  }

  /** Disposing takes back what has come and not been handled, too. */
  monitor(ref: Ref<never>, toMessage: (reason: DownReason, pid: Pid) => M): Disposable {
    let notice: Notice | undefined;
    const watch = ref.monitor((reason, pid) => {
      this.#monitors.delete(watch);
      notice = new Notice(toMessage(reason, pid));
      if (this.#cell.isAlive) this.#cell.deliver(notice);
    });
    this.#monitors.add(watch);
    return {
      [Symbol.dispose]: () => {
        watch[Symbol.dispose]();
        this.#monitors.delete(watch);
        if (notice !== undefined) notice.isCancelled = true;
      },
    };
  }

  whenQuiet(ms: number, message: M): void {
    this.disturb();
    this.#quiet = { settled: false, expire: () => this.#cell.isAlive && this.#cell.deliver(new Notice(message)) };
    this.#cell.runtime.deadlines.add(ms, this.#quiet);
  }

  /** A message has come. */
  disturb(): void {
    if (this.#quiet === undefined) return;
    this.#quiet.settled = true;
    this.#quiet = undefined;
  }

  end(): void {
    this.disturb();
    for (const monitor of this.#monitors) monitor[Symbol.dispose]();
    this.#monitors.clear();
  }
}
