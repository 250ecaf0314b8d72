import type { Fence, HeldLease, PutOptions, WriteResult } from "#foundation";

/** What is known of a lease. A released lease has no holder; its epoch stays, so that the next one is greater. */
export interface LeaseState {
  readonly epoch: number;
  readonly holder: string | null;
  readonly expiresAt: number;
}

/**
 * Whether a fence still lets its holder write: no later epoch was granted and the lease was not given back. Its time
 * does not matter: as long as nobody else got the lease, nobody else can have written in the holder's place.
 */
export function isFenceValid(lease: LeaseState | undefined, fence: Fence): boolean {
  return lease !== undefined && lease.holder !== null && lease.epoch === fence.epoch;
}

/** Why a write must not happen, or `undefined` when it may. `found` is the revision or length, 0 for what is absent. */
export function refusalOf(
  found: number,
  lease: LeaseState | undefined,
  { expect, fence }: PutOptions,
): Extract<WriteResult, { ok: false }> | undefined {
  if (fence !== undefined && !isFenceValid(lease, fence)) return { ok: false, reason: "fenced" };
  if (expect !== undefined && expect !== found) return { ok: false, reason: "conflict", revision: found };
  return undefined;
}

/** The lease after `holder` asked for it, or `undefined` when somebody else holds it at that time. */
export function leaseAfterAsking(
  lease: LeaseState | undefined,
  asked: { readonly holder: string; readonly now: number; readonly ttlMs: number },
): LeaseState | undefined {
  const { holder, now, ttlMs } = asked;
  const expiresAt = now + ttlMs;
  if (lease === undefined) return { epoch: 1, holder, expiresAt };
  if (lease.holder === holder) return { ...lease, expiresAt };
  if (lease.holder !== null && now < lease.expiresAt) return undefined;
  return { epoch: lease.epoch + 1, holder, expiresAt };
}

/** The lease as others see it at that time: nothing of one that nobody holds. */
export function heldAt(lease: LeaseState | undefined, now: number): HeldLease | undefined {
  if (lease === undefined || lease.holder === null || now >= lease.expiresAt) return undefined;
  return { holder: lease.holder, epoch: lease.epoch, expiresAt: lease.expiresAt };
}
