import type { AgentDefinition, Pid } from "./agent.ts";
import { agentStart } from "./agent-start.ts";
import type { Watcher } from "./agent-cell.ts";
import { startChild } from "./child-life.ts";
import type { StartOutcome } from "./child-life.ts";
import { completeFlags, completeSpec } from "./child-spec.ts";
import type { Child, ChildSpec, CompleteSpec, SupervisorFlags } from "./child-spec.ts";
import { endOf, killed, reasonText, shutdown } from "./exit-reason.ts";
import type { ExitReason } from "./exit-reason.ts";
import { Life } from "./life.ts";
import { Operations } from "./operations.ts";
import { Place } from "./place.ts";
import { endsSupervisor, exitDecision, RestartWindow } from "./restart-decision.ts";
import type { AgentRuntime } from "./runtime.ts";
import type { ChildCount, StartedChild, SupervisorOptions } from "./supervisor.ts";
import { stopChildren } from "./stop-children.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { ChildSwaps } from "./swap/child-swaps.ts";
import { adopt } from "./swap/custodian.ts";
import type { Custodian } from "./swap/custodian.ts";
import type { SwapOptions, SwapResult } from "./swap/swap-result.ts";
import { whenReady } from "./when-ready.ts";

/** How the children of a dynamic supervisor are made: one template, and an argument for each. */
export interface DynamicSupervisorDefinition<A> extends Partial<Omit<SupervisorFlags, "strategy">> {
  readonly name?: string;
  readonly template: ChildSpec<A>;
}

interface Entry {
  /** Of the incarnation that runs, or that ran last. */
  pid: Pid;
  readonly place: Place;
  /** Not kept for temporary children: nobody starts them again. */
  readonly argument: unknown;
  /** How it is started since it was swapped, instead of what the template says. */
  start?: CompleteSpec["start"];
}

/** A child that is started by its argument and known by its pid. */
export interface DynamicChildInfo {
  readonly pid: Pid;
  readonly child: Child | undefined;
  readonly status: "running" | "restarting";
}

/**
 * Children of one kind that come and go, one for one, without an order: they are ended all at once. Starting and ending
 * one costs the same however many there are.
 */
export class DynamicSupervisor<A = void> implements Child, Custodian, AsyncDisposable {
  readonly name: string;
  readonly #runtime: AgentRuntime;
  readonly #life: Life;
  readonly #operations = new Operations();
  readonly #ending = new AbortController();
  readonly #swaps = new ChildSwaps(this.#ending.signal);
  readonly #entries = new Map<Pid, Entry>();
  #flags: SupervisorFlags;
  #template: CompleteSpec;
  readonly #restarts = new RestartWindow();
  #leaving: readonly Place[] = [];
  #ended: Promise<void> | undefined;

  /** Throws `SpecError` for a faulty definition. */
  constructor(definition: DynamicSupervisorDefinition<A>, { runtime }: SupervisorOptions) {
    this.name = definition.name ?? "dynamic supervisor";
    this.#runtime = runtime;
    this.#flags = completeFlags(definition);
    this.#template = completeSpec(definition.template, this.#flags.autoShutdown) as CompleteSpec;
    this.#life = new Life(runtime, runtime.mintPid());
    runtime.report({ type: "supervisor_started", pid: this.pid, supervisor: this.name });
  }

  get pid(): Pid {
    return this.#life.pid;
  }

  get isAlive(): boolean {
    return this.#life.reason === undefined;
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

  /** Ends all children at once, each in the time it has, then itself. */
  stop(reason: ExitReason = shutdown): Promise<void> {
    this.#ending.abort(reason);
    this.#ended ??= this.#operations.do(() => this.#end(reason));
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Starts one child. Rejects with `SupervisorError`: `start_failed`, `max_children`, `noproc`. */
  startChild(argument: A): Promise<StartedChild> {
    return this.#administer(() => {
      const { maxChildren } = this.#flags;
      if (this.#entries.size >= maxChildren)
        throw new SupervisorError("max_children", `${this.name} has ${maxChildren} children, and may not have more`);
      const isKept = this.#template.restart !== "temporary";
      const entry: Entry = { pid: 0 as Pid, place: new Place(), argument: isKept ? argument : undefined };
      return whenReady(this.#startEntry(entry, argument), (outcome) => {
        if (outcome.ok)
          return outcome.info === undefined ? { child: outcome.child } : { child: outcome.child, info: outcome.info };
        throw new SupervisorError("start_failed", `${this.name}: a child did not start`, { cause: outcome.error });
      });
    });
  }

  /**
   * Ends a child for good, by its pid or itself. Rejects with `not_found` for what is not among its children, unless it
   * is a child that has ended.
   */
  terminateChild(which: Pid | Child): Promise<void> {
    return this.#administer(async () => {
      const pid = typeof which === "number" ? which : which.pid;
      const entry = this.#entries.get(pid);
      if (entry === undefined) {
        if (typeof which === "number" || which.isAlive !== false) throw this.#notFound(pid);
        return;
      }
      this.#entries.delete(pid);
      await this.#stopAll([entry.place]);
    });
  }

  /**
   * Replaces a running agent by its next version, as `swap` does, and starts that one from then on; the others stay as
   * they are. Rejects with `not_found`.
   */
  async swapChild<S, M, T = void>(
    pid: Pid,
    next: AgentDefinition<S, M, T>,
    options: SwapOptions<M, T> = {},
  ): Promise<SwapResult<M>> {
    const { result } = await this.#administer(async () => {
      const entry = this.#entries.get(pid);
      if (entry === undefined) throw this.#notFound(pid);
      const replaced = await this.#swaps.replace(entry.place.child, next, options);
      if (replaced.ok) {
        this.#entries.delete(pid);
        entry.place.fill(replaced.next);
        entry.pid = replaced.next.pid;
        entry.start = agentStart(next, options.argument as T);
        this.#entries.set(entry.pid, entry);
      }
      return { result: this.#swaps.retire<M>(replaced, this.#template.shutdownMs, options) };
    });
    return result;
  }

  whichChildren(): Promise<DynamicChildInfo[]> {
    return this.#administer(() =>
      [...this.#entries.values()].map(({ pid, place: { child } }) => ({
        pid,
        child,
        status: child === undefined ? ("restarting" as const) : ("running" as const),
      })),
    );
  }

  countChildren(): Promise<ChildCount> {
    return this.#administer(() => {
      const { size } = this.#entries;
      const active = [...this.#entries.values()].filter(({ place }) => place.child !== undefined).length;
      const isSupervisor = this.#template.type === "supervisor";
      return { specs: 1, active, supervisors: isSupervisor ? size : 0, workers: isSupervisor ? 0 : size };
    });
  }

  /** How a child is started, restarted and stopped. Rejects with `not_found` for a pid that is not among them. */
  childSpec(pid: Pid): Promise<CompleteSpec> {
    return this.#administer(() => {
      const entry = this.#entries.get(pid);
      if (entry === undefined) throw this.#notFound(pid);
      return this.#specOf(entry);
    });
  }

  /** The template with everything said. */
  get template(): CompleteSpec {
    return this.#template;
  }

  /** Takes new flags and a new template while it runs: they count from the next start on. */
  change(definition: DynamicSupervisorDefinition<A>): Promise<void> {
    return this.#administer(() => {
      const flags = completeFlags(definition);
      this.#template = completeSpec(definition.template, flags.autoShutdown) as CompleteSpec;
      this.#flags = flags;
    });
  }

  readonly #onDown: Watcher = (reason, pid) => {
    if (this.#ending.signal.aborted) return;
    void this.#operations.do(() => this.#childDown(pid, endOf(reason)));
  };

  #startEntry(entry: Entry, argument: unknown): StartOutcome | Promise<StartOutcome> {
    const outcome = startChild(this.#runtime, this.#specOf(entry), argument, this.#ending.signal, this.#onDown);
    return whenReady(outcome, (came) => this.#enter(entry, came));
  }

  #specOf({ start }: Entry): CompleteSpec {
    return start === undefined ? this.#template : { ...this.#template, start };
  }

  #enter(entry: Entry, outcome: StartOutcome): StartOutcome {
    const { name: supervisor } = this;
    const { id } = this.#template;
    if (!outcome.ok) {
      this.#runtime.report({ type: "child_start_failed", supervisor, child: id, error: outcome.error });
      return outcome;
    }
    const { child } = outcome;
    this.#entries.delete(entry.pid);
    entry.place.fill(child);
    if (child !== undefined) {
      adopt(child, this);
      entry.pid = child.pid;
      this.#entries.set(entry.pid, entry);
      this.#runtime.report({ type: "child_started", pid: entry.pid, supervisor, child: id });
      // Killed meanwhile: nobody else will end it.
      if (!this.isAlive) entry.place.kill();
    }
    return outcome;
  }

  #childDown(pid: Pid, reason: ExitReason): void | Promise<void> {
    const entry = this.#entries.get(pid);
    if (entry?.place.child === undefined || this.#isEnding) return;
    entry.place.clear();
    const child = this.#template.id;
    this.#runtime.report({ type: "child_exited", pid, supervisor: this.name, child, reason });
    if (exitDecision(this.#template, reason) === "restart") return this.#restart(entry);
    this.#entries.delete(pid);
    if (endsSupervisor(this.#template, this.#flags.autoShutdown, this.#entries.size)) return this.#end(shutdown);
  }

  #restart(entry: Entry): void | Promise<void> {
    const { intensity, periodMs, backoffMs } = this.#flags;
    const restarts = this.#restarts.count(this.#runtime.clock.now(), periodMs);
    if (restarts > intensity) {
      const child = this.#template.id;
      this.#runtime.report({ type: "supervisor_gave_up", supervisor: this.name, child, intensity, periodMs });
      this.#entries.delete(entry.pid);
      return this.#end(shutdown);
    }
    const delayMs = backoffMs?.(restarts) ?? 0;
    if (delayMs > 0) this.#later(entry, delayMs, () => this.#restartNow(entry));
    else return this.#restartNow(entry);
  }

  #restartNow(entry: Entry): void | Promise<void> {
    return whenReady(this.#startEntry(entry, entry.argument), (outcome) => {
      if (!outcome.ok) this.#later(entry, 0, () => this.#restart(entry));
      else if (outcome.child !== undefined)
        this.#runtime.report({ type: "child_restarted", supervisor: this.name, child: this.#template.id });
    });
  }

  #later({ place }: Entry, delayMs: number, restart: () => void | Promise<void>): void {
    place.retry(this.#runtime, delayMs, (isWanted) => {
      void this.#operations.do(() => (isWanted() && !this.#isEnding ? restart() : undefined));
    });
  }

  async #end(reason: ExitReason): Promise<void> {
    if (!this.isAlive) return;
    this.#ending.abort(reason);
    const places = [...this.#entries.values()].map(({ place }) => place);
    this.#entries.clear();
    await this.#stopAll(places);
    if (this.#swaps.isRetiring) await this.#swaps.ended();
    this.#close(reason);
  }

  /** Ends them all at once; a kill of the supervisor meanwhile reaches them. */
  async #stopAll(places: readonly Place[]): Promise<void> {
    const children = places.flatMap(({ child }) => child ?? []);
    for (const place of places) place.leave();
    this.#leaving = places;
    await stopChildren(this.#runtime, children, this.#template.shutdownMs, (child, reason) =>
      this.#runtime.report({
        type: "child_stopped",
        pid: child.pid,
        supervisor: this.name,
        child: this.#template.id,
        reason,
      }),
    );
    this.#leaving = [];
  }

  #kill(): void {
    this.#ending.abort(killed);
    for (const { place } of this.#entries.values()) place.kill();
    for (const place of this.#leaving) place.kill();
    this.#swaps.kill();
    this.#close(killed);
  }

  #close(reason: ExitReason): void {
    if (!this.isAlive) return;
    this.#runtime.report({ type: "supervisor_exited", pid: this.pid, supervisor: this.name, reason });
    this.#life.end(reason);
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  #administer<T>(operation: () => T | Promise<T>): Promise<T> {
    if (this.#isEnding) return Promise.reject(this.#gone());
    return this.#runtime.outside(() =>
      this.#operations.do(() => {
        if (this.#isEnding) throw this.#gone();
        return operation();
      }),
    );
  }

  #gone(): SupervisorError {
    const { reason } = this.#life;
    return new SupervisorError(
      "noproc",
      `${this.name} ${reason === undefined ? "is ending" : `has ended (${reasonText(reason)})`}`,
    );
  }

  #notFound(pid: Pid): SupervisorError {
    return new SupervisorError("not_found", `${this.name} has no child ${pid}`);
  }
}
