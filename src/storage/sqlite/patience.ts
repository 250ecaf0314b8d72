import { StoreError } from "#foundation";
import type { Clock } from "#foundation";
import { isBusy, storeErrorOf } from "./sqlite-error.ts";

export interface Patience {
  readonly place: string;
  readonly clock: Clock;
  /** How long to try again before giving up, ms. */
  readonly patienceMs: number;
}

/**
 * Tries again while another connection is in the way. SQLite's own busy timeout would stop the event loop meanwhile, and
 * with it everything else that this process does.
 */
export async function withPatience<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { place, clock, patienceMs } = patience;
  const started = clock.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error)) throw storeErrorOf(error, place);
      if (clock.now() - started >= patienceMs) throw busyError(patience, error);
    }
    // Not longer with every try: among busy writers the file is free for microseconds, and one has to be there.
    await clock.sleep(1);
  }
}

function busyError({ place, patienceMs }: Patience, cause: unknown): StoreError {
  const message =
    `The store ${place} was held by other processes for more than ${patienceMs} ms. ` +
    `End the process that keeps it, or try again.`;
  return new StoreError("busy", message, { retryable: true, cause });
}
