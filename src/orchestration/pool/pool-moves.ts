import { available, lease, release, releaseAgent, withoutHolder } from "./ledger.ts";
import type { Lease, LeaseError, Pool } from "./ledger.ts";
import type { ReleaseReason } from "./pool-event.ts";
import { cancellationOf, revoke, settle, termsOf } from "./pool-settlement.ts";
import { after, opened, unchanged } from "./pool-state.ts";
import type { PendingGrant, PoolChange, PoolHappening, PoolRequest, PoolState } from "./pool-state.ts";
import { preemption } from "./preemption.ts";
import type { Cut } from "./preemption.ts";
import { difference } from "./units.ts";

export type PoolAsk =
  | (PoolChange & { readonly ok: true; readonly lease: Lease })
  | (PoolChange & { readonly ok: true; readonly pending: number })
  | { readonly ok: false; readonly error: LeaseError };

/** Leases what is free, or gives notice to those whose leases it may preempt, or is refused. */
export function askPool(state: PoolState, request: PoolRequest, at: number, graceMs: number): PoolAsk {
  const { agent, resource, amount, priority = 0 } = request;
  const leased = lease(state.ledger, { ...termsOf(request), agent, amounts: { [resource]: amount }, at });
  if (leased.ok) {
    const [granted] = leased.leases;
    if (granted === undefined) return { ok: false, error: nothingAsked(request) };
    const change = opened(unchanged({ ...state, ledger: leased.pool }), granted, at);
    return { ok: true, ...change, lease: granted };
  }
  if (leased.error.code !== "resource_exhausted") return { ok: false, error: leased.error };
  const free = available(state.ledger, resource);
  const provisional = new Set(state.pending.map((one) => one.lease));
  const victims = state.ledger.leases.filter(({ id }) => !provisional.has(id));
  const need = { agent, resource, amount: difference(amount, free), priority };
  const cuts = preemption(
    victims,
    need,
    state.pending.flatMap((one) => one.cuts),
  );
  if (cuts === undefined) return { ok: false, error: leased.error };
  const id = state.waited + 1;
  const pending: PendingGrant = { id, request, lease: undefined, cuts, dueAt: at + graceMs };
  const noticed = unchanged({ ...state, waited: id, pending: [...state.pending, pending] });
  const notices = cuts.flatMap((cut) => noticeOf(state.ledger, cut, { by: agent, graceMs }));
  const filled = settle({ ...noticed, happenings: notices }, at);
  const change = graceMs > 0 ? filled : after(filled, passTime(filled.state, at));
  return { ok: true, ...change, pending: id };
}

/** Without these leases. An id that is not, or no longer, leased changes nothing. */
export function releaseFrom(state: PoolState, ids: readonly number[], { at, reason }: Release): PoolChange {
  const provisional = new Set(state.pending.map((one) => one.lease));
  const gone = state.ledger.leases.filter(({ id }) => ids.includes(id) && !provisional.has(id));
  const goneIds = gone.map(({ id }) => id);
  const owed = state.owed.filter((one) => !ids.includes(one.lease.id));
  if (gone.length === 0 && owed.length === state.owed.length) return unchanged(state);
  const happenings = gone.map((one) => ({ type: "resource_released" as const, lease: one, reason }));
  const next = { ...state, ledger: release(state.ledger, goneIds), owed };
  return settle({ state: next, happenings, answered: [] }, at);
}

export interface Release {
  readonly at: number;
  readonly reason: ReleaseReason;
}

/** An agent has ended: what only it held is free, what it waited for is not wanted any more. */
export function endHolder(state: PoolState, agent: string, at: number): PoolChange {
  const waiting = state.pending.filter(({ request }) => request.agent === agent);
  const cancelled = waiting.reduce(
    (change, { id }) => after(change, cancelPending(change.state, id, at)),
    unchanged(state),
  );
  const before = cancelled.state;
  const ledger = releaseAgent(before.ledger, agent);
  const kept = new Set(ledger.leases.map(({ id }) => id));
  const happenings = before.ledger.leases
    .filter(({ id }) => !kept.has(id))
    .map((one) => ({ type: "resource_released" as const, lease: one, reason: "holder_ended" as const }));
  const owed = before.owed.flatMap((one) => withoutHolder(one.lease, agent).map((held) => ({ ...one, lease: held })));
  return after(cancelled, settle({ state: { ...before, ledger, owed }, happenings, answered: [] }, at));
}

/** A waiting request is withdrawn: those who had notice keep what they have. */
export function cancelPending(state: PoolState, id: number, at: number): PoolChange {
  const one = state.pending.find((pending) => pending.id === id);
  if (one === undefined) return unchanged(state);
  const ledger = one.lease === undefined ? state.ledger : release(state.ledger, [one.lease]);
  const pending = state.pending.filter((other) => other !== one);
  const happenings = one.cuts.flatMap((cut) => cancellationOf(ledger, cut));
  const answered = [{ pending: id, lease: undefined }];
  return settle({ state: { ...state, ledger, pending }, happenings, answered }, at);
}

/** Someone begins (`1`) or ends (`-1`) to use a lease: while anyone does, it is not idle. */
export function useLease(state: PoolState, id: number, { at, by }: { at: number; by: 1 | -1 }): PoolState {
  const now = state.uses[id];
  if (now === undefined) return state;
  return { ...state, uses: { ...state.uses, [id]: { users: Math.max(0, now.users + by), usedAt: at } } };
}

/** What time brings about until `at`: leases expire, idle ones end, notices run out. */
export function passTime(state: PoolState, at: number): PoolChange {
  const expired = idsOf(state, (one) => (one.expiresAt ?? Infinity) <= at);
  let change = releaseFrom(state, expired, { at, reason: "expired" });
  const idle = idsOf(change.state, (one) => idleAt(change.state, one) <= at);
  change = after(change, releaseFrom(change.state, idle, { at, reason: "idle" }));
  for (const { id } of state.pending.filter(({ dueAt }) => dueAt <= at)) {
    change = after(change, revoke(change.state, id, at));
  }
  return change;
}

/** When `passTime` has something to do next. */
export function nextDue(state: PoolState): number {
  const ends = state.ledger.leases.map((one) => Math.min(one.expiresAt ?? Infinity, idleAt(state, one)));
  return Math.min(Infinity, ...ends, ...state.pending.map(({ dueAt }) => dueAt));
}

function idsOf({ ledger }: PoolState, isDue: (lease: Lease) => boolean): readonly number[] {
  return ledger.leases.filter(isDue).map(({ id }) => id);
}

function idleAt({ uses }: PoolState, { id, conditions }: Lease): number {
  const now = uses[id];
  const idleMs = conditions?.releaseOnIdleMs;
  return idleMs === undefined || now === undefined || now.users > 0 ? Infinity : now.usedAt + idleMs;
}

function nothingAsked({ agent, resource, amount }: PoolRequest): LeaseError {
  return {
    code: "invalid_amount",
    message: `lease of ${amount} ${resource} to ${agent}: nothing was asked for`,
    resource,
  };
}

function noticeOf(ledger: Pool, cut: Cut, { by, graceMs }: { by: string; graceMs: number }): readonly PoolHappening[] {
  const victim = ledger.leases.find(({ id }) => id === cut.lease);
  return victim === undefined ? [] : [{ type: "resource_preempted", lease: victim, amount: cut.amount, by, graceMs }];
}
