import type { Clock } from "../../clock.ts";
import { AgentError } from "../call.ts";
import type { Deadline } from "../deadlines.ts";
import type { AgentRuntime } from "../runtime.ts";
import type { Responsible } from "../stray-rejections.ts";

/** What a task can do while it runs. */
export interface TaskContext {
  readonly clock: Clock;
  /** Aborts when the task is given up: too late, called off, or its supervisor ends. */
  readonly signal: AbortSignal;
}

/** Why a task has no result: it was too late, it threw, its caller called it off, its supervisor ended. */
export type TaskFailure = "timeout" | "crash" | "aborted" | "stopped";

/** What came of a task. */
export type TaskOutcome<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly reason: TaskFailure; readonly error: unknown };

/** One run of an asynchronous function. It has exactly one outcome; what it does after that has no effect here. */
export class Task<R> implements Deadline, Responsible {
  settled = false;
  readonly outcome: Promise<TaskOutcome<R>>;
  readonly #runtime: AgentRuntime;
  readonly #abort = new AbortController();
  readonly #resolve: (outcome: TaskOutcome<R>) => void;
  readonly #onLate: () => void;
  #isStopping = false;

  /** `onLate` hears when the function still does something after its task was given up: ends, or fails unawaited. */
  constructor(runtime: AgentRuntime, onLate: () => void) {
    const { promise, resolve } = Promise.withResolvers<TaskOutcome<R>>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#runtime = runtime;
    this.#onLate = onLate;
  }

  /** Runs the function, on the task's own account. */
  start(work: (context: TaskContext) => R | Promise<R>): void {
    const context: TaskContext = { clock: this.#runtime.clock, signal: this.#abort.signal };
    this.#runtime
      .runFor(this, async () => work(context))
      .then(
        (value) => this.#settle({ ok: true, value }) || this.#onLate(),
        (error: unknown) => this.#failed(error) || this.#onLate(),
      );
  }

  /** Asks the function to end; the task takes what it still gives. */
  stop(reason: unknown): void {
    this.#isStopping = true;
    this.#abort.abort(reason);
  }

  /** Gives the function up: the outcome is there at once. */
  drop(reason: TaskFailure, error: unknown): void {
    if (this.#settle({ ok: false, reason, error })) this.#abort.abort(error);
  }

  expire(): void {
    this.drop("timeout", new AgentError("timeout", "the task did not end in time"));
  }

  stray(error: unknown): void {
    if (this.settled) this.#onLate();
    else this.drop("crash", error);
  }

  #failed(error: unknown): boolean {
    return this.#settle({ ok: false, reason: this.#isStopping ? "stopped" : "crash", error });
  }

  #settle(outcome: TaskOutcome<R>): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#resolve(outcome);
    return true;
  }
}
