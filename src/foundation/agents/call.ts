import { CodedError } from "../error.ts";
import type { Deadline } from "./deadlines.ts";
import { reasonText } from "./exit-reason.ts";
import type { ExitReason } from "./exit-reason.ts";

export type AgentErrorCode =
  /** No answer within the time. The agent may still do the work; its late answer is dropped. */
  | "timeout"
  /** Nobody lives at the address. */
  | "noproc"
  /** The agent ended before it answered; `reason` says why. */
  | "exit"
  /** The agent is on its way to its end and takes nothing more. */
  | "stopping"
  /** An agent called itself: it would wait for itself for ever. */
  | "calling_self"
  /** The mailbox is full. */
  | "mailbox_full"
  /** The start did not end in the time it was given. */
  | "start_timeout"
  /** The start failed: the `cause` is what `init` threw. */
  | "start_failed"
  /** The start was called off. */
  | "start_aborted"
  /** Another agent holds the name. */
  | "name_taken";

/** What agents reject with. */
export class AgentError extends CodedError<AgentErrorCode> {
  override readonly name = "AgentError";
  /** Why the agent ended, where it did. */
  readonly reason: ExitReason | undefined;

  constructor(code: AgentErrorCode, message: string, options: { cause?: unknown; reason?: ExitReason } = {}) {
    super(code, message, { cause: options.cause });
    this.reason = options.reason;
  }
}

/** A message that waits for its answer. It has exactly one outcome: the first. */
export class Call implements Deadline {
  readonly message: unknown;
  settled = false;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: unknown) => void;
  #unlisten: (() => void) | undefined;

  constructor(message: unknown, resolve: (value: never) => void, reject: (error: unknown) => void) {
    this.message = message;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Rejects with the signal's reason when it aborts first. */
  abortWith(signal: AbortSignal): void {
    const onAbort = (): void => this.fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unlisten = () => signal.removeEventListener("abort", onAbort);
  }

  /** Calls back once, when it gets its outcome. */
  whenSettled(listener: () => void): void {
    const before = this.#unlisten;
    this.#unlisten = () => {
      before?.();
      listener();
    };
  }

  /** Whether the answer still counted. */
  answer(value: unknown): boolean {
    if (!this.#settle()) return false;
    this.#resolve(value as never);
    return true;
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  expire(): void {
    this.fail(new AgentError("timeout", "the call had no answer in time"));
  }

  /** The agent ended first. */
  lost(agent: string, reason: ExitReason): void {
    this.fail(new AgentError("exit", `agent ${agent} ended before it answered (${reasonText(reason)})`, { reason }));
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#unlisten?.();
    return true;
  }
}
