import type { Clock } from "#foundation";

export interface WithinOptions {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** What the call rejects with when the time is over; the work's signal aborts with it. */
  readonly expired: () => Error;
}

/**
 * What the work comes to, if it comes to it within the time. When the time is over or the signal aborts, the call
 * rejects at once, and the work is told by its own signal: it need not listen.
 */
export async function within<T>(work: (signal: AbortSignal) => Promise<T>, options: WithinOptions): Promise<T> {
  const { ms, clock, signal, expired } = options;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void => {
    ending.abort(signal?.reason);
    timer.abort(signal?.reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  const late = clock.sleep(ms, { signal: timer.signal }).then(() => {
    const error = expired();
    ending.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(ending.signal), late]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    late.catch(() => {});
    timer.abort();
  }
}

/** The items of a source, none of which may take longer to come than the time. Leaving aborts the source's signal. */
export async function* eachWithin<T>(
  source: (signal: AbortSignal) => AsyncIterable<T>,
  options: WithinOptions,
): AsyncGenerator<T, void, undefined> {
  const { signal } = options;
  const leaving = new AbortController();
  const items = source(AbortSignal.any([leaving.signal, ...(signal === undefined ? [] : [signal])]));
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const item = await within(() => iterator.next(), options);
      if (item.done === true) return;
      yield item.value;
    }
  } finally {
    leaving.abort();
    // Not awaited: a source that hangs would hang its end as well.
    iterator.return?.().then(
      () => {},
      () => {},
    );
  }
}
