import type { Change, WatchOptions } from "#foundation";
import type { Bell } from "./bell.ts";
import type { Lifetime } from "./lifetime.ts";

export interface FollowOptions extends WatchOptions {
  /** Ends the iteration too, and refuses one that begins after the end. */
  readonly lifetime: Lifetime;
  /** Rings at the latest when a change can be read. */
  readonly bell: Bell;
  /** The oldest changes with a sequence greater than `after`, in order; as many as are good to hold at once. */
  readonly read: (after: number) => Promise<readonly Change[]>;
}

/** The changes after a position and those to come, in order, until the signal aborts or the store ends. */
export async function* followChanges(options: FollowOptions): AsyncGenerator<Change, void, undefined> {
  const { lifetime, bell, read } = options;
  lifetime.assertOpen();
  const signal = AbortSignal.any([options.signal, lifetime.signal]);
  let last = options.after;
  while (!signal.aborted) {
    const seen = bell.rings;
    const changes = await read(last);
    for (const change of changes) {
      if (signal.aborted) return;
      last = change.sequence;
      yield change;
    }
    if (changes.length === 0) await bell.wait(seen, signal);
  }
}
