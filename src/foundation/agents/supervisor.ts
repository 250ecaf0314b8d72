import { describe, isPlainObject } from "../json.ts";
import { ignore } from "./agent.ts";
import type { AgentDefinition, Ignore, Pid } from "./agent.ts";
import { agentStart } from "./agent-start.ts";
import type { Watcher } from "./agent-cell.ts";
import { startChild } from "./child-life.ts";
import type { StartOutcome } from "./child-life.ts";
import { completeFlags, completeSpec, completeSpecs, SpecError } from "./child-spec.ts";
import type { Child, ChildSpec, CompleteSpec, SupervisorFlags } from "./child-spec.ts";
import { endOf, killed, reasonText, shutdown } from "./exit-reason.ts";
import type { ExitReason } from "./exit-reason.ts";
import { Life } from "./life.ts";
import { Operations } from "./operations.ts";
import { Place } from "./place.ts";
import { endsSupervisor, exitDecision, restartPlan, RestartWindow } from "./restart-decision.ts";
import type { AgentRuntime } from "./runtime.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { ChildSwaps } from "./swap/child-swaps.ts";
import { adopt } from "./swap/custodian.ts";
import type { Custodian } from "./swap/custodian.ts";
import type { SwapOptions, SwapResult } from "./swap/swap-result.ts";

/** A supervisor as a value: how it restarts, and its children in the order of starting. */
export interface SupervisorDefinition extends Partial<Omit<SupervisorFlags, "maxChildren">> {
  readonly name?: string;
  readonly children: readonly ChildSpec[];
}

/** A definition, or a pure function that gives one each time; `ignore` means that there is nothing to supervise. */
export type SupervisorInit = SupervisorDefinition | (() => SupervisorDefinition | Ignore);

export interface SupervisorOptions {
  readonly runtime: AgentRuntime;
  readonly signal?: AbortSignal | undefined;
}

/** A child as others see it. */
export interface ChildInfo {
  readonly id: string;
  readonly child: Child | undefined;
  readonly status: "running" | "restarting" | "down";
  readonly type: "worker" | "supervisor";
}

export interface ChildCount {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** What starting a child by hand gives. `child` is `undefined` when it had nothing to do. */
export interface StartedChild {
  readonly child: Child | undefined;
  readonly info?: unknown;
}

interface Entry {
  spec: CompleteSpec;
  readonly place: Place;
}

/**
 * Starts its children in order, keeps them alive by OTP's rules, and ends them in reverse order before it ends itself.
 * Does one thing at a time; only the order to end calls off a start that is under way. When it gives up it ends with
 * `shutdown`: a parent restarts it only if it is a permanent child.
 */
export class Supervisor implements Child, Custodian, AsyncDisposable {
  readonly name: string;
  readonly #runtime: AgentRuntime;
  #init: (() => SupervisorDefinition | Ignore) | undefined;
  readonly #life: Life;
  readonly #operations = new Operations();
  readonly #ending = new AbortController();
  readonly #swaps = new ChildSwaps(this.#ending.signal);
  #flags: SupervisorFlags;
  #entries: Map<string, Entry>;
  readonly #restarts = new RestartWindow();
  #ended: Promise<void> | undefined;

  /**
   * Starts a supervisor and its children, in order. When one does not start, those before it are ended in reverse order
   * and it rejects with `SupervisorError` (`start_failed`, the cause is the child's). Resolves with `undefined` when
   * the definition says `ignore`. A faulty definition rejects with `SpecError`.
   */
  static async start(init: SupervisorInit, options: SupervisorOptions): Promise<Supervisor | undefined> {
    const definition = definitionOf(init);
    if (definition === ignore) return undefined;
    const supervisor = new Supervisor(init, definition as SupervisorDefinition, options.runtime);
    const callOff = (): void => {
      if ((options.signal?.reason as ExitReason | undefined)?.kind === "killed") supervisor.#kill();
      else supervisor.#ending.abort(shutdown);
    };
    options.signal?.addEventListener("abort", callOff, { once: true });
    if (options.signal?.aborted === true) callOff();
    try {
      await options.runtime.outside(() => supervisor.#operations.do(() => supervisor.#startAll()));
    } finally {
      options.signal?.removeEventListener("abort", callOff);
    }
    return supervisor;
  }

  private constructor(init: SupervisorInit, definition: SupervisorDefinition, runtime: AgentRuntime) {
    this.name = definition.name ?? "supervisor";
    this.#runtime = runtime;
    // A definition that is a value is not kept: arguments of temporary children would be.
    this.#init = typeof init === "function" ? init : undefined;
    this.#flags = completeFlags(definition);
    this.#entries = tableOf(completeSpecs(definition.children, this.#flags.autoShutdown).map(newEntry));
    this.#life = new Life(runtime, runtime.mintPid());
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

  /** Ends the children in reverse order, then itself; `killed` does not wait for them. */
  exit(reason: ExitReason): void {
    if (reason.kind === "killed") this.#kill();
    else void this.stop(reason);
  }

  /** Ends with the reason, `shutdown` unless told, and resolves when everything has ended. */
  stop(reason: ExitReason = shutdown): Promise<void> {
    this.#ending.abort(reason);
    this.#ended ??= this.#operations.do(() => this.#end(reason));
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // ---- administration

  /** Adds a child at the end and starts it. Rejects with `already_started`, `already_present` or `start_failed`. */
  startChild(spec: ChildSpec): Promise<StartedChild> {
    return this.#administer(async () => {
      const complete = completeSpec(spec, this.#flags.autoShutdown) as CompleteSpec;
      const present = this.#entries.get(complete.id);
      if (present !== undefined) throw refusal(present, "present");
      const entry = newEntry(complete);
      this.#entries.set(complete.id, entry);
      const outcome = await this.#startEntry(entry);
      if (!outcome.ok) this.#forget(entry);
      return startedOr(entry, outcome);
    });
  }

  /** Ends a child for now; its place stays (that of a temporary one does not). Siblings are left alone. */
  terminateChild(id: string): Promise<void> {
    return this.#administer(async () => {
      const entry = this.#find(id);
      await this.#stopEntry(entry);
      if (entry.spec.restart === "temporary") this.#forget(entry);
    });
  }

  /** Starts a child that is down, in its old place. */
  restartChild(id: string): Promise<StartedChild> {
    return this.#administer(async () => {
      const entry = this.#find(id);
      if (entry.place.status !== "down") throw refusal(entry, "not_down");
      return startedOr(entry, await this.#startEntry(entry));
    });
  }

  /** Forgets a child that is down. */
  deleteChild(id: string): Promise<void> {
    return this.#administer(() => {
      const entry = this.#find(id);
      if (entry.place.status !== "down") throw refusal(entry, "not_down");
      this.#forget(entry);
    });
  }

  /** The children, the one started last first. */
  whichChildren(): Promise<ChildInfo[]> {
    return this.#administer(() =>
      [...this.#entries.values()]
        .toReversed()
        .map(({ spec: { id, type }, place: { child, status } }) => ({ id, child, status, type })),
    );
  }

  countChildren(): Promise<ChildCount> {
    return this.#administer(() => {
      const entries = [...this.#entries.values()];
      const supervisors = entries.filter(({ spec }) => spec.type === "supervisor").length;
      const active = entries.filter(({ place }) => place.status === "running").length;
      return { specs: entries.length, active, supervisors, workers: entries.length - supervisors };
    });
  }

  childSpec(id: string): Promise<CompleteSpec> {
    return this.#administer(() => this.#find(id).spec);
  }

  /**
   * Replaces a running agent by its next version, as `swap` does, and starts that one from then on. Nothing else is done
   * until the route is switched. Rejects with `not_found`.
   */
  async swapChild<S, M, A = void>(
    which: string | Pid,
    next: AgentDefinition<S, M, A>,
    options: SwapOptions<M, A> = {},
  ): Promise<SwapResult<M>> {
    const { result } = await this.#administer(async () => {
      const entry = typeof which === "number" ? this.#findPid(which) : this.#find(which);
      const replaced = await this.#swaps.replace(entry.place.child, next, options);
      if (replaced.ok) {
        entry.place.fill(replaced.next);
        entry.spec = { ...entry.spec, start: agentStart(next, options.argument as A) };
      }
      return { result: this.#swaps.retire<M>(replaced, entry.spec.shutdownMs, options) };
    });
    return result;
  }

  /**
   * Takes a new definition while it runs (the one it was started with, asked again, unless told): flags and specs
   * change, new children are there but not started, children no longer named keep running. Faulty: nothing changes.
   */
  change(init: SupervisorInit | undefined = this.#init): Promise<void> {
    return this.#administer(() => {
      if (init === undefined) return;
      const definition = definitionOf(init);
      if (definition === ignore) return;
      const flags = completeFlags(definition as SupervisorDefinition);
      const specs = completeSpecs((definition as SupervisorDefinition).children, flags.autoShutdown);
      const named = specs.map((spec) => {
        const entry = this.#entries.get(spec.id) ?? newEntry(spec);
        this.#entries.delete(spec.id);
        entry.spec = spec;
        return entry;
      });
      if (typeof init === "function") this.#init = init;
      this.#flags = flags;
      this.#entries = tableOf([...named, ...this.#entries.values()]);
    });
  }

  // ---- starting and ending

  async #startAll(): Promise<void> {
    this.#runtime.report({ type: "supervisor_started", pid: this.pid, supervisor: this.name });
    for (const entry of this.#entries.values()) {
      const outcome = await this.#startEntry(entry);
      if (outcome.ok) continue;
      const error = new SupervisorError("start_failed", `${this.name}: child ${entry.spec.id} did not start`, {
        cause: outcome.error,
      });
      await this.#end({ kind: "shutdown", info: error });
      throw error;
    }
  }

  async #end(reason: ExitReason): Promise<void> {
    if (!this.isAlive) return;
    this.#ending.abort(reason);
    for (const entry of [...this.#entries.values()].toReversed()) await this.#stopEntry(entry);
    if (this.#swaps.isRetiring) await this.#swaps.ended();
    this.#close(reason);
  }

  #kill(): void {
    this.#ending.abort(killed);
    for (const { place } of [...this.#entries.values()].toReversed()) place.kill();
    this.#swaps.kill();
    this.#close(killed);
  }

  #close(reason: ExitReason): void {
    if (!this.isAlive) return;
    this.#runtime.report({ type: "supervisor_exited", pid: this.pid, supervisor: this.name, reason });
    this.#life.end(reason);
  }

  async #startEntry(entry: Entry): Promise<StartOutcome> {
    const { spec, place } = entry;
    const onDown: Watcher = (reason, pid) => void this.#operations.do(() => this.#childDown(entry, endOf(reason), pid));
    const outcome = await startChild(this.#runtime, spec, undefined, this.#ending.signal, onDown);
    place.fill(outcome.ok ? outcome.child : undefined);
    const child = spec.id;
    if (!outcome.ok)
      this.#runtime.report({ type: "child_start_failed", supervisor: this.name, child, error: outcome.error });
    else if (outcome.child !== undefined) {
      adopt(outcome.child, this);
      this.#runtime.report({ type: "child_started", pid: outcome.child.pid, supervisor: this.name, child });
    }
    if (outcome.ok && spec.restart === "temporary") {
      // Nobody starts it again: what its start holds on to may go.
      if (outcome.child === undefined) this.#forget(entry);
      entry.spec = { ...spec, start: startedOnce };
    }
    // Killed meanwhile: nobody else will end it.
    if (outcome.ok && !this.isAlive) place.kill();
    return outcome;
  }

  async #stopEntry({ spec, place }: Entry): Promise<void> {
    const { child } = place;
    const reason = await place.stop(this.#runtime, spec.shutdownMs);
    if (child !== undefined && reason !== undefined)
      this.#runtime.report({ type: "child_stopped", pid: child.pid, supervisor: this.name, child: spec.id, reason });
  }

  // ---- restarting

  async #childDown(entry: Entry, reason: ExitReason, pid: Pid): Promise<void> {
    const { spec, place } = entry;
    if (place.child?.pid !== pid || this.#isEnding) return;
    place.clear();
    this.#runtime.report({ type: "child_exited", pid, supervisor: this.name, child: spec.id, reason });
    const decision = exitDecision(spec, reason);
    if (decision === "restart") return this.#restart(entry);
    if (decision === "forget") this.#forget(entry);
    if (!spec.significant) return;
    const others = [...this.#entries.values()].filter(
      (other) => other.spec.significant && other.place.status !== "down",
    );
    if (endsSupervisor(spec, this.#flags.autoShutdown, others.length)) await this.#end(shutdown);
  }

  async #restart(entry: Entry): Promise<void> {
    const { intensity, periodMs, backoffMs } = this.#flags;
    const restarts = this.#restarts.count(this.#runtime.clock.now(), periodMs);
    if (restarts > intensity) return this.#giveUp(entry);
    const delayMs = backoffMs?.(restarts) ?? 0;
    if (delayMs > 0) this.#later(entry, delayMs, () => this.#restartNow(entry));
    else await this.#restartNow(entry);
  }

  async #restartNow(entry: Entry): Promise<void> {
    const { strategy } = this.#flags;
    const entries = strategy === "one_for_one" ? [entry] : [...this.#entries.values()];
    const children = entries.map(({ spec }) => spec);
    const plan = restartPlan(strategy, children, entries.indexOf(entry));
    const at = (index: number): Entry => entries[index] as Entry;
    for (const sibling of plan.stop.map(at)) await this.#stopEntry(sibling);
    for (const sibling of plan.forget.map(at)) this.#forget(sibling);
    for (const next of plan.start.map(at)) {
      if (this.#isEnding) return;
      const outcome = await this.#startEntry(next);
      if (!outcome.ok) return this.#later(next, 0, () => this.#restart(next));
      if (outcome.child !== undefined)
        this.#runtime.report({ type: "child_restarted", supervisor: this.name, child: next.spec.id });
    }
  }

  /** Behind whatever is asked meanwhile: a stop or a termination comes first. */
  #later({ place }: Entry, delayMs: number, restart: () => Promise<void>): void {
    place.retry(this.#runtime, delayMs, (isWanted) => {
      void this.#operations.do(() => (isWanted() && !this.#isEnding ? restart() : undefined));
    });
  }

  async #giveUp(entry: Entry): Promise<void> {
    const { intensity, periodMs } = this.#flags;
    const child = entry.spec.id;
    this.#runtime.report({ type: "supervisor_gave_up", supervisor: this.name, child, intensity, periodMs });
    this.#forget(entry);
    await this.#end(shutdown);
  }

  // ---- entries

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

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new SupervisorError("not_found", `${this.name} has no child ${describe(id)}`);
  }

  #findPid(pid: Pid): Entry {
    for (const entry of this.#entries.values()) if (entry.place.child?.pid === pid) return entry;
    throw new SupervisorError("not_found", `${this.name} has no child ${pid}`);
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.spec.id) === entry) this.#entries.delete(entry.spec.id);
  }
}

function newEntry(spec: CompleteSpec): Entry {
  return { spec, place: new Place() };
}

function tableOf(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.spec.id, entry]));
}

function startedOnce(): never {
  throw new SupervisorError("start_failed", "a temporary child is started once");
}

function definitionOf(init: SupervisorInit): SupervisorDefinition | Ignore {
  const definition = typeof init === "function" ? init() : init;
  if (definition === ignore) return ignore;
  if (isPlainObject(definition) && Array.isArray(Reflect.get(definition, "children"))) return definition;
  throw new SpecError("invalid_child_spec", `supervisor: expected { children: […] }, got ${describe(definition)}`);
}

function refusal({ spec, place: { child, status } }: Entry, why: "present" | "not_down"): SupervisorError {
  const { id } = spec;
  if (status === "running") {
    const code = why === "present" ? "already_started" : "running";
    return new SupervisorError(code, `child ${id} is running`, { child });
  }
  if (status === "restarting" && why === "not_down")
    return new SupervisorError("restarting", `child ${id} is being restarted`);
  return new SupervisorError("already_present", `child ${id} is already there, and ${status}`);
}

function startedOr({ spec }: Entry, outcome: StartOutcome): StartedChild {
  if (outcome.ok)
    return outcome.info === undefined ? { child: outcome.child } : { child: outcome.child, info: outcome.info };
  throw new SupervisorError("start_failed", `child ${spec.id} did not start`, { cause: outcome.error });
}
