import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { systemClock } from "../clock.ts";
import type { Clock } from "../clock.ts";
import { EventStream } from "../event-stream.ts";
import { ignore } from "./agent.ts";
import type { AgentDefinition, Ignore, Pid } from "./agent.ts";
import type { AgentEvent } from "./agent-event.ts";
import { AgentCell } from "./agent-cell.ts";
import type { Watcher } from "./agent-cell.ts";
import { AgentError } from "./call.ts";
import { Deadlines } from "./deadlines.ts";
import type { Deadline } from "./deadlines.ts";
import { crash, killed } from "./exit-reason.ts";
import type { Ref } from "./ref.ts";
import { RunQueue } from "./run-queue.ts";
import { ownStrayRejections } from "./stray-rejections.ts";
import { whenReady } from "./when-ready.ts";
import type { Responsible } from "./stray-rejections.ts";

/** Node's `AsyncResource`, by shape: who type-checks against tutti need not have Node's types. */
export interface AsyncScope {
  // oxlint-disable-next-line typescript/no-explicit-any -- as Node declares it: the arguments are the called function's own
  runInAsyncScope<R>(run: (...args: any[]) => R, self?: unknown, ...args: any[]): R;
}

export interface AgentRuntimeOptions {
  readonly clock?: Clock;
}

export interface StartOptions {
  /** Calls the start off while `init` is under way. */
  readonly signal?: AbortSignal | undefined;
  /** How long `init` may take; for ever unless told. */
  readonly startTimeoutMs?: number | undefined;
  /** The supervisor's watcher. */
  readonly owner?: Watcher;
  /** The incarnation from which it is to take over at a swap. */
  readonly replaces?: Pid;
}

/** What keeps something for incarnations: their names, memberships, subscriptions. */
export interface Keeper {
  /** Forgets the incarnation. What it returns is called when every keeper has forgotten it. */
  forget(pid: Pid): (() => void) | undefined;
  /** Keeps for the successor what it kept for the incarnation. */
  passOn(pid: Pid, successor: Pid): void;
}

type Happening = AgentEvent extends infer E ? (E extends AgentEvent ? Omit<E, "at"> : never) : never;

/** What agents of one process share: time, turns, identities and the events of their lives. */
export class AgentRuntime implements Disposable {
  readonly clock: Clock;
  readonly events: EventStream<AgentEvent> = new EventStream();
  /** For the runtime's own parts. */
  readonly queue: RunQueue;
  readonly deadlines: Deadlines;
  readonly #handling = new AsyncLocalStorage<Responsible>();
  readonly #context: AsyncResource = new AsyncResource("AgentRuntime", { requireManualDestroy: true });
  readonly #disown: () => void;
  readonly #keepers: Keeper[] = [];
  #pids = 0;
  #orphaned = 0;

  constructor({ clock = systemClock }: AgentRuntimeOptions = {}) {
    this.clock = clock;
    this.deadlines = new Deadlines(clock);
    this.queue = new RunQueue(clock);
    this.#disown = ownStrayRejections((error) => {
      const responsible = this.#handling.getStore();
      responsible?.stray(error);
      return responsible !== undefined;
    });
  }

  /** Effects of dead incarnations that were dropped. */
  get orphans(): number {
    return this.#orphaned;
  }

  /** The agent or the task whose code is running. */
  get current(): Responsible | undefined {
    return this.#handling.getStore();
  }

  /**
   * Starts an agent and resolves with its address when `init` is done; with `undefined` when it had nothing to do.
   * Rejects with `AgentError`: `start_failed` (the cause is what `init` threw), `start_timeout`, `start_aborted`.
   */
  async start<S, M, A = void>(
    definition: AgentDefinition<S, M, A>,
    argument: A,
    options: StartOptions = {},
  ): Promise<Ref<M> | undefined> {
    return this.launch(definition, argument, options);
  }

  /** For the runtime's own parts: `start`, at once where `init` is. Throws, or rejects, as `start` does. */
  launch<S, M, A>(
    definition: AgentDefinition<S, M, A>,
    argument: A,
    options: StartOptions,
  ): Ref<M> | undefined | Promise<Ref<M> | undefined> {
    const cell = new AgentCell<S, M>(this, this.mintPid(), definition);
    cell.replaces = options.replaces;
    const state = this.#init(cell, definition, argument, options);
    return whenReady(state, (first) => begun(cell, first, options.owner));
  }

  #init<S, M, A>(
    cell: AgentCell<S, M>,
    definition: AgentDefinition<S, M, A>,
    argument: A,
    { signal, startTimeoutMs = Infinity }: StartOptions,
  ): S | Ignore | Promise<S | Ignore> {
    const { name } = definition;
    const failed = (cause: unknown): AgentError => {
      cell.exit(crash(cause));
      return cause instanceof AgentError && cause.code.startsWith("start_")
        ? cause
        : new AgentError("start_failed", `agent ${name} did not start`, { cause });
    };
    try {
      signal?.throwIfAborted();
      const state = this.#inside(cell as unknown as AgentCell, () => definition.init(argument, cell));
      if (!(state instanceof Promise)) return state;
      return this.#within(state, name, startTimeoutMs, signal).catch((cause: unknown) => {
        throw failed(cause);
      });
    } catch (cause) {
      throw failed(cause);
    }
  }

  /** The promise, unless the time is over or the signal aborts first. */
  #within<T>(started: Promise<T>, name: string, ms: number, signal: AbortSignal | undefined): Promise<T> {
    if (ms === Infinity && signal === undefined) return started;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(new AgentError("start_aborted", `the start of agent ${name} was called off`));
      const deadline: Deadline = {
        settled: false,
        expire: () => reject(new AgentError("start_timeout", `agent ${name} did not start within ${ms} ms`)),
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (ms !== Infinity) this.deadlines.add(ms, deadline);
      started.then(resolve, reject).finally(() => {
        deadline.settled = true;
        signal?.removeEventListener("abort", onAbort);
      });
    });
  }

  /** For a cell: where its code runs. Made once: entering it costs a twentieth of `AsyncLocalStorage.run`. */
  contextOf(cell: AgentCell): AsyncScope {
    return this.#inside(cell, () => new AsyncResource("Agent", { requireManualDestroy: true }));
  }

  /** Runs an agent's code in the runtime's own context, not in that of whoever starts it or sends it a message. */
  #inside<T>(cell: AgentCell, act: () => T): T {
    return this.#context.runInAsyncScope(() => {
      this.#handling.enterWith(cell);
      return act();
    });
  }

  /** For the runtime's own parts: runs what belongs to no agent, though an agent's code may have caused it. */
  outside<T>(act: () => T): T {
    return this.#context.runInAsyncScope(act);
  }

  /** A new identity. */
  mintPid(): Pid {
    return ++this.#pids as Pid;
  }

  /** For the runtime's own parts: publishes an event if anybody listens. */
  report(happening: Happening): void {
    if (!this.events.isObserved) return;
    // What a listener leaves unawaited is not the agent's.
    this.outside(() => this.events.publish({ ...happening, at: this.clock.now() }));
  }

  orphaned(pid: Pid, agent: string, effect: string): void {
    this.#orphaned++;
    this.report({ type: "effect_orphaned", pid, agent, effect });
  }

  /** Runs a listener of somebody's; what it throws ends nobody. */
  protect(listen: () => void): void {
    try {
      listen();
    } catch (error) {
      this.report({ type: "listener_failed", error });
    }
  }

  /** Runs work on somebody's account: rejections that it leaves to nobody are theirs. */
  runFor<T>(responsible: Responsible, work: () => T): T {
    return this.#handling.run(responsible, work);
  }

  /** Takes in what has to forget an incarnation before anybody hears of its end. It stays as long as the runtime. */
  onForget(keeper: Keeper): void {
    this.#keepers.push(keeper);
  }

  /** For the runtime's own parts: the incarnation has ended. */
  forget(pid: Pid): void {
    let announcements: (() => void)[] | undefined;
    for (const keeper of this.#keepers) {
      const announce = keeper.forget(pid);
      if (announce !== undefined) (announcements ??= []).push(announce);
    }
    if (announcements !== undefined) for (const announce of announcements) announce();
  }

  /** For the runtime's own parts: the successor takes the incarnation's place. */
  passOn(pid: Pid, successor: Pid): void {
    for (const keeper of this.#keepers) keeper.passOn(pid, successor);
  }

  /** Gives stray rejections back to the process. Agents end with their supervisors. */
  [Symbol.dispose](): void {
    this.#disown();
  }
}

/** The address of a cell that lives from here on, unless it has nothing to do or was ended meanwhile. */
function begun<S, M>(cell: AgentCell<S, M>, state: S | Ignore, owner: Watcher | undefined): Ref<M> | undefined {
  if (state === ignore) {
    cell.exit(killed);
    return undefined;
  }
  if (!cell.isAlive) throw new AgentError("start_aborted", `agent ${cell.definition.name} was ended while it started`);
  cell.owner = owner;
  cell.begin(state as S);
  return cell.self;
}
