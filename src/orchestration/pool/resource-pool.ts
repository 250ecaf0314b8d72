import { describe, EventStream, systemClock, UsageError } from "#foundation";
import type { Clock } from "#foundation";
import { coordinateResources } from "./coordinate-resources.ts";
import type { AllocationMode, CoordinateResourcesError } from "./coordinate-resources.ts";
import { available, holdersOf, poolStatus } from "./ledger.ts";
import type { Lease, LeaseConditions, LeaseError, PoolStatus } from "./ledger.ts";
import type { PoolEvent } from "./pool-event.ts";
import { askPool, cancelPending, endHolder, nextDue, passTime, releaseFrom, useLease } from "./pool-moves.ts";
import { after, poolState, unchanged } from "./pool-state.ts";
import type { PoolChange, PoolRequest, PoolState } from "./pool-state.ts";
import { takeTokens, tokenBucket } from "./token-bucket.ts";
import type { BucketOptions, TokenBucket } from "./token-bucket.ts";

/** What an agent was given. */
export interface PoolGrant {
  /** The id of the lease. */
  readonly lease: number;
  readonly agent: string;
  readonly resource: string;
  readonly granted: number;
  /** `null`: until it is released. */
  readonly durationMs: number | null;
  readonly conditions: LeaseConditions;
}

export interface PoolError {
  readonly code: LeaseError["code"] | "holder_ended" | "cancelled" | "closed";
  readonly message: string;
}

export type PoolRequestResult =
  | { readonly ok: true; readonly value: PoolGrant }
  | { readonly ok: false; readonly error: PoolError };

export type PoolBatchResult =
  | { readonly ok: true; readonly value: readonly PoolGrant[] }
  | { readonly ok: false; readonly error: PoolError | CoordinateResourcesError };

export type PoolTakeResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: "rate_limited" | "unknown_resource";
        readonly message: string;
        /** Infinite: there will never be enough. */
        readonly retryAfterMs: number;
      };
    };

export interface ResourcePoolOptions {
  readonly clock?: Clock;
  /** How long those whose leases are preempted have notice; 1 s by default. */
  readonly graceMs?: number;
  /**
   * Tells when an agent has ended, once, from when it has its first lease: with a `Ref`, `(agent, onEnd) =>
   * refOf(agent).monitor(onEnd)`. What only it held is free before `onEnd` returns. Nobody ends by default.
   */
  readonly watch?: (agent: string, onEnd: () => void) => Disposable;
  /** What is not held but used up, by name: calls, tokens, CPU time. */
  readonly buckets?: Readonly<Record<string, BucketOptions>>;
}

/**
 * Resources of a team while it runs: leases that end when their time or their holder does, when they are idle, or when
 * a more important request takes them. For every resource the leases never add up to more than its total. It decides
 * with the pure moves of a `PoolState` and keeps nothing else but the alarm for the next of them.
 */
export class ResourcePool implements AsyncDisposable {
  readonly events: EventStream<PoolEvent> = new EventStream();
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #watch: ResourcePoolOptions["watch"];
  readonly #watches = new Map<string, Disposable>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #waiting = new Map<number, (lease: Lease | undefined) => void>();
  #state: PoolState;
  #alarm = new AbortController();
  #alarmAt = Infinity;
  #isClosed = false;

  constructor(totals: Readonly<Record<string, number>>, options: ResourcePoolOptions = {}) {
    const { clock = systemClock, graceMs = 1_000, watch, buckets = {} } = options;
    if (!Number.isFinite(graceMs) || graceMs < 0) {
      throw new UsageError(`ResourcePool: expected a finite graceMs of at least 0, got ${describe(graceMs)}`);
    }
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#watch = watch;
    this.#state = poolState(totals);
    for (const [name, bucket] of Object.entries(buckets)) this.#buckets.set(name, tokenBucket(bucket, clock.now()));
  }

  /** The leases that hold now, with those that a waiting request has so far. */
  get leases(): readonly Lease[] {
    this.#passTime();
    return this.#state.ledger.leases;
  }

  /** What there is, what of it is leased and what is left. */
  status(): PoolStatus {
    this.#passTime();
    return poolStatus(this.#state.ledger);
  }

  /**
   * The whole amount, or nothing. When it is not free but leases that the request may preempt would make it so, their
   * agents get notice, and the grant comes when the grace time is over or enough has come free before. The signal
   * withdraws a request that waits. Throws a `UsageError` for a request without an agent or with times below 0.
   */
  request(request: PoolRequest, options: { readonly signal?: AbortSignal } = {}): Promise<PoolRequestResult> {
    const { signal } = options;
    if (this.#isClosed) return Promise.resolve(refused("closed", "the pool is closed"));
    if (signal?.aborted === true) return Promise.resolve(refused("cancelled", "withdrawn"));
    this.#passTime();
    const asked = askPool(this.#state, request, this.#clock.now(), this.#graceMs);
    if (!asked.ok) return Promise.resolve({ ok: false, error: asked.error });
    if ("lease" in asked) {
      this.#enact(asked);
      return Promise.resolve(this.#granted(request, asked.lease));
    }
    return this.#wait(request, asked, signal);
  }

  /** Divides what is available between requests, as `coordinateResources` does, and leases it. Nobody is preempted. */
  requestAll(
    requests: readonly (PoolRequest & { readonly min?: number })[],
    options: { readonly mode?: AllocationMode; readonly whole?: readonly string[] } = {},
  ): PoolBatchResult {
    if (this.#isClosed) return refused("closed", "the pool is closed");
    this.#passTime();
    const resources = [...new Set(requests.map(({ resource }) => resource))];
    const free = Object.fromEntries(resources.map((resource) => [resource, available(this.#state.ledger, resource)]));
    const parts = requests.map((request, index) => ({ ...request, agent: String(index) }));
    const decided = coordinateResources(parts, free, options);
    if (!decided.ok) return decided;
    let change = unchanged(this.#state);
    const grants: PoolGrant[] = [];
    for (const { agent: index, granted } of decided.value) {
      const request = requests[Number(index)];
      if (request === undefined) continue;
      const asked = askPool(change.state, { ...request, amount: granted }, this.#clock.now(), this.#graceMs);
      if (!asked.ok) return asked;
      change = after(change, asked);
      if ("lease" in asked) grants.push(grantOf(request, asked.lease));
    }
    this.#enact(change);
    return { ok: true, value: grants };
  }

  /** Gives leases back. An id that is not, or no longer, leased changes nothing. */
  release(...leases: readonly number[]): void {
    this.#passTime();
    this.#enact(releaseFrom(this.#state, leases, { at: this.#clock.now(), reason: "released" }));
  }

  /** Gives back all that only this agent holds, and withdraws what it waits for. */
  releaseAgent(agent: string): void {
    this.#passTime();
    this.#enact(endHolder(this.#state, agent, this.#clock.now()));
  }

  /** The lease is in use until the end of the use: a lease that ends when idle does not end meanwhile. */
  use(lease: number): Disposable {
    this.#passTime();
    this.#enact(unchanged(useLease(this.#state, lease, { at: this.#clock.now(), by: 1 })));
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#enact(unchanged(useLease(this.#state, lease, { at: this.#clock.now(), by: -1 })));
      },
    };
  }

  /** Uses up an amount of a bucket, or nothing. Throws a `UsageError` for an amount that is negative or not finite. */
  take(bucket: string, amount = 1): PoolTakeResult {
    const now = this.#buckets.get(bucket);
    if (now === undefined) {
      const error = { code: "unknown_resource" as const, message: `no bucket ${bucket}`, retryAfterMs: Infinity };
      return { ok: false, error };
    }
    const taken = takeTokens(now, amount, this.#clock.now());
    this.#buckets.set(bucket, taken.bucket);
    if (taken.ok) return { ok: true };
    const { retryAfterMs } = taken;
    return { ok: false, error: { code: "rate_limited", message: `${bucket}: not enough for ${amount}`, retryAfterMs } };
  }

  /** Ends all leases, answers waiting requests with `closed` and stops the alarm. Doing it again changes nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const at = this.#clock.now();
    const ids = this.#state.ledger.leases.map(({ id }) => id);
    let change = unchanged({ ...this.#state, owed: [] });
    for (const { id } of this.#state.pending) change = after(change, cancelPending(change.state, id, at));
    this.#enact(after(change, releaseFrom(change.state, ids, { at, reason: "closed" })));
  }

  #wait(
    request: PoolRequest,
    asked: PoolChange & { readonly pending: number },
    signal: AbortSignal | undefined,
  ): Promise<PoolRequestResult> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.#enact(cancelPending(this.#state, asked.pending, this.#clock.now()));
      this.#waiting.set(asked.pending, (lease) => {
        signal?.removeEventListener("abort", onAbort);
        if (lease !== undefined) return resolve(this.#granted(request, lease));
        if (signal?.aborted === true) return resolve(refused("cancelled", "withdrawn"));
        resolve(
          this.#isClosed
            ? refused("closed", "the pool is closed")
            : refused("holder_ended", `${request.agent} has ended`),
        );
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#enact(asked);
    });
  }

  /** A watcher may say at once that the agent has ended: then there is no lease any more. */
  #granted(request: PoolRequest, lease: Lease): PoolRequestResult {
    return this.#state.ledger.leases.some(({ id }) => id === lease.id)
      ? { ok: true, value: grantOf(request, lease) }
      : refused("holder_ended", `${request.agent} has ended`);
  }

  #passTime(): void {
    const at = this.#clock.now();
    if (nextDue(this.#state) <= at) this.#enact(passTime(this.#state, at));
  }

  #enact(change: PoolChange): void {
    this.#state = change.state;
    const at = this.#clock.now();
    if (this.events.isObserved) for (const happening of change.happenings) this.events.publish({ ...happening, at });
    this.#watchHolders();
    for (const { pending, lease } of change.answered) {
      this.#waiting.get(pending)?.(lease);
      this.#waiting.delete(pending);
    }
    this.#setAlarm();
  }

  #watchHolders(): void {
    const { ledger, pending, owed } = this.#state;
    const leases = [...ledger.leases, ...owed.map((one) => one.lease)];
    const present = new Set([...leases.flatMap(holdersOf), ...pending.map(({ request }) => request.agent)]);
    for (const [agent, watch] of this.#watches) {
      if (present.has(agent)) continue;
      this.#watches.delete(agent);
      watch[Symbol.dispose]();
    }
    if (this.#watch === undefined) return;
    for (const agent of present) {
      if (this.#watches.has(agent)) continue;
      this.#watches.set(agent, { [Symbol.dispose]: () => {} });
      const watch = this.#watch(agent, () => this.releaseAgent(agent));
      if (this.#watches.has(agent)) this.#watches.set(agent, watch);
      else watch[Symbol.dispose]();
    }
  }

  #setAlarm(): void {
    const due = nextDue(this.#state);
    if (due === this.#alarmAt) return;
    this.#alarm.abort();
    this.#alarm = new AbortController();
    this.#alarmAt = due;
    if (due === Infinity) return;
    const { signal } = this.#alarm;
    const ring = (): void => {
      this.#alarmAt = Infinity;
      this.#passTime();
      this.#setAlarm();
    };
    this.#clock.sleep(Math.max(0, due - this.#clock.now()), { signal }).then(ring, () => {});
  }
}

function refused(code: PoolError["code"], message: string): { readonly ok: false; readonly error: PoolError } {
  return { ok: false, error: { code, message } };
}

function grantOf({ durationMs, conditions = {} }: PoolRequest, lease: Lease): PoolGrant {
  const { id, agent, resource, amount } = lease;
  return { lease: id, agent, resource, granted: amount, durationMs: durationMs ?? null, conditions };
}
