import { AgentError } from "../call.ts";
import type { Deadline } from "../deadlines.ts";
import type { AgentRuntime } from "../runtime.ts";

interface InTimeOptions {
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
  /** For the error. */
  readonly what: string;
}

/** The promise, unless the time is over (`timeout`) or the signal aborts first. */
export function inTime<T>(runtime: AgentRuntime, work: Promise<T>, { ms, signal, what }: InTimeOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    const deadline: Deadline = {
      settled: false,
      expire: () => reject(new AgentError("timeout", `${what} took longer than ${ms} ms`)),
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (ms !== Infinity) runtime.deadlines.add(ms, deadline);
    const end = (): void => {
      deadline.settled = true;
      signal?.removeEventListener("abort", onAbort);
    };
    work.then(resolve, reject).finally(end);
  });
}
