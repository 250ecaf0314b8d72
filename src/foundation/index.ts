/** The foundation floor: time, chance, identity, errors, events, bounded concurrency and the Store port. No ML. */

export { nextTurn, systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { integerBelow, pick, sampleItems, seededRng, shuffle, systemRng } from "./rng.ts";
export type { Rng } from "./rng.ts";
export { mintId } from "./id.ts";
export type { Id } from "./id.ts";

export { CodedError, messageOf, UsageError } from "./error.ts";
export type { CodedErrorOptions } from "./error.ts";
export { canonicalJson, describe, isPlainObject, jsonDefect, present } from "./json.ts";
export type { Json, JsonObject } from "./json.ts";

export { EventStream } from "./event-stream.ts";
export type { Event, SubscribeOptions } from "./event-stream.ts";
export { mapConcurrently } from "./map-concurrently.ts";
export type { MapConcurrentlyOptions } from "./map-concurrently.ts";

export { StoreError } from "./store.ts";
export type {
  Cache,
  Change,
  ClaimedTask,
  ClaimOptions,
  Documents,
  Fence,
  HeldLease,
  LeaseResult,
  Leases,
  ListOptions,
  Logs,
  PutOptions,
  ReadOptions,
  Store,
  StoredDocument,
  StoreErrorCode,
  WatchOptions,
  WorkQueue,
  WriteOptions,
  WriteResult,
} from "./store.ts";
