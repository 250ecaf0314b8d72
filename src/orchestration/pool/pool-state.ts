import { pool } from "./ledger.ts";
import type { Lease, LeaseConditions, Pool } from "./ledger.ts";
import type { PoolEvent } from "./pool-event.ts";
import type { Cut } from "./preemption.ts";

/** What an agent wants of a resource of a pool. */
export interface PoolRequest {
  readonly agent: string;
  readonly resource: string;
  readonly amount: number;
  /** 0 by default. */
  readonly priority?: number;
  /** How long; `null` or nothing: until it is released. */
  readonly durationMs?: number | null;
  readonly conditions?: LeaseConditions;
}

/** A request that waits for what others have to give up. What came free so far is leased to it already. */
export interface PendingGrant {
  readonly id: number;
  readonly request: PoolRequest;
  readonly lease: number | undefined;
  readonly cuts: readonly Cut[];
  readonly dueAt: number;
}

/** What was taken from a lease, to be given back when it comes free. */
export interface OwedReturn {
  readonly lease: Lease;
  readonly amount: number;
}

/** A resource pool between two moments. An immutable value; plain JSON. */
export interface PoolState {
  readonly ledger: Pool;
  readonly pending: readonly PendingGrant[];
  readonly owed: readonly OwedReturn[];
  /** Of leases that end when idle: how many use them, and since when nobody did. */
  readonly uses: Readonly<Record<number, { readonly users: number; readonly usedAt: number }>>;
  /** Requests that ever waited: mints their ids. */
  readonly waited: number;
}

/** An event before it has its time. */
export type PoolHappening = PoolEvent extends infer E ? (E extends PoolEvent ? Omit<E, "at"> : never) : never;

export interface PoolChange {
  readonly state: PoolState;
  readonly happenings: readonly PoolHappening[];
  /** Waiting requests that have come to something: to a lease, or to nothing. */
  readonly answered: readonly { readonly pending: number; readonly lease: Lease | undefined }[];
}

export function poolState(totals: Readonly<Record<string, number>>): PoolState {
  return { ledger: pool(totals), pending: [], owed: [], uses: {}, waited: 0 };
}

export function unchanged(state: PoolState): PoolChange {
  return { state, happenings: [], answered: [] };
}

/** Both, one after the other. */
export function after(first: PoolChange, second: PoolChange): PoolChange {
  return {
    state: second.state,
    happenings: [...first.happenings, ...second.happenings],
    answered: [...first.answered, ...second.answered],
  };
}

/** A lease has begun: if it ends when idle, its time runs. */
export function opened(change: PoolChange, granted: Lease, at: number): PoolChange {
  const { state, happenings } = change;
  const isIdling = granted.conditions?.releaseOnIdleMs !== undefined;
  const uses = isIdling
    ? { ...state.uses, [granted.id]: state.uses[granted.id] ?? { users: 0, usedAt: at } }
    : state.uses;
  return {
    ...change,
    state: { ...state, uses },
    happenings: [...happenings, { type: "resource_granted", lease: granted }],
  };
}
