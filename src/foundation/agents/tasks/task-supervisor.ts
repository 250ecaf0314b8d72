import { mapConcurrently } from "../../map-concurrently.ts";
import { UsageError } from "../../error.ts";
import type { Watcher } from "../agent-cell.ts";
import type { Pid } from "../agent.ts";
import { AgentError } from "../call.ts";
import type { Child, ChildSpec, Shutdown } from "../supervisors/child-spec.ts";
import { killed, reasonText, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Life } from "../life.ts";
import type { AgentRuntime } from "../runtime.ts";
import { Task } from "./task.ts";
import type { TaskContext, TaskOutcome } from "./task.ts";

export interface TaskSupervisorOptions {
  readonly runtime: AgentRuntime;
  /** For people: in events and errors. */
  readonly name?: string;
  /** How long its tasks may take to end when it ends; 5,000 unless told. */
  readonly shutdownMs?: Shutdown;
}

export interface RunTaskOptions {
  /** How long the task may take; for ever unless told. */
  readonly timeoutMs?: number;
  /** Gives the task up. */
  readonly signal?: AbortSignal | undefined;
}

export interface TaskStreamOptions extends RunTaskOptions {
  /** How many tasks run at once. */
  readonly concurrency: number;
  /**
   * Whether a task that is too late ends the iteration with `AgentError` `timeout`, or is an outcome like others.
   * `"skip"` unless told.
   */
  readonly onTimeout?: "fail" | "skip";
  /** Outcomes in the order of the items; as the tasks end unless told. */
  readonly ordered?: boolean;
}

/** What came of one item's task. */
export type StreamOutcome<R> = TaskOutcome<R> & { readonly index: number };

/**
 * Runs asynchronous functions as tasks that nobody restarts and whose failures are their own: a task that throws, is
 * too late or leaves a rejection unawaited fails alone. When the supervisor ends, its tasks' signals abort; those that
 * do not end in the time they have are given up. A function cannot be killed: what one does after it was given up is
 * ignored, and counted among the runtime's orphans when it ends.
 */
export class TaskSupervisor implements Child, AsyncDisposable {
  readonly name: string;
  readonly #runtime: AgentRuntime;
  readonly #life: Life;
  readonly #shutdownMs: Shutdown;
  readonly #tasks = new Set<Task<unknown>>();
  readonly #ending = new AbortController();
  #ended: Promise<void> | undefined;

  constructor({ runtime, name = "tasks", shutdownMs = 5000 }: TaskSupervisorOptions) {
    this.name = name;
    this.#runtime = runtime;
    this.#shutdownMs = shutdownMs;
    this.#life = new Life(runtime, runtime.mintPid());
  }

  get pid(): Pid {
    return this.#life.pid;
  }

  get isAlive(): boolean {
    return this.#life.reason === undefined;
  }

  /** How many tasks run. */
  get running(): number {
    return this.#tasks.size;
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

  /** Asks all tasks to end, waits for them as long as they may take, and ends. */
  stop(reason: ExitReason = shutdown): Promise<void> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Runs a task and gives its result. Rejects with what it threw; with `AgentError`: `timeout`, `exit` (the supervisor
   * ended first), `stopping` or `noproc` (it takes no more); with the signal's reason. An agent that hands in its own
   * signal takes its tasks along at its end.
   */
  async run<R>(task: (context: TaskContext) => R | Promise<R>, options: RunTaskOptions = {}): Promise<R> {
    const outcome = await this.#perform(task, options);
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  /**
   * Runs a task for every item, at most `concurrency` at once, and gives what came of each: failures are outcomes. The
   * consumer sets the pace; when it stops early, its tasks are given up. After the signal has aborted, or when the
   * supervisor ends, no task starts; the iteration rejects after the outcomes of those that ran.
   */
  stream<T, R>(
    items: Iterable<T>,
    work: (item: T, context: TaskContext & { readonly index: number }) => R | Promise<R>,
    options: TaskStreamOptions,
  ): AsyncIterableIterator<StreamOutcome<R>, undefined, undefined> {
    const { concurrency, timeoutMs = Infinity, onTimeout = "skip", ordered = false } = options;
    checkTimeout(timeoutMs);
    const halt = new AbortController();
    const signal = options.signal === undefined ? halt.signal : AbortSignal.any([halt.signal, options.signal]);
    const perform = async (item: T, index: number): Promise<StreamOutcome<R>> => {
      const outcome = await this.#perform<R>((context) => work(item, { ...context, index }), { timeoutMs, signal });
      if (onTimeout === "fail" && !outcome.ok && outcome.reason === "timeout") halt.abort(outcome.error);
      halt.signal.throwIfAborted();
      return { ...outcome, index };
    };
    const mayStart = AbortSignal.any([signal, this.#ending.signal]);
    return haltedBy(halt, mapConcurrently(items, perform, { concurrency, ordered, signal: mayStart }));
  }

  async #perform<R>(
    work: (context: TaskContext) => R | Promise<R>,
    { timeoutMs = Infinity, signal }: RunTaskOptions,
  ): Promise<TaskOutcome<R>> {
    checkTimeout(timeoutMs);
    if (this.#ending.signal.aborted) return { ok: false, reason: "stopped", error: this.#refusal() };
    if (signal?.aborted === true) return { ok: false, reason: "aborted", error: signal.reason };
    const task = new Task<R>(this.#runtime, () => this.#runtime.orphaned(this.pid, this.name, "task"));
    const callOff = (): void => task.drop("aborted", signal?.reason);
    signal?.addEventListener("abort", callOff, { once: true });
    this.#tasks.add(task as Task<unknown>);
    if (timeoutMs !== Infinity) this.#runtime.deadlines.add(timeoutMs, task);
    task.start(work);
    const outcome = await task.outcome;
    this.#tasks.delete(task as Task<unknown>);
    signal?.removeEventListener("abort", callOff);
    if (!outcome.ok) {
      const { reason, error } = outcome;
      this.#runtime.report({ type: "task_failed", supervisor: this.name, reason, error });
    }
    return outcome;
  }

  async #end(reason: ExitReason): Promise<void> {
    if (!this.isAlive) return;
    const error = endedError(this.name, reason);
    this.#ending.abort(error);
    const tasks = [...this.#tasks];
    for (const task of tasks) task.stop(error);
    const giveUp = { settled: false, expire: () => this.#drop(error) };
    if (this.#shutdownMs === "brutal") giveUp.expire();
    else if (this.#shutdownMs !== "infinity" && tasks.length > 0) this.#runtime.deadlines.add(this.#shutdownMs, giveUp);
    await Promise.all(tasks.map(({ outcome }) => outcome));
    giveUp.settled = true;
    this.#finish(reason);
  }

  #kill(): void {
    const error = endedError(this.name, killed);
    this.#ending.abort(error);
    this.#drop(error);
    this.#finish(killed);
  }

  #drop(error: AgentError): void {
    for (const task of this.#tasks) task.drop("stopped", error);
  }

  #finish(reason: ExitReason): void {
    if (!this.isAlive) return;
    this.#runtime.report({ type: "supervisor_exited", pid: this.pid, supervisor: this.name, reason });
    this.#life.end(reason);
  }

  #refusal(): AgentError {
    return this.isAlive
      ? new AgentError("stopping", `${this.name} is stopping`)
      : new AgentError("noproc", `${this.name} has ended`);
  }
}

/** A task supervisor as a supervisor's child; it is the `child` that its start gives. */
export function taskSupervisorChild(
  id: string,
  { shutdownMs, ...options }: Omit<ChildSpec, "id" | "start"> = {},
): ChildSpec {
  return {
    type: "supervisor",
    ...options,
    id,
    start: ({ runtime }) => ({
      child: new TaskSupervisor({ runtime, name: id, ...(shutdownMs === undefined ? {} : { shutdownMs }) }),
    }),
  };
}

/** The iteration, whose early end halts what runs before it waits for it. */
function haltedBy<O>(
  halt: AbortController,
  outcomes: AsyncGenerator<O, void, undefined>,
): AsyncIterableIterator<O, undefined, undefined> {
  const done = { done: true, value: undefined } as const;
  let isOver = false;
  return {
    next: async () => {
      try {
        const next = await outcomes.next();
        return next.done === true ? done : next;
      } catch (error) {
        if (isOver) return done;
        throw error;
      }
    },
    return: async () => {
      isOver = true;
      halt.abort();
      await outcomes.return();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function checkTimeout(timeoutMs: number): void {
  if (!(timeoutMs > 0)) throw new UsageError(`timeoutMs: expected milliseconds above 0, got ${timeoutMs}`);
}

function endedError(name: string, reason: ExitReason): AgentError {
  return new AgentError("exit", `${name} ended before the task (${reasonText(reason)})`, { reason });
}
