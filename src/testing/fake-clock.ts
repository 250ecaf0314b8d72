import { UsageError } from "#foundation";
import type { Clock } from "#foundation";

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /**
   * Goes on by `ms` and ends every sleep that falls due, in order, each at its own time. Whatever a sleeper does next,
   * up to its next sleep or other wait, is done before the clock goes further; sleeps begun on the way count.
   */
  advance(ms: number): Promise<void>;
  /** How many sleeps have not ended. */
  pending(): number;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock for tests, starting at `startMs`. Without `advance` nobody who sleeps wakes up. */
export function fakeClock(startMs = 0): FakeClock {
  const sleepers = new Set<Sleeper>();
  let now = startMs;

  const nextDue = (until: number): Sleeper | undefined =>
    [...sleepers]
      .filter(({ wakeAt }) => wakeAt <= until)
      .reduce<Sleeper | undefined>(
        (first, other) => (first && first.wakeAt <= other.wakeAt ? first : other),
        undefined,
      );

  return {
    now: () => now,
    pending: () => sleepers.size,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const end = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          end();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          wakeAt: now + Math.max(0, ms),
          wake: () => {
            end();
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    async advance(ms) {
      if (!(ms >= 0)) throw new UsageError(`fakeClock.advance: expected at least 0 ms, got ${ms}`);
      const until = now + ms;
      await settled();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        now = Math.max(now, due.wakeAt);
        due.wake();
        await settled();
      }
      now = until;
    },
  };
}

/** Resolves when every promise that could go on without time has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
