import { describe, UsageError } from "#foundation";
import { digitsOf, fromUnits, guardDigits, quantity, toUnits } from "./units.ts";
import { largestRemainders, smaller, sum, waterFill } from "./water-fill.ts";
import type { Claim } from "./water-fill.ts";

/**
 * Max–min fair amounts of a capacity: everyone gets what they request up to one common level, so nobody can gain
 * without someone with no more losing. They add up to min(capacity, Σ requests), rounded down by less than the last
 * digit of each amount and never above. Throws a `UsageError` for a number that is negative or not finite.
 */
export function maxMinShares(requests: readonly number[], capacity: number): number[] {
  const most = requests.map((request, index) => quantity(request, `maxMinShares: request ${index}`));
  const top = quantity(capacity, "maxMinShares: capacity");
  const digits = digitsOf([...most, top]) + guardDigits;
  const claims = most.map((request) => ({ weight: 1n, least: 0n, most: toUnits(request, digits) }));
  return waterFill(claims, toUnits(top, digits)).map((amount) => fromUnits(amount, digits));
}

/**
 * Whole amounts by largest remainders (ties: the earlier): each is rounded down or up so that they add up to the whole
 * part of the same sum, a sum that misses a whole number by floating-point dust counting as that number. Throws a
 * `UsageError` for a number that is negative or not finite, and for amounts that add up to more than the capacity.
 */
export function wholeAmounts(amounts: readonly number[], capacity: number): number[] {
  const parts = amounts.map((amount, index) => quantity(amount, `wholeAmounts: amount ${index}`));
  const top = quantity(capacity, "wholeAmounts: capacity");
  const digits = digitsOf([...parts, top]) + guardDigits;
  const units = parts.map((amount) => toUnits(amount, digits));
  const [taken, most] = [sum(units), toUnits(top, digits)];
  if (taken > most + most / 10n ** 14n) {
    throw new UsageError(`wholeAmounts: expected amounts of at most ${top} together, got ${fromUnits(taken, digits)}`);
  }
  return largestRemainders(units, 10n ** BigInt(digits), most).map((amount) => fromUnits(amount, digits));
}

/** One agent's share of a resource; shares are relative to each other. */
export interface Share {
  readonly agent: string;
  readonly share: number;
  /** What the agent gets at least; 0 by default. */
  readonly min?: number;
  /** What the agent gets at most; no limit by default. */
  readonly max?: number;
}

export interface AllocateOptions {
  /** Hand out whole amounts only: the total and the maxima are rounded down, the minima up. False by default. */
  readonly whole?: boolean;
}

export interface AllocationError {
  /** The minima do not fit, or the shares cannot be divided by: negative, all 0, twice the same agent, min > max. */
  readonly code: "resource_exhausted" | "invalid_configuration";
  readonly message: string;
}

export type AllocationResult =
  | { readonly ok: true; readonly amounts: Readonly<Record<string, number>> }
  | { readonly ok: false; readonly error: AllocationError };

/**
 * Divides a total by shares: everyone gets share · level, but at least their min and at most their max, with the one
 * level at which everything is handed out. Without bounds that is share/Σ shares · total; what a max frees, and what a
 * min takes, is the others' in proportion to their shares. A share of 0 gets its min. The amounts never add up to more
 * than the total, in exact decimals. Throws a `UsageError` for a total that is negative or not finite.
 */
export function allocate(shares: readonly Share[], total: number, options: AllocateOptions = {}): AllocationResult {
  const { whole = false } = options;
  const top = whole ? Math.floor(quantity(total, "allocate: total")) : quantity(total, "allocate: total");
  const defect = defectOf(shares, whole);
  if (defect !== undefined) return failed("invalid_configuration", defect);
  if (shares.length === 0) return { ok: true, amounts: {} };
  const bounds = shares.map((share) => boundsOf(share, whole));
  const digits = digitsOf([top, ...bounds.flatMap(({ min, max }) => (max === Infinity ? [min] : [min, max]))]);
  const scale = digits + guardDigits;
  const capacity = toUnits(top, scale);
  const minima = bounds.map(({ min }) => toUnits(min, scale));
  if (sum(minima) > capacity) {
    return failed("resource_exhausted", `the minima need ${fromUnits(sum(minima), scale)}, the total is ${top}`);
  }
  const finest = digitsOf(shares.map(({ share }) => share));
  const claims = shares.map(({ share }, index): Claim => {
    const max = bounds[index]?.max ?? Infinity;
    const most = max === Infinity ? capacity : smaller(toUnits(max, scale), capacity);
    return { weight: toUnits(share, finest), least: minima[index] ?? 0n, most };
  });
  const filled = waterFill(claims, capacity);
  const amounts = whole ? largestRemainders(filled, 10n ** BigInt(scale), capacity) : filled;
  return { ok: true, amounts: named(shares, amounts, scale) };
}

function named(shares: readonly Share[], amounts: readonly bigint[], digits: number): Record<string, number> {
  return Object.fromEntries(shares.map(({ agent }, index) => [agent, fromUnits(amounts[index] ?? 0n, digits)]));
}

function failed(code: AllocationError["code"], reason: string): AllocationResult {
  return { ok: false, error: { code, message: `allocate: ${reason}` } };
}

function boundsOf({ min = 0, max = Infinity }: Share, whole: boolean): { readonly min: number; readonly max: number } {
  return whole ? { min: Math.ceil(min), max: Math.floor(max) } : { min, max };
}

function defectOf(shares: readonly Share[], whole: boolean): string | undefined {
  const agents = new Set<string>();
  for (const share of shares) {
    if (agents.has(share.agent)) return `agent ${share.agent} has two shares`;
    agents.add(share.agent);
    const defect = shareDefect(share, whole);
    if (defect !== undefined) return `agent ${share.agent}: ${defect}`;
  }
  return shares.length > 0 && shares.every(({ share }) => share === 0) ? "every share is 0" : undefined;
}

function shareDefect(share: Share, whole: boolean): string | undefined {
  if (!isAmount(share.share)) return `expected a share of at least 0, got ${describe(share.share)}`;
  if (share.min !== undefined && !isAmount(share.min))
    return `expected a min of at least 0, got ${describe(share.min)}`;
  if (share.max !== undefined && share.max !== Infinity && !isAmount(share.max)) {
    return `expected a max of at least 0, got ${describe(share.max)}`;
  }
  const { min, max } = boundsOf(share, whole);
  return min > max
    ? `the min of ${share.min} is above the max of ${share.max}${whole ? " in whole amounts" : ""}`
    : undefined;
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
