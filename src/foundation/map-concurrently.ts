import { UsageError } from "./error.ts";

export interface MapConcurrentlyOptions {
  /** How many calls run at once. */
  readonly concurrency: number;
  /** No call starts once it has aborted; calls in flight see it through their own means. */
  readonly signal?: AbortSignal | undefined;
}

type Settled<R> = { readonly ok: true; readonly result: R } | { readonly ok: false; readonly error: unknown };

/**
 * Calls `work` for every item, at most `concurrency` at once, and yields the results as they complete. A call starts
 * as soon as another ends, unless `concurrency` results already wait for the consumer: the consumer sets the pace. A
 * consumer that stops early starts no further call. The first rejection, of a call or of the items' iterator, starts no
 * further call and ends the iteration after the results that came before it. In every case the calls in flight are
 * awaited before the iteration returns, so that nothing runs on unowned. Throws `UsageError` at once for a concurrency
 * that is no whole number above 0.
 */
export function mapConcurrently<T, R>(
  items: Iterable<T>,
  work: (item: T, index: number) => Promise<R>,
  options: MapConcurrentlyOptions,
): AsyncGenerator<R, void, undefined> {
  const { concurrency } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError(`concurrency: expected a whole number of at least 1, got ${concurrency}`);
  return results(items, work, options);
}

async function* results<T, R>(
  items: Iterable<T>,
  work: (item: T, index: number) => Promise<R>,
  { concurrency, signal }: MapConcurrentlyOptions,
): AsyncGenerator<R, void, undefined> {
  const source = items[Symbol.iterator]();
  const settled: Settled<R>[] = [];
  let [running, started, exhausted, failed] = [0, 0, false, false];
  let wake = (): void => {};

  const fail = (error: unknown): void => {
    failed = true;
    settled.push({ ok: false, error });
  };
  const start = async (item: T): Promise<void> => {
    running++;
    try {
      settled.push({ ok: true, result: await work(item, started++) });
    } catch (error) {
      fail(error);
    }
    running--;
    fill();
    wake();
  };
  const mayStart = (): boolean =>
    !exhausted && !failed && running < concurrency && settled.length < concurrency && signal?.aborted !== true;
  const fill = (): void => {
    while (mayStart()) {
      try {
        const next = source.next();
        if (next.done === true) exhausted = true;
        else void start(next.value);
      } catch (error) {
        exhausted = true;
        fail(error);
      }
    }
  };
  const nextSettled = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  try {
    fill();
    while (running > 0 || settled.length > 0) {
      if (settled.length === 0) await nextSettled();
      const outcome = settled.shift();
      if (outcome === undefined) continue;
      if (!outcome.ok) throw outcome.error;
      fill();
      yield outcome.result;
    }
    signal?.throwIfAborted();
  } finally {
    if (!exhausted) source.return?.();
    exhausted = true;
    while (running > 0) await nextSettled();
  }
}
