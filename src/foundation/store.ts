/// <reference lib="esnext.disposable" preserve="true" />
import { CodedError } from "./error.ts";
import type { Json } from "./json.ts";

/**
 * Where everything that must outlive a process is kept. Five kinds of record and one `watch` over the first two; each
 * group has the fewest verbs that suffice. Every method rejects with `StoreError` when the engine fails; a lost race
 * (compare-and-set, lease, fence) is an answer, never an exception. A write that was answered survives `kill -9`. What
 * the caller gets wrong (a value that is not JSON, an empty name, a negative limit) rejects with `UsageError` before
 * anything is done.
 *
 * Disposal is idempotent: writes that were asked for are answered, every watch ends, later calls reject with "closed".
 */
export interface Store extends AsyncDisposable {
  readonly documents: Documents;
  readonly logs: Logs;
  readonly cache: Cache;
  readonly leases: Leases;
  readonly queue: WorkQueue;
  /**
   * The changes of documents and logs with a sequence greater than `after`, oldest first and without gaps, then the
   * ones to come, until the signal aborts or the store is disposed of (the iteration then ends without an error).
   * `after` 0 starts at the beginning; `position()` is the sequence of the newest change.
   */
  watch(options: WatchOptions): AsyncIterable<Change>;
  position(): Promise<number>;
}

/** Named JSON values with a revision. A kind is a collection: "program", "run", "space". */
export interface Documents {
  get(kind: string, id: string): Promise<StoredDocument | undefined>;
  /** Documents of a kind, ordered by id (by code points), from the first id greater than `after`. */
  list(kind: string, options?: ListOptions): Promise<StoredDocument[]>;
  put(kind: string, id: string, body: Json, options?: PutOptions): Promise<WriteResult>;
  /** A deletion counts as a write. Where there is no document nothing happens; the answer is its last revision, or 0. */
  delete(kind: string, id: string, options?: PutOptions): Promise<WriteResult>;
}

export interface StoredDocument {
  readonly kind: string;
  readonly id: string;
  /** 1 for the first write, one more for each later one; a document written anew after its deletion goes on counting. */
  readonly revision: number;
  readonly body: Json;
}

export interface ListOptions {
  readonly after?: string;
  /** At most so many; 1,000 unless told. */
  readonly limit?: number;
}

export interface WriteOptions {
  /**
   * `"full"` (default): on the disk before the answer. `"relaxed"`: survives the death of the process, not
   * necessarily the loss of power; for what can be derived again.
   */
  readonly durability?: "full" | "relaxed";
  /** The write is refused unless this fence is still valid (see `Leases`), which is checked within the write. */
  readonly fence?: Fence;
}

export interface PutOptions extends WriteOptions {
  /**
   * The revision that the caller has seen; 0: the document must not exist (a deleted one does not). Without it the
   * write is unconditional.
   */
  readonly expect?: number;
}

/**
 * A write's answer. `conflict` carries the revision (or length) found instead of the expected one, 0 for a document
 * that does not exist. A write that is both is `fenced`.
 */
export type WriteResult =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly reason: "conflict"; readonly revision: number }
  | { readonly ok: false; readonly reason: "fenced" };

/** Append-only sequences: run events, evaluations, histories. */
export interface Logs {
  /** Appends all entries or none; the revision in the answer is the log's new length. `expect` is the length seen. */
  append(log: string, entries: readonly Json[], options?: PutOptions): Promise<WriteResult>;
  /** Entries from index `from` (0), at most `limit` (10,000) of them. */
  read(log: string, options?: ReadOptions): Promise<Json[]>;
  length(log: string): Promise<number>;
}

export interface ReadOptions {
  readonly from?: number;
  readonly limit?: number;
}

/** Answers of models by the hash of their request. May lose its newest entries with the power, never mix them up. */
export interface Cache {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
}

/**
 * Exclusive rights for a time. The epoch grows with every change of holder, so that a late writer can be refused. A fence
 * is valid while no later epoch was granted and the lease was not released, whether or not its time has passed: as long
 * as nobody else got the lease, nobody else can have written in the holder's place.
 */
export interface Leases {
  /**
   * The holder that asks again renews and keeps its epoch, even late, as long as nobody else got the lease. An expired or
   * released lease goes to the next who asks, with a new epoch. So `holder` must name one process, not a role.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<LeaseResult>;
  /** Gives the lease back; nothing happens when the fence is no longer the current one. */
  release(fence: Fence): Promise<void>;
  /** Who holds the lease, without asking for it; `undefined` when nobody does, or its time has passed. */
  look(name: string): Promise<HeldLease | undefined>;
}

/** A lease as others see it. */
export interface HeldLease {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

export interface Fence {
  readonly lease: string;
  readonly epoch: number;
}

export type LeaseResult =
  | { readonly ok: true; readonly fence: Fence; readonly expiresAt: number }
  | { readonly ok: false; readonly holder: string; readonly expiresAt: number };

/** Tasks that each go to one worker at a time and come back when that worker falls silent: at least once. */
export interface WorkQueue {
  enqueue(queue: string, payloads: readonly Json[]): Promise<string[]>;
  /** Up to `limit` tasks, oldest first, each held for `leaseMs`. Expired ones are handed out again. */
  claim(queue: string, worker: string, options: ClaimOptions): Promise<ClaimedTask[]>;
  /** Holds the task for `leaseMs` from now. `false`: it was handed to another worker or is done. */
  heartbeat(task: ClaimedTask, leaseMs: number): Promise<boolean>;
  /** Removes the task. `false`: it was handed to another worker or is done; the caller's result must not count. */
  complete(task: ClaimedTask): Promise<boolean>;
}

export interface ClaimOptions {
  readonly limit: number;
  readonly leaseMs: number;
}

export interface ClaimedTask {
  readonly queue: string;
  readonly id: string;
  readonly payload: Json;
  /** 1 for the first delivery. Fences the worker: only the newest delivery can complete the task. */
  readonly delivery: number;
}

export interface WatchOptions {
  readonly after: number;
  readonly signal: AbortSignal;
}

export type Change =
  | {
      readonly type: "document";
      readonly sequence: number;
      readonly kind: string;
      readonly id: string;
      readonly revision: number;
      readonly deleted: boolean;
    }
  | { readonly type: "log"; readonly sequence: number; readonly log: string; readonly length: number };

export type StoreErrorCode =
  /** Written by a newer version of tutti; nothing was touched. */
  | "newer_schema"
  /** The place cannot be written or read: permissions, a full disk, a path that is no file. */
  | "inaccessible"
  /** The file is no store or is damaged. */
  | "corrupt"
  /** Other processes held the store for too long. */
  | "busy"
  /** The store was disposed of. */
  | "closed"
  /** Anything else that the engine said; see `cause`. */
  | "engine";

/** What a store rejects with. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = "StoreError";
}
