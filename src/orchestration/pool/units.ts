import { describe, UsageError } from "#foundation";

/**
 * Amounts as whole numbers of a small unit, 10^-digits, so that they add up exactly. A number stands for the decimal
 * that prints it: 0.1 is a tenth, and 0.1 and 0.2 fill 0.3 exactly, although their floating-point sum is larger.
 */

/** How many digits after the point these numbers need so that each is a whole number of units. */
export function digitsOf(values: Iterable<number>): number {
  let digits = 0;
  for (const value of values) {
    if (!Number.isInteger(value)) digits = Math.max(digits, -decimalOf(value).exponent);
  }
  return digits;
}

/** Digits below the finest one of the inputs: with them a third of a capacity has more digits than a double can say. */
export const guardDigits = 24;

/** A finite number in units of 10^-digits; `digits` is at least what `digitsOf` says of it. */
export function toUnits(value: number, digits: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value) * 10n ** BigInt(digits);
  const { coefficient, exponent } = decimalOf(value);
  return coefficient * 10n ** BigInt(exponent + digits);
}

/** The largest number that is not above the units (never below 0 of them): what comes back never adds up to more. */
export function fromUnits(units: bigint, digits: number): number {
  const nearest = Number(digits === 0 ? units : `${units}e-${digits}`);
  return toUnits(nearest, digits) > units ? numberBelow(nearest) : nearest;
}

/** a − b, at least 0, of the decimals that print them; rounded down where no double says it. */
export function difference(a: number, b: number): number {
  const digits = digitsOf([a, b]);
  const rest = toUnits(a, digits) - toUnits(b, digits);
  return rest > 0n ? fromUnits(rest, digits) : 0;
}

/** a + b of the decimals that print them; rounded down where no double says it. */
export function together(a: number, b: number): number {
  const digits = digitsOf([a, b]);
  return fromUnits(toUnits(a, digits) + toUnits(b, digits), digits);
}

/** The number itself; the caller's mistake when it is no finite number of at least 0. -0 becomes 0. */
export function quantity(value: number, where: string): number {
  if (!Number.isFinite(value) || value < 0) {
    throw new UsageError(`${where}: expected a finite number of at least 0, got ${describe(value)}`);
  }
  return value + 0;
}

/** value = coefficient · 10^exponent, of the shortest decimal that prints it. */
function decimalOf(value: number): { readonly coefficient: bigint; readonly exponent: number } {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The next smaller double of a positive one: doubles of one sign are ordered as their bits are. */
function numberBelow(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) - 1n);
  return bits.getFloat64(0);
}
