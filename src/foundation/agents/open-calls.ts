import { Call } from "./call.ts";
import type { ExitReason } from "./exit-reason.ts";

const leastSweepAt = 64;

/** The calls that one agent has taken and that have no answer yet. Each is answered, or lost with the agent. */
export class OpenCalls {
  /** The one that is being handled, until it is answered or put off. */
  current: Call | undefined;
  #open: Set<Call> | undefined;
  #sweepAt = leastSweepAt;
  #last: { readonly call: Call; readonly reply: unknown } | undefined;

  answer(value: unknown): void {
    this.current?.answer(value);
    this.current = undefined;
  }

  /** Puts off the one at hand. */
  take(): Call | undefined {
    const call = this.current;
    this.current = undefined;
    if (call !== undefined) this.keep(call);
    return call;
  }

  keep(call: Call): void {
    const open = (this.#open ??= new Set());
    open.add(call);
    if (open.size > this.#sweepAt) this.#sweep(open);
  }

  /** Lets go of those that timed out and will never be answered: a long life would gather them. */
  #sweep(open: Set<Call>): void {
    for (const call of open) if (call.settled) open.delete(call);
    this.#sweepAt = Math.max(leastSweepAt, open.size * 2);
  }

  release(call: Call): void {
    this.#open?.delete(call);
  }

  /** Answers the one at hand at the agent's end. */
  answerLast(reply: unknown): void {
    const call = this.take();
    if (call !== undefined) this.#last = { call, reply };
  }

  /** The agent has ended; `items` are what it had not taken yet. */
  end(agent: string, reason: ExitReason, isAsAsked: boolean, items: readonly unknown[]): void {
    if (isAsAsked) this.#last?.call.answer(this.#last.reply);
    this.current?.lost(agent, reason);
    for (const call of this.#open ?? []) call.lost(agent, reason);
    for (const item of items) if (item instanceof Call) item.lost(agent, reason);
    this.current = this.#open = this.#last = undefined;
  }

  /** A call without an outcome, if there is one. */
  get unsettled(): Call | undefined {
    for (const call of this.#open ?? []) {
      if (!call.settled) return call;
      this.#open?.delete(call);
    }
    return undefined;
  }
}
