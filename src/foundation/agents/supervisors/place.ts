import type { Child, Shutdown } from "./child-spec.ts";
import { stopChild } from "./child-life.ts";
import type { DownReason } from "../exit-reason.ts";
import { killed } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";

/** One child's place under a supervisor: who is in it, if anybody, and whether somebody will be soon. */
export class Place {
  #child: Child | undefined;
  #leaving: Child | undefined;
  #retry: AbortController | undefined;

  get child(): Child | undefined {
    return this.#child;
  }

  get status(): "running" | "restarting" | "down" {
    if (this.#child !== undefined) return "running";
    return this.#retry === undefined ? "down" : "restarting";
  }

  /** Somebody is in it, or nobody who had anything to do. */
  fill(child: Child | undefined): void {
    this.#cancelRetry();
    this.#child = child;
  }

  /** Whoever is in it has ended, or nobody else will come. */
  clear(): void {
    this.fill(undefined);
  }

  /** Ends whoever is in it, and resolves with the reason; with `undefined` when nobody was. */
  async stop(runtime: AgentRuntime, how: Shutdown): Promise<DownReason | undefined> {
    const child = this.#child;
    this.leave();
    if (child === undefined) return undefined;
    const reason = await stopChild(runtime, child, how);
    this.#leaving = undefined;
    return reason;
  }

  /** Whoever is in it is on the way out. */
  leave(): void {
    const child = this.#child;
    this.clear();
    this.#leaving = child;
  }

  /** Ends at once whoever is in it or on the way out. */
  kill(): void {
    const present = this.#child ?? this.#leaving;
    this.clear();
    present?.exit(killed);
  }

  /**
   * Tries again later, in another turn of the event loop at least, unless something else is done with the place first:
   * the attempt has to ask again when its turn comes.
   */
  retry({ clock }: AgentRuntime, delayMs: number, attempt: (isWanted: () => boolean) => void): void {
    this.clear();
    const retry = new AbortController();
    this.#retry = retry;
    const isWanted = (): boolean => this.#retry === retry;
    const begin = (): void => {
      if (isWanted()) attempt(isWanted);
    };
    if (delayMs > 0) clock.sleep(delayMs, { signal: retry.signal }).then(begin, () => {});
    else setImmediate(begin);
  }

  #cancelRetry(): void {
    this.#retry?.abort();
    this.#retry = undefined;
  }
}
