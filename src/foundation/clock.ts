/** Time as a parameter: whoever waits or measures takes a clock, so that a test can own the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** The longest wait of one timer; Node ends a longer one at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The machine's clock. A sleep does not keep the process alive by itself once its signal has aborted. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, options = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted === true) return reject(signal.reason);
      let timer: NodeJS.Timeout;
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const wait = (restMs: number): void => {
        timer = setTimeout(
          () => {
            if (restMs > maxTimerMs) return wait(restMs - maxTimerMs);
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
          Math.min(restMs, maxTimerMs),
        );
      };
      wait(ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

/** Lets timers, sockets and signals have their turn: for loops whose awaits may all be answered at once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
