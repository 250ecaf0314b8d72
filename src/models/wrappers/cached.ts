import { present, systemClock, UsageError } from "#foundation";
import type { Clock, Store } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelCallOptions, ModelChunk, ModelReply, ModelRequest } from "#programs";
import { chunksOf } from "../whole-stream.ts";
import { checkNumbers } from "./check-numbers.ts";
import { Flight } from "./flight.ts";
import type { Piece } from "./flight.ts";
import { withMetadata } from "./reply-metadata.ts";
import { memoryShelf, storeShelf } from "./reply-shelf.ts";
import { requestKey } from "./request-key.ts";
import { checkModel } from "./wrapped.ts";

export interface CacheOptions {
  /** Keeps the replies beyond the process; in memory unless told. */
  readonly store?: Pick<Store, "cache">;
  /** How many replies are kept in memory, the least recently used going first; 10,000 unless told. */
  readonly maxEntries?: number;
  /** How long a reply counts; for ever unless told. */
  readonly ttlMs?: number;
  readonly clock?: Clock;
}

export interface CacheStats {
  /** Calls that cost nothing: answered from the cache or along with an identical call. */
  readonly hits: number;
  /** Calls for which the model was asked, answered or not. */
  readonly misses: number;
  /** Of both, the share of hits; 0 before the first call. */
  readonly hitRate: number;
}

/** A model that is asked the same thing once. */
export interface CachedModel extends LanguageModel {
  stats(): CacheStats;
}

/**
 * The model, whose replies are kept by the model's id and the whole request, rollout included. Identical calls in flight
 * are one call, which ends early only when all its callers have gone; one of them gets its usage, the others, like
 * those answered from the cache, none, and `metadata.cached`. Failures are not kept, nor replies that ended in an error.
 * `options.cache: false` passes the cache by in both directions. What is stored is checked when it is read, and a store
 * that fails is no failure of the call. Vectors are not kept. Two models under one id must not share a store.
 */
export function cached(model: LanguageModel, options: CacheOptions = {}): CachedModel {
  const { store, maxEntries, ttlMs, clock = systemClock } = options;
  checkModel(model, "cached");
  checkNumbers("cached", { maxEntries }, { whole: true });
  checkNumbers("cached", { ttlMs });
  if (store !== undefined && maxEntries !== undefined)
    throw new UsageError("cached: maxEntries is for a cache in memory; a store keeps all its entries");
  const shelfOptions = { ttlMs: ttlMs ?? Infinity, clock };
  const shelf = store === undefined ? memoryShelf(maxEntries ?? 10_000, shelfOptions) : storeShelf(store, shelfOptions);
  const flights = new Map<string, Flight>();
  let [hits, misses] = [0, 0];

  /** From the shelf, else from the model and onto the shelf. */
  const taking = (key: string, ask: (signal: AbortSignal) => AsyncIterable<ModelChunk>) =>
    async function* (signal: AbortSignal): AsyncGenerator<Piece, void, undefined> {
      const found = await shelf.get(key);
      if (found !== undefined) return yield* chunksOf(found).map((chunk) => ({ chunk, isFree: true }));
      signal.throwIfAborted();
      misses++;
      for await (const chunk of ask(signal)) {
        if (chunk.type === "reply" && chunk.reply.finishReason !== "error") await shelf.put(key, chunk.reply);
        yield { chunk, isFree: false };
      }
    };

  async function* answer(
    request: ModelRequest,
    signal: AbortSignal | undefined,
    ask: (signal: AbortSignal) => AsyncIterable<ModelChunk>,
  ): AsyncGenerator<ModelChunk, void, undefined> {
    signal?.throwIfAborted();
    const key = requestKey(model.id, request);
    const ready = shelf.ready(key);
    if (ready !== undefined) {
      hits++;
      return yield* chunksOf(free(ready));
    }
    let flight = flights.get(key);
    if (flight === undefined) {
      const ended = (): void => void (flights.get(key) === flight && flights.delete(key));
      flight = new Flight({ take: taking(key, ask), ended });
      flights.set(key, flight);
    }
    for await (const { chunk, isFree } of flight.board(signal)) {
      if (chunk.type === "reply" && isFree) hits++;
      yield chunk.type === "reply" && isFree ? { type: "reply", reply: free(chunk.reply) } : chunk;
    }
  }

  const stream = model.stream?.bind(model);
  const base: CachedModel = {
    id: model.id,
    async generate(request, call = {}) {
      if (call.cache === false) return model.generate(request, call);
      const chunks = answer(request, call.signal, (signal) => wholeAnswer(model, request, signal));
      for await (const chunk of chunks) if (chunk.type === "reply") return chunk.reply;
      throw new ModelError("unavailable", `${model.id}: the stream was cut short`, { retryable: true });
    },
    stats: () => ({ hits, misses, hitRate: hits + misses === 0 ? 0 : hits / (hits + misses) }),
  };
  return present({
    ...base,
    usdPerMillionTokens: model.usdPerMillionTokens,
    supports: model.supports,
    stream:
      stream &&
      ((request: ModelRequest, call: ModelCallOptions = {}): AsyncIterable<ModelChunk> =>
        call.cache === false
          ? stream(request, call)
          : answer(request, call.signal, (signal) => stream(request, { signal }))),
    embed: model.embed?.bind(model),
  });
}

async function* wholeAnswer(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelChunk, void, undefined> {
  yield* chunksOf(await model.generate(request, { signal }));
}

/** What it cost was paid before, or by somebody else. */
function free(reply: ModelReply): ModelReply {
  return withMetadata({ ...reply, usage: noUsage }, { cached: true });
}
