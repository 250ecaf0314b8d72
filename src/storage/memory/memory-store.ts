import { systemClock } from "#foundation";
import type { Cache, Change, Clock, Store } from "#foundation";
import { checkCount, checkName, jsonText } from "../rules/check-call.ts";
import { followChanges } from "../rules/follow-changes.ts";
import { Lifetime } from "../rules/lifetime.ts";
import { ChangeFeed } from "./change-feed.ts";
import { memoryDocuments } from "./documents.ts";
import { memoryLeases } from "./leases.ts";
import type { LeaseTable } from "./leases.ts";
import { memoryLogs } from "./logs.ts";
import { memoryQueue } from "./queue.ts";

export interface MemoryStoreOptions {
  /** Ends leases and claims; the machine's clock unless told. */
  readonly clock?: Clock;
}

/** What the rooms of one memory store share. */
export interface MemoryState {
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly changes: ChangeFeed;
  readonly leases: LeaseTable;
}

/** An empty store that lives as long as this process holds it. Values are copied on their way in and out. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { clock = systemClock } = options;
  const lifetime = new Lifetime("the memory store");
  const changes = new ChangeFeed();
  const state: MemoryState = { clock, lifetime, changes, leases: new Map() };
  return {
    documents: memoryDocuments(state),
    logs: memoryLogs(state),
    cache: memoryCache(state),
    leases: memoryLeases(state),
    queue: memoryQueue(state),
    watch: ({ after, signal }) => {
      checkCount("after", after);
      const read = async (last: number): Promise<readonly Change[]> => changes.after(last);
      return followChanges({ after, signal, lifetime, bell: changes.bell, read });
    },
    position: async () => {
      lifetime.assertOpen();
      return changes.position;
    },
    [Symbol.asyncDispose]: () => lifetime.end(async () => {}),
  };
}

function memoryCache({ lifetime }: MemoryState): Cache {
  const texts = new Map<string, string>();
  return {
    get: async (key) => {
      checkName("key", key);
      lifetime.assertOpen();
      const text = texts.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    set: async (key, value) => {
      checkName("key", key);
      const text = jsonText("value", value);
      lifetime.assertOpen();
      texts.set(key, text);
    },
  };
}
