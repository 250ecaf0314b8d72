import { execute } from "./kernel.ts";
import type { ExecuteOptions, Execution, PartialOutputs } from "./kernel.ts";
import type { Program } from "./program.ts";

/** An execution that can be watched, once: whoever iterates again goes on where the first one stopped. */
export interface ExecutionStream<O extends object = object> extends AsyncIterable<PartialOutputs<O>> {
  /** What `execute` answers or rejects with. A rejection that nobody awaits is none of the process. */
  readonly result: Promise<Execution<O>>;
}

export type StreamOptions = Omit<ExecuteOptions, "onPartial">;

/**
 * Runs a program as `execute` does, at once, and tells its outputs while the models write them. To iterate is to follow:
 * who falls behind gets several changes as one, and in the end the iteration throws what the execution rejects with.
 * Leaving the loop early aborts the execution and its model call; `result` then rejects with an `AbortError`. A model
 * that does not stream tells all of its stage at once.
 */
export function executeStream<I extends object, O extends object>(
  program: Program<I, O>,
  inputs: I,
  options: StreamOptions = {},
): ExecutionStream<O> {
  const leaving = new AbortController();
  const signal = options.signal === undefined ? leaving.signal : AbortSignal.any([options.signal, leaving.signal]);
  const pending: PartialOutputs[] = [];
  let wake = Promise.withResolvers<void>();
  const onPartial = (partial: PartialOutputs): void => {
    append(pending, partial);
    wake.resolve();
  };
  let isRunning = true;
  const result = execute(program, inputs, { ...options, signal, onPartial }).finally(() => {
    isRunning = false;
    wake.resolve();
  });
  result.catch(() => {});
  async function* follow(): AsyncGenerator<PartialOutputs<O>, void, undefined> {
    try {
      for (;;) {
        wake = Promise.withResolvers<void>();
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) yield next;
        if (!isRunning) break;
        await wake.promise;
      }
      await result;
    } finally {
      leaving.abort();
    }
  }
  const changes = follow();
  return { result, [Symbol.asyncIterator]: () => changes };
}

/** Adds to what waits of the same attempt: the queue is no longer than the stages and their attempts. */
function append(pending: PartialOutputs[], partial: PartialOutputs): void {
  const at = pending.findIndex(({ stage, attempt }) => stage === partial.stage && attempt === partial.attempt);
  const waiting = pending[at];
  if (waiting === undefined) pending.push(partial);
  else pending[at] = { ...waiting, outputs: { ...waiting.outputs, ...partial.outputs } };
}
