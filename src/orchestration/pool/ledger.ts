import { describe, present, UsageError } from "#foundation";
import { digitsOf, fromUnits, quantity, toUnits } from "./units.ts";

/** One agent's hold on an amount of one resource, until it is released. */
export interface Lease {
  readonly id: number;
  readonly agent: string;
  readonly resource: string;
  readonly amount: number;
  /** Milliseconds of the caller's clock. */
  readonly grantedAt: number;
  /** What its request had; who preempts takes from the lowest first. Absent: 0. */
  readonly priority?: number;
  /** When it ends by itself, in milliseconds of the caller's clock. Absent: never. */
  readonly expiresAt?: number;
  readonly conditions?: LeaseConditions;
}

/** Under what a lease is given. */
export interface LeaseConditions {
  /** It ends after so many milliseconds without use. */
  readonly releaseOnIdleMs?: number;
  /** They hold it too; it counts once, and lasts as long as one of them. */
  readonly shareWith?: readonly string[];
  /** Requests of at least this priority may take it, or a part of it. */
  readonly preemptionPriority?: number;
}

/**
 * What a team can hand out, and who holds how much of it. An immutable value; plain JSON. For every resource the
 * amounts of the leases never add up to more than its total. Amounts are added as the decimals that print them: in a
 * pool of 0.3 there is room for 0.1 and 0.2, and for nothing more.
 */
export interface Pool {
  readonly totals: Readonly<Record<string, number>>;
  readonly leases: readonly Lease[];
  /** Leases ever granted: mints the ids, so that no id comes twice. */
  readonly granted: number;
}

export interface LeaseRequest {
  readonly agent: string;
  /** How much of each resource; 0 of a resource of the pool takes no lease. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Milliseconds of the caller's clock. */
  readonly at: number;
  readonly priority?: number;
  /** How long it lasts; without end by default. */
  readonly durationMs?: number;
  readonly conditions?: LeaseConditions;
}

export interface LeaseError {
  readonly code: "resource_exhausted" | "unknown_resource" | "invalid_amount";
  readonly message: string;
  readonly resource: string;
}

export type LeaseResult =
  | { readonly ok: true; readonly pool: Pool; readonly leases: readonly Lease[] }
  | { readonly ok: false; readonly error: LeaseError };

/** A pool with these totals and no leases. Throws a `UsageError` for a total that is negative or not finite. */
export function pool(totals: Readonly<Record<string, number>>): Pool {
  const checked = Object.entries(totals).map(([resource, total]) => [
    resource,
    quantity(total, `pool: total of ${resource}`),
  ]);
  return { totals: Object.fromEntries(checked), leases: [], granted: 0 };
}

/**
 * The total less what is leased, never below 0, and 0 for a resource that the pool has not. Rounded down where no
 * double says it exactly, so that what is available can always be leased.
 */
export function available(pool: Pool, resource: string): number {
  return balance(pool, resource).available;
}

/**
 * Leases all of the amounts to one agent, or none: the first amount that is no finite number of at least 0, names a
 * resource that the pool has not, or exceeds what is available is the error.
 */
export function lease(pool: Pool, request: LeaseRequest): LeaseResult {
  const { agent, amounts, at } = request;
  if (typeof agent !== "string" || agent === "") {
    throw new UsageError(`lease: expected the name of an agent, got ${describe(agent)}`);
  }
  if (!Number.isFinite(at)) throw new UsageError(`lease to ${agent}: expected a finite time, got ${describe(at)}`);
  const terms = termsOf(request);
  const leases: Lease[] = [];
  for (const [resource, amount] of Object.entries(amounts)) {
    const error = refusal(pool, { agent, resource, amount });
    if (error !== undefined) return { ok: false, error };
    if (amount > 0)
      leases.push({ id: pool.granted + leases.length + 1, agent, resource, amount, grantedAt: at, ...terms });
  }
  if (leases.length === 0) return { ok: true, pool, leases };
  const after = { ...pool, leases: [...pool.leases, ...leases], granted: pool.granted + leases.length };
  return { ok: true, pool: after, leases };
}

/** The pool without these leases. Ids that are not, or no longer, leased change nothing. */
export function release(pool: Pool, ids: readonly number[]): Pool {
  const gone = new Set(ids);
  return keep(pool, ({ id }) => !gone.has(id));
}

/** The pool without any lease of this agent: one that is shared goes on with the next who holds it. */
export function releaseAgent(pool: Pool, agent: string): Pool {
  const leases = pool.leases.flatMap((lease) => withoutHolder(lease, agent));
  const isUnchanged =
    leases.length === pool.leases.length && leases.every((lease, index) => lease === pool.leases[index]);
  return isUnchanged ? pool : { ...pool, leases };
}

/** Everyone who holds a lease. */
export function holdersOf({ agent, conditions }: Lease): readonly string[] {
  return [agent, ...(conditions?.shareWith ?? []).filter((other) => other !== agent)];
}

/**
 * The pool with another amount in a lease, without it at 0; `undefined` when that is no amount, more than there is, or
 * the id is not, or no longer, leased.
 */
export function resizeLease(pool: Pool, id: number, amount: number): Pool | undefined {
  const held = pool.leases.find((lease) => lease.id === id);
  if (held === undefined || !Number.isFinite(amount) || amount < 0) return undefined;
  const without = release(pool, [id]);
  if (amount === 0) return without;
  if (amount > available(without, held.resource)) return undefined;
  return { ...pool, leases: pool.leases.map((lease) => (lease.id === id ? { ...lease, amount } : lease)) };
}

/** The lease with the next of its holders in the place of this agent; nothing when it was the only one. */
export function withoutHolder(lease: Lease, agent: string): readonly Lease[] {
  const holders = holdersOf(lease);
  if (!holders.includes(agent)) return [lease];
  const [next, ...rest] = holders.filter((holder) => holder !== agent);
  if (next === undefined) return [];
  return [{ ...lease, agent: next, conditions: { ...lease.conditions, shareWith: rest } }];
}

function termsOf({ agent, at, priority, durationMs, conditions }: LeaseRequest): Partial<Lease> {
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new UsageError(`lease to ${agent}: expected a finite priority, got ${describe(priority)}`);
  }
  if (durationMs !== undefined) quantity(durationMs, `lease to ${agent}: durationMs`);
  if (conditions?.releaseOnIdleMs !== undefined)
    quantity(conditions.releaseOnIdleMs, `lease to ${agent}: releaseOnIdleMs`);
  if (conditions?.preemptionPriority !== undefined && !Number.isFinite(conditions.preemptionPriority)) {
    throw new UsageError(`lease to ${agent}: expected a finite preemptionPriority`);
  }
  return present({ priority, expiresAt: durationMs === undefined ? undefined : at + durationMs, conditions });
}

export interface ResourceStatus {
  readonly total: number;
  readonly leased: number;
  readonly available: number;
}

/** A pool in the designs' words; a field is 0 where the pool has not its resource. */
export interface PoolStatus {
  /** The resource "memory". */
  readonly totalMemory: number;
  readonly availableMemory: number;
  /** The resource "cpu". */
  readonly totalCpu: number;
  readonly availableCpu: number;
  /** The total of "network_bandwidth". */
  readonly networkBandwidth: number;
  /** The total of "storage". */
  readonly storage: number;
  readonly byResource: Readonly<Record<string, ResourceStatus>>;
}

/** What the pool has, what of it is leased and what is left. */
export function poolStatus(pool: Pool): PoolStatus {
  const memory = balance(pool, "memory");
  const cpu = balance(pool, "cpu");
  return {
    totalMemory: memory.total,
    availableMemory: memory.available,
    totalCpu: cpu.total,
    availableCpu: cpu.available,
    networkBandwidth: totalOf(pool, "network_bandwidth") ?? 0,
    storage: totalOf(pool, "storage") ?? 0,
    byResource: Object.fromEntries(Object.keys(pool.totals).map((resource) => [resource, balance(pool, resource)])),
  };
}

function totalOf(pool: Pool, resource: string): number | undefined {
  return Object.hasOwn(pool.totals, resource) ? pool.totals[resource] : undefined;
}

function balance(pool: Pool, resource: string): ResourceStatus {
  const total = totalOf(pool, resource) ?? 0;
  // Many leases, few different amounts: counting first keeps a lease cheap in a pool of thousands.
  const times = new Map<number, number>();
  for (const { resource: held, amount } of pool.leases) {
    if (held === resource) times.set(amount, (times.get(amount) ?? 0) + 1);
  }
  const digits = digitsOf([total, ...times.keys()]);
  let leased = 0n;
  for (const [amount, count] of times) leased += toUnits(amount, digits) * BigInt(count);
  const left = toUnits(total, digits) - leased;
  return { total, leased: fromUnits(leased, digits), available: left > 0n ? fromUnits(left, digits) : 0 };
}

function refusal(pool: Pool, asked: { agent: string; resource: string; amount: number }): LeaseError | undefined {
  const { agent, resource, amount } = asked;
  const error = (code: LeaseError["code"], reason: string): LeaseError => ({
    code,
    message: `lease of ${describe(amount)} ${resource} to ${agent}: ${reason}`,
    resource,
  });
  const total = totalOf(pool, resource);
  if (!Number.isFinite(amount) || amount < 0) return error("invalid_amount", "not a finite number of at least 0");
  if (total === undefined) return error("unknown_resource", `the pool has ${listed(Object.keys(pool.totals))}`);
  const left = available(pool, resource);
  return amount > left ? error("resource_exhausted", `${left} of ${total} are available`) : undefined;
}

function listed(resources: readonly string[]): string {
  return resources.length === 0 ? "no resources" : resources.join(", ");
}

function keep(pool: Pool, stays: (lease: Lease) => boolean): Pool {
  const leases = pool.leases.filter(stays);
  return leases.length === pool.leases.length ? pool : { ...pool, leases };
}
