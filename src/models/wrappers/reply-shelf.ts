import { isPlainObject } from "#foundation";
import type { Clock, Json, Store } from "#foundation";
import type { ModelReply } from "#programs";
import { readReply, storableReply } from "./stored-reply.ts";

/** Where replies are kept. Neither verb rejects: a shelf that fails has no reply and takes none. */
export interface ReplyShelf {
  /** What can be told without waiting. */
  ready(key: string): ModelReply | undefined;
  get(key: string): Promise<ModelReply | undefined>;
  put(key: string, reply: ModelReply): Promise<void>;
}

export interface ShelfOptions {
  readonly ttlMs: number;
  readonly clock: Clock;
}

/** In memory: the least recently used reply goes when there are more than `maxEntries`. */
export function memoryShelf(maxEntries: number, { ttlMs, clock }: ShelfOptions): ReplyShelf {
  const entries = new Map<string, { readonly at: number; readonly reply: ModelReply }>();
  const ready = (key: string): ModelReply | undefined => {
    const entry = entries.get(key);
    entries.delete(key);
    if (entry === undefined || isOld(entry.at, ttlMs, clock)) return undefined;
    entries.set(key, entry);
    return entry.reply;
  };
  return {
    ready,
    get: async (key) => ready(key),
    async put(key, reply) {
      entries.delete(key);
      entries.set(key, { at: clock.now(), reply });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
  };
}

/** In the cache of a store, which outlives the process. What is not a reply, or not its key's, counts as none. */
export function storeShelf({ cache }: Pick<Store, "cache">, { ttlMs, clock }: ShelfOptions): ReplyShelf {
  return {
    ready: () => undefined,
    async get(key) {
      const entry = await cache.get(placeOf(key)).catch(() => undefined);
      if (!isPlainObject(entry) || entry["key"] !== key || typeof entry["at"] !== "number") return undefined;
      return isOld(entry["at"], ttlMs, clock) ? undefined : readReply(entry["reply"]);
    },
    async put(key, reply) {
      const storable = storableReply(reply);
      if (storable === undefined) return;
      const entry: Json = { key, at: clock.now(), reply: storable };
      await cache.set(placeOf(key), entry).catch(() => {});
    },
  };
}

function placeOf(key: string): string {
  return `model-reply/${key}`;
}

function isOld(at: number, ttlMs: number, clock: Clock): boolean {
  return clock.now() - at >= ttlMs;
}
