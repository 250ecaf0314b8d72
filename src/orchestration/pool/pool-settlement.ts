import { present } from "#foundation";
import { available, lease, release, resizeLease } from "./ledger.ts";
import type { Lease, LeaseRequest, Pool } from "./ledger.ts";
import { after, opened, unchanged } from "./pool-state.ts";
import type { OwedReturn, PendingGrant, PoolChange, PoolHappening, PoolRequest, PoolState } from "./pool-state.ts";
import type { Cut } from "./preemption.ts";
import { difference, together } from "./units.ts";

/**
 * Hands on what is free: first to waiting requests what those who had notice gave up for them, then to them in the
 * order in which they came, then back to whom it was taken from, the highest priority first.
 */
export function settle(change: PoolChange, at: number): PoolChange {
  let now = change;
  for (const { id } of change.state.pending) now = after(now, fill(now.state, id, { at, isPromised: true }));
  for (const { id } of change.state.pending) now = after(now, fill(now.state, id, { at, isPromised: false }));
  const owed = now.state.owed.toSorted(
    (a, b) => (b.lease.priority ?? 0) - (a.lease.priority ?? 0) || a.lease.id - b.lease.id,
  );
  for (const one of owed) now = after(now, giveBack(now.state, one, at));
  return { ...now, state: withoutOldUses(now.state) };
}

/** Notice is over: takes from everyone what it was about, and grants the request. */
export function revoke(state: PoolState, id: number, at: number): PoolChange {
  const one = state.pending.find((pending) => pending.id === id);
  if (one === undefined) return unchanged(state);
  const cut = one.cuts.reduce((change, next) => after(change, takeFrom(change.state, next)), unchanged(state));
  const pending = cut.state.pending.map((other) => (other.id === id ? { ...other, cuts: [] } : other));
  const filled = after(cut, fill({ ...cut.state, pending }, id, { at, isPromised: false }));
  return settle(after(filled, finish(filled.state, id, at)), at);
}

export function termsOf({
  priority,
  durationMs,
  conditions,
}: PoolRequest): Omit<LeaseRequest, "agent" | "amounts" | "at"> {
  return present({ priority, durationMs: durationMs ?? undefined, conditions });
}

export function cancellationOf(ledger: Pool, cut: Cut): readonly PoolHappening[] {
  const victim = ledger.leases.find(({ id }) => id === cut.lease);
  return victim === undefined ? [] : [{ type: "preemption_cancelled", lease: victim.id, agent: victim.agent }];
}

function takeFrom(state: PoolState, { lease: id, amount }: Cut): PoolChange {
  const victim = state.ledger.leases.find((held) => held.id === id);
  const left = victim === undefined ? 0 : difference(victim.amount, amount);
  const ledger = resizeLease(state.ledger, id, left);
  if (victim === undefined || ledger === undefined) return unchanged(state);
  const before = state.owed.find((one) => one.lease.id === id);
  const owed = { lease: before?.lease ?? victim, amount: together(before?.amount ?? 0, amount) };
  const next = { ...state, ledger, owed: [...state.owed.filter((one) => one !== before), owed] };
  const { agent } = victim;
  return { ...unchanged(next), happenings: [{ type: "resource_revoked", lease: id, agent, amount, left }] };
}

interface Filling {
  readonly at: number;
  /** Only what those who had notice for this request do not hold any more. */
  readonly isPromised: boolean;
}

/** Leases to a waiting request what is free, up to what it misses; grants it when nothing is missing any more. */
function fill(state: PoolState, id: number, { at, isPromised }: Filling): PoolChange {
  const one = state.pending.find((pending) => pending.id === id);
  if (one === undefined) return unchanged(state);
  const { agent, resource, amount, priority } = one.request;
  const held = heldBy(state, one);
  const most = isPromised ? givenUp(state, one) : difference(amount, held);
  const take = Math.min(available(state.ledger, resource), most);
  if (take === 0) return difference(amount, held) === 0 ? finish(state, id, at) : unchanged(state);
  let next = one;
  let ledger: Pool | undefined;
  if (one.lease === undefined) {
    const leased = lease(state.ledger, { agent, amounts: { [resource]: take }, at, ...present({ priority }) });
    if (leased.ok) ledger = leased.pool;
    if (leased.ok) next = { ...one, lease: leased.leases[0]?.id };
  } else ledger = resizeLease(state.ledger, one.lease, together(held, take));
  if (ledger === undefined) return unchanged(state);
  const cuts = trimmed(state, one.cuts, difference(amount, together(held, take)));
  const dropped = one.cuts.filter((cut) => !cuts.some((kept) => kept.lease === cut.lease));
  const pending = state.pending.map((other) => (other === one ? { ...next, cuts } : other));
  const happenings = dropped.flatMap((cut) => cancellationOf(ledger, cut));
  const filled = { ...unchanged({ ...state, ledger, pending }), happenings };
  return difference(amount, together(held, take)) === 0 ? after(filled, finish(filled.state, id, at)) : filled;
}

function heldBy({ ledger }: PoolState, one: PendingGrant): number {
  return ledger.leases.find(({ id }) => id === one.lease)?.amount ?? 0;
}

/** What those who had notice do not hold any more. */
function givenUp({ ledger }: PoolState, { cuts }: PendingGrant): number {
  return cuts.reduce((sum, cut) => {
    const held = ledger.leases.find(({ id }) => id === cut.lease)?.amount ?? 0;
    return together(sum, difference(cut.amount, held));
  }, 0);
}

/** Cuts of `missing` together: without what cannot be taken any more, then the last ones less. */
function trimmed({ ledger }: PoolState, cuts: readonly Cut[], missing: number): readonly Cut[] {
  let left = missing;
  return cuts.flatMap((cut) => {
    const held = ledger.leases.find(({ id }) => id === cut.lease)?.amount ?? 0;
    const amount = Math.min(cut.amount, held, left);
    left = difference(left, amount);
    return amount > 0 ? [{ ...cut, amount }] : [];
  });
}

/** The lease that was filled becomes the one that was asked for: its time begins now. */
function finish(state: PoolState, id: number, at: number): PoolChange {
  const one = state.pending.find((pending) => pending.id === id);
  if (one === undefined) return unchanged(state);
  const { agent, resource } = one.request;
  const held = heldBy(state, one);
  const before = one.lease === undefined ? state.ledger : release(state.ledger, [one.lease]);
  const leased = lease(before, { ...termsOf(one.request), agent, amounts: { [resource]: held }, at });
  const granted: Lease | undefined = leased.ok ? leased.leases[0] : undefined;
  const ledger = leased.ok ? leased.pool : before;
  const left = unchanged({ ...state, ledger, pending: state.pending.filter((other) => other !== one) });
  const change = granted === undefined ? left : opened(left, granted, at);
  return { ...change, answered: [{ pending: id, lease: granted }] };
}

function giveBack(state: PoolState, one: OwedReturn, at: number): PoolChange {
  const { lease: taken, amount } = one;
  const { resource, expiresAt = Infinity } = taken;
  const others = state.owed.filter((other) => other !== one);
  if (expiresAt <= at) return unchanged({ ...state, owed: others });
  const give = Math.min(available(state.ledger, resource), amount);
  if (give === 0) return unchanged(state);
  const given = grown(state.ledger, taken, { give, at });
  if (given === undefined) return unchanged(state);
  const rest = difference(amount, give);
  const owed = rest === 0 ? others : [...others, { lease: given.lease, amount: rest }];
  const change = opened(unchanged({ ...state, ledger: given.ledger, owed }), given.lease, at);
  return { ...change, happenings: [{ type: "resource_returned", lease: given.lease, amount: give }] };
}

/** The lease with more in it, or anew with what it had when it is gone. */
function grown(
  ledger: Pool,
  taken: Lease,
  { give, at }: { readonly give: number; readonly at: number },
): { readonly ledger: Pool; readonly lease: Lease } | undefined {
  const held = ledger.leases.find(({ id }) => id === taken.id);
  if (held !== undefined) {
    const amount = together(held.amount, give);
    const larger = resizeLease(ledger, taken.id, amount);
    return larger === undefined ? undefined : { ledger: larger, lease: { ...held, amount } };
  }
  const { agent, resource, expiresAt, priority, conditions } = taken;
  const durationMs = expiresAt === undefined ? undefined : expiresAt - at;
  const terms = present({ priority, durationMs, conditions });
  const leased = lease(ledger, { agent, amounts: { [resource]: give }, at, ...terms });
  const [anew] = leased.ok ? leased.leases : [];
  return leased.ok && anew !== undefined ? { ledger: leased.pool, lease: anew } : undefined;
}

function withoutOldUses(state: PoolState): PoolState {
  const ids = new Set(state.ledger.leases.map(({ id }) => id));
  const kept = Object.entries(state.uses).filter(([id]) => ids.has(Number(id)));
  return { ...state, uses: Object.fromEntries(kept) };
}
