import type { Pid } from "./agent.ts";
import type { AgentCell, Watcher } from "./agent-cell.ts";
import { AgentError, Call } from "./call.ts";
import { isElsewhere } from "./state-elsewhere.ts";
import type { AgentRuntime } from "./runtime.ts";

export interface CallOptions {
  /** How long the answer may take; 5,000 unless told, `Infinity` for ever. */
  readonly timeoutMs?: number;
  /** Gives the call up: it rejects with the signal's reason. The agent may still do the work. */
  readonly signal?: AbortSignal | undefined;
}

export interface PostOptions {
  readonly signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 5000;

/**
 * The address of one incarnation of an agent. Sending to a dead one does nothing; calling it fails at once. After a
 * hot swap the address leads to the new version.
 */
export class Ref<in M> {
  #cell: AgentCell;

  constructor(cell: AgentCell) {
    this.#cell = cell;
  }

  /** The incarnation behind the address, for the runtime's own parts. */
  get cell(): AgentCell {
    // Kept, so that the versions before can be collected.
    while (this.#cell.successor !== undefined) this.#cell = this.#cell.successor;
    return this.#cell;
  }

  get pid(): Pid {
    return this.cell.pid;
  }

  /** The name of the agent's definition. */
  get name(): string {
    return this.cell.definition.name;
  }

  get isAlive(): boolean {
    return this.cell.isAlive;
  }

  /** Whether the message was taken. Never waits, never fails. */
  send(message: M): boolean {
    const { cell } = this;
    return cell.isAlive && !isFenced(cell.runtime, "send") && cell.offer(message) === "taken";
  }

  /**
   * Sends, waiting for room where the mailbox blocks. Rejects with `AgentError`: `noproc` or `stopping` when nobody
   * takes it, `mailbox_full` where the policy is to fail. A message that the policy drops counts as sent.
   */
  async post(message: M, { signal }: PostOptions = {}): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const { cell } = this;
      if (!cell.isAlive) throw unreachable(cell);
      if (isFenced(cell.runtime, "post")) throw fenced();
      if (cell.offer(message) !== "full") return;
      if ((cell.definition.mailbox?.overflow ?? "block") !== "block") throw full(cell);
      await room(cell, signal);
    }
  }

  /**
   * Sends and waits for the answer. Has exactly one outcome: the answer, or `AgentError` (`timeout`, `noproc`, `exit`
   * with the agent's reason, `stopping`, `calling_self`, `mailbox_full`), or the signal's reason.
   */
  call<R>(message: M, { timeoutMs = defaultTimeoutMs, signal }: CallOptions = {}): Promise<R> {
    const { cell } = this;
    const { runtime } = cell;
    if (!cell.isAlive) return Promise.reject(unreachable(cell));
    if (runtime.current === cell && cell.isOccupied) return Promise.reject(callingSelf(cell));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (isFenced(runtime, "call")) return Promise.reject(fenced());
    return new Promise<R>((resolve, reject) => {
      const call = new Call(message, resolve, reject);
      if (signal !== undefined) call.abortWith(signal);
      if (cell.offer(call) !== "taken") return call.fail(full(cell));
      if (timeoutMs !== Infinity) runtime.deadlines.add(timeoutMs, call);
    });
  }

  /**
   * Takes no more messages from its mailbox once the one at hand is done, and resolves then. What concerns its life goes
   * on, and its mailbox grows. Rejects as a call does.
   */
  suspend(options: CallOptions = {}): Promise<void> {
    return this.#administer(options, (cell) => void (cell.isPaused = true));
  }

  /** Goes on after `suspend`. */
  resume(options: CallOptions = {}): Promise<void> {
    return this.#administer(options, (cell) => cell.resume());
  }

  /** The state between two messages, for people and tests. Rejects as a call does. */
  state<S>(options: CallOptions = {}): Promise<S> {
    return this.#administer(options, (_, state) => (isElsewhere(state) ? state.readState() : state) as S);
  }

  /** Gives it another state between two messages. Rejects as a call does. */
  replaceState(state: unknown, options: CallOptions = {}): Promise<void> {
    return this.#administer(
      options,
      (cell, before) => (isElsewhere(before) ? before.replaceState(state) : cell.replaceState(state)) as void,
    );
  }

  #administer<R>(
    { timeoutMs = defaultTimeoutMs, signal }: CallOptions,
    act: (cell: AgentCell, state: unknown) => R,
  ): Promise<R> {
    const { cell } = this;
    if (!cell.isAlive) return Promise.reject(unreachable(cell));
    if (cell.runtime.current === cell && cell.isOccupied) return Promise.reject(callingSelf(cell));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise<R>((resolve, reject) => {
      const call = new Call(undefined, resolve, reject);
      if (signal !== undefined) call.abortWith(signal);
      cell.administer(call, (state) => act(cell, state));
      if (timeoutMs !== Infinity) cell.runtime.deadlines.add(timeoutMs, call);
    });
  }

  /**
   * Calls back exactly once when the incarnation has ended; with `noproc` when it had before. A hot swap is no end: it
   * is the new version's that is heard of.
   */
  monitor(watcher: Watcher): Disposable {
    return this.cell.watch(watcher);
  }
}

function unreachable(cell: AgentCell): AgentError {
  const { name } = cell.definition;
  return cell.phase === "ending"
    ? new AgentError("stopping", `agent ${name} is stopping`)
    : new AgentError("noproc", `agent ${name} is not alive`);
}

function callingSelf(cell: AgentCell): AgentError {
  return new AgentError("calling_self", `agent ${cell.definition.name} called itself`);
}

/** Whether it is a dead incarnation whose code is running: what it sends is dropped and counted. */
function isFenced(runtime: AgentRuntime, effect: string): boolean {
  const { current } = runtime;
  return current?.isFenced?.(effect) === true;
}

function fenced(): AgentError {
  return new AgentError("exit", "the agent that sent this has ended");
}

function full(cell: AgentCell): AgentError {
  return new AgentError(
    "mailbox_full",
    `the mailbox of agent ${cell.definition.name} is full (${cell.waiting} waiting)`,
  );
}

function room(cell: AgentCell, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      waiting[Symbol.dispose]();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const waiting = cell.whenRoom(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
