import type { AgentDefinition, Pid } from "../agent.ts";
import { agentStart } from "./agent-start.ts";
import type { Watcher } from "../agent-cell.ts";
import { startChild } from "./child-life.ts";
import type { StartOutcome } from "./child-life.ts";
import { completeFlags, completeSpec } from "./child-spec.ts";
import type { Child, ChildSpec, CompleteSpec, SupervisorFlags } from "./child-spec.ts";
import { endOf, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Place } from "./place.ts";
import { endsSupervisor, exitDecision } from "./restart-decision.ts";
import type { ChildCount, StartedChild, SupervisorOptions } from "./supervisor.ts";
import { stopChildren } from "./stop-children.ts";
import { SupervisorCore } from "./supervisor-core.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { adopt } from "../swap/custodian.ts";
import type { Custodian } from "../swap/custodian.ts";
import type { SwapOptions, SwapResult } from "../swap/swap-result.ts";
import { whenReady } from "../when-ready.ts";

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
  readonly #core: SupervisorCore;
  readonly #entries = new Map<Pid, Entry>();
  #flags: SupervisorFlags;
  #template: CompleteSpec;
  #leaving: readonly Place[] = [];

  /** Throws `SpecError` for a faulty definition. */
  constructor(definition: DynamicSupervisorDefinition<A>, { runtime }: SupervisorOptions) {
    this.#flags = completeFlags(definition);
    this.#template = completeSpec(definition.template, this.#flags.autoShutdown) as CompleteSpec;
    this.#core = new SupervisorCore(definition.name ?? "dynamic supervisor", runtime, {
      stopChildren: () => {
        const places = [...this.#entries.values()].map(({ place }) => place);
        this.#entries.clear();
        return this.#stopAll(places);
      },
      killChildren: () => {
        for (const { place } of this.#entries.values()) place.kill();
        for (const place of this.#leaving) place.kill();
      },
    });
    runtime.report({ type: "supervisor_started", pid: this.pid, supervisor: this.name });
  }

  get name(): string {
    return this.#core.name;
  }

  get pid(): Pid {
    return this.#core.pid;
  }

  get isAlive(): boolean {
    return this.#core.isAlive;
  }

  watch(watcher: Watcher): Disposable {
    return this.#core.watch(watcher);
  }

  own(owner: Watcher): void {
    this.#core.own(owner);
  }

  exit(reason: ExitReason): void {
    this.#core.exit(reason);
  }

  /** Ends all children at once, each in the time it has, then itself. */
  stop(reason: ExitReason = shutdown): Promise<void> {
    return this.#core.stop(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Starts one child. Rejects with `SupervisorError`: `start_failed`, `max_children`, `noproc`. */
  startChild(argument: A): Promise<StartedChild> {
    return this.#core.administer(() => {
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
    return this.#core.administer(async () => {
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
    const { result } = await this.#core.administer(async () => {
      const entry = this.#entries.get(pid);
      if (entry === undefined) throw this.#notFound(pid);
      const replaced = await this.#core.swaps.replace(entry.place.child, next, options);
      if (replaced.ok) {
        this.#entries.delete(pid);
        entry.place.fill(replaced.next);
        entry.pid = replaced.next.pid;
        entry.start = agentStart(next, options.argument as T);
        this.#entries.set(entry.pid, entry);
      }
      return { result: this.#core.swaps.retire<M>(replaced, this.#template.shutdownMs, options) };
    });
    return result;
  }

  whichChildren(): Promise<DynamicChildInfo[]> {
    return this.#core.administer(() =>
      [...this.#entries.values()].map(({ pid, place: { child } }) => ({
        pid,
        child,
        status: child === undefined ? ("restarting" as const) : ("running" as const),
      })),
    );
  }

  countChildren(): Promise<ChildCount> {
    return this.#core.administer(() => {
      const { size } = this.#entries;
      const active = [...this.#entries.values()].filter(({ place }) => place.child !== undefined).length;
      const isSupervisor = this.#template.type === "supervisor";
      return { specs: 1, active, supervisors: isSupervisor ? size : 0, workers: isSupervisor ? 0 : size };
    });
  }

  /** How a child is started, restarted and stopped. Rejects with `not_found` for a pid that is not among them. */
  childSpec(pid: Pid): Promise<CompleteSpec> {
    return this.#core.administer(() => {
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
    return this.#core.administer(() => {
      const flags = completeFlags(definition);
      this.#template = completeSpec(definition.template, flags.autoShutdown) as CompleteSpec;
      this.#flags = flags;
    });
  }

  readonly #onDown: Watcher = (reason, pid) => {
    if (this.#core.ending.aborted) return;
    void this.#core.do(() => this.#childDown(pid, endOf(reason)));
  };

  #startEntry(entry: Entry, argument: unknown): StartOutcome | Promise<StartOutcome> {
    const outcome = startChild(this.#core.runtime, this.#specOf(entry), argument, this.#core.ending, this.#onDown);
    return whenReady(outcome, (came) => this.#enter(entry, came));
  }

  #specOf({ start }: Entry): CompleteSpec {
    return start === undefined ? this.#template : { ...this.#template, start };
  }

  #enter(entry: Entry, outcome: StartOutcome): StartOutcome {
    const { name: supervisor } = this;
    const { id } = this.#template;
    if (!outcome.ok) {
      this.#core.runtime.report({ type: "child_start_failed", supervisor, child: id, error: outcome.error });
      return outcome;
    }
    const { child } = outcome;
    this.#entries.delete(entry.pid);
    entry.place.fill(child);
    if (child !== undefined) {
      adopt(child, this);
      entry.pid = child.pid;
      this.#entries.set(entry.pid, entry);
      this.#core.runtime.report({ type: "child_started", pid: entry.pid, supervisor, child: id });
      // Killed meanwhile: nobody else will end it.
      if (!this.isAlive) entry.place.kill();
    }
    return outcome;
  }

  #childDown(pid: Pid, reason: ExitReason): void | Promise<void> {
    const entry = this.#entries.get(pid);
    if (entry?.place.child === undefined || this.#core.ending.aborted) return;
    entry.place.clear();
    const child = this.#template.id;
    this.#core.runtime.report({ type: "child_exited", pid, supervisor: this.name, child, reason });
    if (exitDecision(this.#template, reason) === "restart") return this.#restart(entry);
    this.#entries.delete(pid);
    if (endsSupervisor(this.#template, this.#flags.autoShutdown, this.#entries.size)) return this.#core.end(shutdown);
  }

  #restart(entry: Entry): void | Promise<void> {
    const delayMs = this.#core.restartDelay(this.#flags, this.#template.id);
    if (delayMs === undefined) {
      this.#entries.delete(entry.pid);
      return this.#core.end(shutdown);
    }
    if (delayMs > 0) this.#core.later(entry.place, delayMs, () => this.#restartNow(entry));
    else return this.#restartNow(entry);
  }

  #restartNow(entry: Entry): void | Promise<void> {
    return whenReady(this.#startEntry(entry, entry.argument), (outcome) => {
      if (!outcome.ok) this.#core.later(entry.place, 0, () => this.#restart(entry));
      else if (outcome.child !== undefined)
        this.#core.runtime.report({ type: "child_restarted", supervisor: this.name, child: this.#template.id });
    });
  }

  /** Ends them all at once; a kill of the supervisor meanwhile reaches them. */
  async #stopAll(places: readonly Place[]): Promise<void> {
    const children = places.flatMap(({ child }) => child ?? []);
    for (const place of places) place.leave();
    this.#leaving = places;
    await stopChildren(this.#core.runtime, children, this.#template.shutdownMs, (child, reason) =>
      this.#core.runtime.report({
        type: "child_stopped",
        pid: child.pid,
        supervisor: this.name,
        child: this.#template.id,
        reason,
      }),
    );
    this.#leaving = [];
  }

  #notFound(pid: Pid): SupervisorError {
    return new SupervisorError("not_found", `${this.name} has no child ${pid}`);
  }
}
