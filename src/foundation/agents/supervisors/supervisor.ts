import { describe, isPlainObject } from "../../json.ts";
import { ignore } from "../agent.ts";
import type { AgentDefinition, Ignore, Pid } from "../agent.ts";
import { agentStart } from "./agent-start.ts";
import type { Watcher } from "../agent-cell.ts";
import { startChild } from "./child-life.ts";
import type { StartOutcome } from "./child-life.ts";
import { completeFlags, completeSpec, completeSpecs, SpecError } from "./child-spec.ts";
import type { Child, ChildSpec, CompleteSpec, SupervisorFlags } from "./child-spec.ts";
import { endOf, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Place } from "./place.ts";
import { endsSupervisor, exitDecision, restartPlan } from "./restart-decision.ts";
import type { AgentRuntime } from "../runtime.ts";
import { SupervisorCore } from "./supervisor-core.ts";
import { SupervisorError } from "./supervisor-error.ts";
import { adopt } from "../swap/custodian.ts";
import type { Custodian } from "../swap/custodian.ts";
import type { SwapOptions, SwapResult } from "../swap/swap-result.ts";

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
  readonly #core: SupervisorCore;
  #init: (() => SupervisorDefinition | Ignore) | undefined;
  #flags: SupervisorFlags;
  #entries: Map<string, Entry>;

  /**
   * Starts a supervisor and its children, in order. When one does not start, those before it are ended in reverse order
   * and it rejects with `SupervisorError` (`start_failed`, the cause is the child's). Resolves with `undefined` when
   * the definition says `ignore`. A faulty definition rejects with `SpecError`.
   */
  static async start(init: SupervisorInit, options: SupervisorOptions): Promise<Supervisor | undefined> {
    const definition = definitionOf(init);
    if (definition === ignore) return undefined;
    const supervisor = new Supervisor(init, definition as SupervisorDefinition, options.runtime);
    const callOff = (): void => supervisor.#core.callOff(options.signal?.reason as ExitReason | undefined);
    options.signal?.addEventListener("abort", callOff, { once: true });
    if (options.signal?.aborted === true) callOff();
    try {
      await options.runtime.outside(() => supervisor.#core.do(() => supervisor.#startAll()));
    } finally {
      options.signal?.removeEventListener("abort", callOff);
    }
    return supervisor;
  }

  private constructor(init: SupervisorInit, definition: SupervisorDefinition, runtime: AgentRuntime) {
    // A definition that is a value is not kept: arguments of temporary children would be.
    this.#init = typeof init === "function" ? init : undefined;
    this.#flags = completeFlags(definition);
    this.#entries = tableOf(completeSpecs(definition.children, this.#flags.autoShutdown).map(newEntry));
    this.#core = new SupervisorCore(definition.name ?? "supervisor", runtime, {
      stopChildren: async () => {
        for (const entry of this.#inReverse()) await this.#stopEntry(entry);
      },
      killChildren: () => this.#inReverse().forEach(({ place }) => place.kill()),
    });
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

  /** Ends the children in reverse order, then itself; `killed` does not wait for them. */
  exit(reason: ExitReason): void {
    this.#core.exit(reason);
  }

  /** Ends with the reason, `shutdown` unless told, and resolves when everything has ended. */
  stop(reason: ExitReason = shutdown): Promise<void> {
    return this.#core.stop(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // ---- administration

  /** Adds a child at the end and starts it. Rejects with `already_started`, `already_present` or `start_failed`. */
  startChild(spec: ChildSpec): Promise<StartedChild> {
    return this.#core.administer(async () => {
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
    return this.#core.administer(async () => {
      const entry = this.#find(id);
      await this.#stopEntry(entry);
      if (entry.spec.restart === "temporary") this.#forget(entry);
    });
  }

  /** Starts a child that is down, in its old place. */
  restartChild(id: string): Promise<StartedChild> {
    return this.#core.administer(async () => {
      const entry = this.#find(id);
      if (entry.place.status !== "down") throw refusal(entry, "not_down");
      return startedOr(entry, await this.#startEntry(entry));
    });
  }

  /** Forgets a child that is down. */
  deleteChild(id: string): Promise<void> {
    return this.#core.administer(() => {
      const entry = this.#find(id);
      if (entry.place.status !== "down") throw refusal(entry, "not_down");
      this.#forget(entry);
    });
  }

  /** The children, the one started last first. */
  whichChildren(): Promise<ChildInfo[]> {
    return this.#core.administer(() =>
      [...this.#entries.values()]
        .toReversed()
        .map(({ spec: { id, type }, place: { child, status } }) => ({ id, child, status, type })),
    );
  }

  countChildren(): Promise<ChildCount> {
    return this.#core.administer(() => {
      const entries = [...this.#entries.values()];
      const supervisors = entries.filter(({ spec }) => spec.type === "supervisor").length;
      const active = entries.filter(({ place }) => place.status === "running").length;
      return { specs: entries.length, active, supervisors, workers: entries.length - supervisors };
    });
  }

  childSpec(id: string): Promise<CompleteSpec> {
    return this.#core.administer(() => this.#find(id).spec);
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
    const { result } = await this.#core.administer(async () => {
      const entry = typeof which === "number" ? this.#findPid(which) : this.#find(which);
      const replaced = await this.#core.swaps.replace(entry.place.child, next, options);
      if (replaced.ok) {
        entry.place.fill(replaced.next);
        entry.spec = { ...entry.spec, start: agentStart(next, options.argument as A) };
      }
      return { result: this.#core.swaps.retire<M>(replaced, entry.spec.shutdownMs, options) };
    });
    return result;
  }

  /**
   * Takes a new definition while it runs (the one it was started with, asked again, unless told): flags and specs
   * change, new children are there but not started, children no longer named keep running. Faulty: nothing changes.
   */
  change(init: SupervisorInit | undefined = this.#init): Promise<void> {
    return this.#core.administer(() => {
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
    this.#core.runtime.report({ type: "supervisor_started", pid: this.pid, supervisor: this.name });
    for (const entry of this.#entries.values()) {
      const outcome = await this.#startEntry(entry);
      if (outcome.ok) continue;
      const error = new SupervisorError("start_failed", `${this.name}: child ${entry.spec.id} did not start`, {
        cause: outcome.error,
      });
      await this.#core.end({ kind: "shutdown", info: error });
      throw error;
    }
  }

  async #startEntry(entry: Entry): Promise<StartOutcome> {
    const { spec, place } = entry;
    const onDown: Watcher = (reason, pid) => void this.#core.do(() => this.#childDown(entry, endOf(reason), pid));
    const outcome = await startChild(this.#core.runtime, spec, undefined, this.#core.ending, onDown);
    place.fill(outcome.ok ? outcome.child : undefined);
    const child = spec.id;
    if (!outcome.ok)
      this.#core.runtime.report({ type: "child_start_failed", supervisor: this.name, child, error: outcome.error });
    else if (outcome.child !== undefined) {
      adopt(outcome.child, this);
      this.#core.runtime.report({ type: "child_started", pid: outcome.child.pid, supervisor: this.name, child });
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
    const reason = await place.stop(this.#core.runtime, spec.shutdownMs);
    if (child !== undefined && reason !== undefined)
      this.#core.runtime.report({
        type: "child_stopped",
        pid: child.pid,
        supervisor: this.name,
        child: spec.id,
        reason,
      });
  }

  // ---- restarting

  async #childDown(entry: Entry, reason: ExitReason, pid: Pid): Promise<void> {
    const { spec, place } = entry;
    if (place.child?.pid !== pid || this.#core.ending.aborted) return;
    place.clear();
    this.#core.runtime.report({ type: "child_exited", pid, supervisor: this.name, child: spec.id, reason });
    const decision = exitDecision(spec, reason);
    if (decision === "restart") return this.#restart(entry);
    if (decision === "forget") this.#forget(entry);
    if (!spec.significant) return;
    const others = [...this.#entries.values()].filter(
      (other) => other.spec.significant && other.place.status !== "down",
    );
    if (endsSupervisor(spec, this.#flags.autoShutdown, others.length)) await this.#core.end(shutdown);
  }

  async #restart(entry: Entry): Promise<void> {
    const delayMs = this.#core.restartDelay(this.#flags, entry.spec.id);
    if (delayMs === undefined) {
      this.#forget(entry);
      await this.#core.end(shutdown);
    } else if (delayMs > 0) this.#core.later(entry.place, delayMs, () => this.#restartNow(entry));
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
      if (this.#core.ending.aborted) return;
      const outcome = await this.#startEntry(next);
      if (!outcome.ok) return this.#core.later(next.place, 0, () => this.#restart(next));
      if (outcome.child !== undefined)
        this.#core.runtime.report({ type: "child_restarted", supervisor: this.name, child: next.spec.id });
    }
  }

  // ---- entries

  #inReverse(): Entry[] {
    return [...this.#entries.values()].toReversed();
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
