import { describe, present, UsageError } from "#foundation";
import type { LeaseConditions } from "./ledger.ts";
import { digitsOf, fromUnits, guardDigits, quantity, toUnits } from "./units.ts";
import { largestRemainders, smaller, sum, waterFill } from "./water-fill.ts";

/** What an agent asks of one resource. */
export interface ResourceRequest {
  readonly agent: string;
  readonly resource: string;
  readonly amount: number;
  /** Higher ones are served first; 0 by default. */
  readonly priority?: number;
  /** Less than this is not granted at all; 1 by default, or the amount where that is smaller. */
  readonly min?: number;
  /** How long it is wanted, in milliseconds; `null`: until it is released. The grant says the same. */
  readonly durationMs?: number | null;
  /** Under what it may be granted; the grant says the same, and a `ResourcePool` enforces it. */
  readonly conditions?: LeaseConditions;
}

export interface ResourceGrant {
  readonly agent: string;
  readonly resource: string;
  readonly granted: number;
  readonly durationMs?: number | null;
  readonly conditions?: LeaseConditions;
}

/**
 * How requests of one priority divide what is left: `max_min` gives everyone up to one common level, `proportional`
 * the same part of what each asked for, `strict` in the order of the requests all of what each asked for, or the rest.
 */
export type AllocationMode = "max_min" | "proportional" | "strict";

export interface CoordinateResourcesOptions {
  /** "max_min" by default. */
  readonly mode?: AllocationMode;
  /** The resources that come in whole amounts: their requests are rounded down, their minima up. None by default. */
  readonly whole?: readonly string[];
}

export interface CoordinateResourcesError {
  readonly code: "resource_exhausted";
  readonly message: string;
}

export type CoordinateResourcesResult =
  | { readonly ok: true; readonly value: readonly ResourceGrant[] }
  | { readonly ok: false; readonly error: CoordinateResourcesError };

/**
 * Decides who gets how much of what is available, each resource on its own: the classes of equal priority in falling
 * order, what one leaves going to the next. When a class cannot give everyone their min, those with the largest min (in
 * the mode proportional, the largest min in proportion to their amount; ties: the later) go without, and the others
 * divide what there is. The grants of a resource never add up
 * to more than is available, in exact decimals; they come in the order of the requests, without empty ones. A resource
 * that is not listed is not available. The error says that something was asked for and nothing can be granted. Throws
 * a `UsageError` for a number that is negative or not finite and for a min above the amount.
 */
export function coordinateResources(
  requests: readonly ResourceRequest[],
  available: Readonly<Record<string, number>>,
  options: CoordinateResourcesOptions = {},
): CoordinateResourcesResult {
  const { mode = "max_min", whole = [] } = options;
  const asked = requests.map(checked).filter(({ amount }) => amount > 0);
  const grants = [...Map.groupBy(asked, ({ resource }) => resource)].flatMap(([resource, wanted]) => {
    const amount = Object.hasOwn(available, resource) ? (available[resource] ?? 0) : 0;
    const top = quantity(amount, `coordinateResources: available ${resource}`);
    return grantsOf(wanted, top, { mode, whole: whole.includes(resource) });
  });
  if (grants.length === 0 && asked.length > 0) {
    const resources = [...new Set(asked.map(({ resource }) => resource))].join(", ");
    return { ok: false, error: { code: "resource_exhausted", message: `no request of ${resources} can be granted` } };
  }
  const value = grants
    .sort((a, b) => a.index - b.index)
    .map(({ index, ...grant }) => {
      const { durationMs, conditions } = requests[index] ?? {};
      return { ...grant, ...present({ durationMs, conditions }) };
    });
  return { ok: true, value };
}

interface CheckedRequest extends Required<Omit<ResourceRequest, "durationMs" | "conditions">> {
  readonly index: number;
}

function checked(request: ResourceRequest, index: number): CheckedRequest {
  const { agent, resource, priority = 0 } = request;
  const where = `coordinateResources: request ${index} (${resource} for ${agent})`;
  const amount = quantity(request.amount, `${where}: amount`);
  const min = quantity(request.min ?? Math.min(1, amount), `${where}: min`);
  if (min > amount) throw new UsageError(`${where}: expected a min of at most the amount ${amount}, got ${min}`);
  if (!Number.isFinite(priority)) {
    throw new UsageError(`${where}: expected a finite priority, got ${describe(priority)}`);
  }
  return { agent, resource, amount, priority, min, index };
}

/** One request in units. */
interface Want {
  readonly request: CheckedRequest;
  readonly amount: bigint;
  readonly min: bigint;
}

function grantsOf(
  requests: readonly CheckedRequest[],
  top: number,
  how: { readonly mode: AllocationMode; readonly whole: boolean },
): (ResourceGrant & { readonly index: number })[] {
  const digits = digitsOf([top, ...requests.flatMap(({ amount, min }) => [amount, min])]) + guardDigits;
  const one = how.whole ? 10n ** BigInt(digits) : 1n;
  const wants = requests
    .map((request) => {
      const [amount, min] = [toUnits(request.amount, digits), toUnits(request.min, digits)];
      return { request, amount: amount - (amount % one), min: ((min + one - 1n) / one) * one };
    })
    .filter(({ amount, min }) => amount > 0n && min <= amount);
  const capacity = toUnits(top, digits);
  let left = capacity - (capacity % one);
  const grants: (ResourceGrant & { readonly index: number })[] = [];
  const classes = [...Map.groupBy(wants, ({ request }) => request.priority)].sort(([a], [b]) => b - a);
  for (const [, members] of classes) {
    const served = how.mode === "strict" ? inOrder(members, left) : divided(members, left, how.mode);
    const exact = served.map(({ units }) => units);
    const units = how.whole ? largestRemainders(exact, one, left) : exact;
    // Who got less than asked took all there was: what rounding down left is nobody's.
    left = served.some(({ want, units: given }) => given < want.amount) ? 0n : left - sum(units);
    served.forEach(({ want: { request } }, position) => {
      const granted = fromUnits(units[position] ?? 0n, digits);
      if (granted > 0) grants.push({ agent: request.agent, resource: request.resource, granted, index: request.index });
    });
  }
  return grants;
}

interface Served {
  readonly want: Want;
  readonly units: bigint;
}

function inOrder(wants: readonly Want[], capacity: bigint): readonly Served[] {
  let left = capacity;
  const served: Served[] = [];
  for (const want of wants) {
    const units = smaller(want.amount, left);
    if (units < want.min) continue;
    served.push({ want, units });
    left -= units;
  }
  return served;
}

/** Divides the capacity between the wants that can all get their min from it. */
function divided(wants: readonly Want[], capacity: bigint, mode: "max_min" | "proportional"): readonly Served[] {
  const kept = new Set(mode === "max_min" ? keptByLevel(wants, capacity) : keptByPart(wants, capacity));
  const members = wants.filter((want) => kept.has(want));
  const claims = members.map(({ amount }) => ({ weight: mode === "max_min" ? 1n : amount, least: 0n, most: amount }));
  const units = waterFill(claims, capacity);
  return members.map((want, index) => ({ want, units: units[index] ?? 0n }));
}

/** The smallest minima, as many as fit: the level reaches a min when everyone can have that much, or all they ask. */
function keptByLevel(wants: readonly Want[], capacity: bigint): readonly Want[] {
  const byMin = wants.toSorted((a, b) => compare(a.min, b.min));
  const last = byMin.findLastIndex(
    ({ min: level }, index) => sum(byMin.slice(0, index + 1).map(({ amount }) => smaller(amount, level))) <= capacity,
  );
  return byMin.slice(0, last + 1);
}

/** By the part of its amount that each needs, the smallest first: kept if everyone kept so far can have that part. */
function keptByPart(wants: readonly Want[], capacity: bigint): readonly Want[] {
  let asked = 0n;
  const kept: Want[] = [];
  for (const want of wants.toSorted((a, b) => compare(a.min * b.amount, b.min * a.amount))) {
    if (want.min * (asked + want.amount) > capacity * want.amount) continue;
    kept.push(want);
    asked += want.amount;
  }
  return kept;
}

function compare(a: bigint, b: bigint): number {
  return Number(a > b) - Number(a < b);
}
