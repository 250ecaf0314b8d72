import { describe, UsageError } from "#foundation";

/** The most that one amount of money or goods may be: a thousand billion of the smallest unit, so that sums stay exact. */
export const maxAmount = 1e12;

/** Whether this is an amount: a whole number of the smallest unit, at least 0. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= maxAmount;
}

export const amountText: string = `a whole number from 0 to ${maxAmount}`;

/** The amount; the caller's mistake when it is none or below `least`. */
export function checkAmount(value: number, where: string, least = 0): number {
  if (!isAmount(value) || value < least)
    throw new UsageError(`${where}: expected a whole number from ${least} to ${maxAmount}, got ${describe(value)}`);
  return value;
}
