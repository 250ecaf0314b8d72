import { UsageError } from "./error.ts";

export interface MapConcurrentlyOptions {
  /** How many calls run at once. */
  readonly concurrency: number;
  /** Yields the results in the order of the items; as they complete unless told. */
  readonly ordered?: boolean;
  /** No call starts once it has aborted; calls in flight see it through their own means. */
  readonly signal?: AbortSignal | undefined;
}

type Settled<R> = { readonly index: number } & (
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly error: unknown }
);

/**
 * Calls `work` for every item, at most `concurrency` at once, and yields the results as they complete, or in the order
 * of the items. A call starts as soon as another ends, unless `concurrency` results already wait, for the consumer or
 * for one before them: the consumer sets the pace. A consumer that stops early starts no further call. The first
 * rejection, of a call or of the items' iterator, starts no further call and ends the iteration after the results that
 * come before it. In every case the calls in flight are awaited before the iteration returns, so that nothing runs on
 * unowned. Throws `UsageError` at once for a concurrency that is no whole number above 0.
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
  { concurrency, ordered = false, signal }: MapConcurrentlyOptions,
): AsyncGenerator<R, void, undefined> {
  const source = items[Symbol.iterator]();
  const settled: Settled<R>[] = [];
  let [running, started, yielded, exhausted, failed] = [0, 0, 0, false, false];
  let wake = (): void => {};

  const fail = (index: number, error: unknown): void => {
    failed = true;
    settled.push({ index, ok: false, error });
  };
  const start = async (item: T, index: number): Promise<void> => {
    running++;
    try {
      settled.push({ index, ok: true, result: await work(item, index) });
    } catch (error) {
      fail(index, error);
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
        else void start(next.value, started++);
      } catch (error) {
        exhausted = true;
        fail(started, error);
      }
    }
  };
  const take = (): Settled<R> | undefined => {
    const place = ordered ? settled.findIndex(({ index }) => index === yielded) : 0;
    return place === -1 ? undefined : settled.splice(place, 1)[0];
  };
  const nextSettled = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  try {
    fill();
    while (running > 0 || settled.length > 0) {
      const outcome = take();
      if (outcome === undefined) {
        await nextSettled();
        continue;
      }
      if (!outcome.ok) throw outcome.error;
      yielded++;
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
