import type { Pid } from "./agent.ts";
import type { Watcher } from "./agent-cell.ts";
import type { DownReason } from "./exit-reason.ts";
import type { AgentRuntime } from "./runtime.ts";

/** One who hears of an end, once, unless it is disposed before. */
class Watch implements Disposable {
  readonly watcher: Watcher;
  home: Watches | undefined;

  constructor(watcher: Watcher, home: Watches) {
    this.watcher = watcher;
    this.home = home;
  }

  [Symbol.dispose](): void {
    this.home?.drop(this);
    this.home = undefined;
  }
}

/** Those who hear of an end, in the order in which they began to watch. What one of them throws ends nobody. */
export class Watches {
  // Most agents have one watcher, their supervisor: a set for it would be a third of what an agent takes.
  #oldest: Watch | undefined;
  #others: Set<Watch> | undefined;

  add(watcher: Watcher): Disposable {
    const watch = new Watch(watcher, this);
    this.#take(watch);
    return watch;
  }

  #take(watch: Watch): void {
    if (this.#oldest === undefined && this.#others === undefined) this.#oldest = watch;
    else (this.#others ??= new Set()).add(watch);
  }

  drop(watch: Watch): void {
    if (this.#oldest === watch) this.#oldest = undefined;
    else if (this.#others?.delete(watch) === true && this.#others.size === 0) this.#others = undefined;
  }

  /** They watch another one from here on. */
  moveTo(other: Watches): void {
    for (const watch of [this.#oldest, ...(this.#others ?? [])]) {
      if (watch === undefined) continue;
      watch.home = other;
      other.#take(watch);
    }
    this.#oldest = this.#others = undefined;
  }

  tell(runtime: AgentRuntime, reason: DownReason, pid: Pid): void {
    const tellOne = (watch: Watch): void => {
      watch[Symbol.dispose]();
      runtime.protect(() => watch.watcher(reason, pid));
    };
    if (this.#oldest !== undefined) tellOne(this.#oldest);
    for (const watch of this.#others ?? []) tellOne(watch);
  }
}

/** For who begins to watch too late: hears soon that nobody is there. */
export function watchNobody(runtime: AgentRuntime, watcher: Watcher, pid: Pid): Disposable {
  const watches = new Watches();
  const watch = watches.add(watcher);
  queueMicrotask(() => watches.tell(runtime, { kind: "noproc" }, pid));
  return watch;
}
