import type { Pid } from "../agent.ts";
import type { Watcher } from "../agent-cell.ts";
import type { SupervisorFlags } from "./child-spec.ts";
import { killed, reasonText, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Life } from "../life.ts";
import { Operations } from "./operations.ts";
import type { Place } from "./place.ts";
import { RestartWindow } from "./restart-decision.ts";
import type { AgentRuntime } from "../runtime.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { ChildSwaps } from "../swap/child-swaps.ts";

/** How a kind of supervisor ends its children. */
export interface Household {
  /** Each in the time it has. */
  stopChildren(): Promise<void>;
  /** At once, also those on the way out. */
  killChildren(): void;
}

/**
 * What supervisors of every kind are made of: a life that others watch, one operation at a time, an end that only a kill
 * overtakes, and the count of restarts.
 */
export class SupervisorCore {
  readonly name: string;
  readonly runtime: AgentRuntime;
  readonly swaps: ChildSwaps;
  readonly #household: Household;
  readonly #life: Life;
  readonly #operations = new Operations();
  readonly #ending = new AbortController();
  readonly #restarts = new RestartWindow();
  #ended: Promise<void> | undefined;

  constructor(name: string, runtime: AgentRuntime, household: Household) {
    this.name = name;
    this.runtime = runtime;
    this.swaps = new ChildSwaps(this.#ending.signal);
    this.#household = household;
    this.#life = new Life(runtime, runtime.mintPid());
  }

  get pid(): Pid {
    return this.#life.pid;
  }

  get isAlive(): boolean {
    return this.#life.reason === undefined;
  }

  /** Aborts when it begins to end. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  watch(watcher: Watcher): Disposable {
    return this.#life.watch(watcher);
  }

  own(owner: Watcher): void {
    this.#life.own(owner);
  }

  exit(reason: ExitReason): void {
    if (reason.kind === "killed") this.#kill();
    else void this.stop(reason);
  }

  stop(reason: ExitReason): Promise<void> {
    this.#ending.abort(reason);
    this.#ended ??= this.do(() => this.end(reason));
    return this.#ended;
  }

  /** Calls off the start that is under way. */
  callOff(reason: ExitReason | undefined): void {
    if (reason?.kind === "killed") this.#kill();
    else this.#ending.abort(shutdown);
  }

  /** Ends within the operation at hand. */
  async end(reason: ExitReason): Promise<void> {
    if (!this.isAlive) return;
    this.#ending.abort(reason);
    await this.#household.stopChildren();
    if (this.swaps.isRetiring) await this.swaps.ended();
    this.#close(reason);
  }

  #kill(): void {
    this.#ending.abort(killed);
    this.#household.killChildren();
    this.swaps.kill();
    this.#close(killed);
  }

  #close(reason: ExitReason): void {
    if (!this.isAlive) return;
    this.runtime.report({ type: "supervisor_exited", pid: this.pid, supervisor: this.name, reason });
    this.#life.end(reason);
  }

  /** Does the operation after those before it. */
  do<T>(operation: () => T | Promise<T>): Promise<T> {
    return this.#operations.do(operation);
  }

  /** Does what somebody asked for, as no agent's code. Rejects with `noproc` once it ends. */
  administer<T>(operation: () => T | Promise<T>): Promise<T> {
    if (this.ending.aborted) return Promise.reject(this.#gone());
    return this.runtime.outside(() =>
      this.do(() => {
        if (this.ending.aborted) throw this.#gone();
        return operation();
      }),
    );
  }

  /** Counts a restart. Answers after how many milliseconds it may be; `undefined`: too many, it gives up. */
  restartDelay({ intensity, periodMs, backoffMs }: SupervisorFlags, child: string): number | undefined {
    const restarts = this.#restarts.count(this.runtime.clock.now(), periodMs);
    if (restarts <= intensity) return backoffMs?.(restarts) ?? 0;
    this.runtime.report({ type: "supervisor_gave_up", supervisor: this.name, child, intensity, periodMs });
    return undefined;
  }

  /** Behind whatever is asked meanwhile: a stop or a termination comes first. */
  later(place: Place, delayMs: number, restart: () => void | Promise<void>): void {
    place.retry(this.runtime, delayMs, (isWanted) => {
      void this.do(() => (isWanted() && !this.ending.aborted ? restart() : undefined));
    });
  }

  #gone(): SupervisorError {
    const { reason } = this.#life;
    return new SupervisorError(
      "noproc",
      `${this.name} ${reason === undefined ? "is ending" : `has ended (${reasonText(reason)})`}`,
    );
  }
}
