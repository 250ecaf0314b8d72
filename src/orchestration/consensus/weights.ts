import { describe, UsageError } from "#foundation";
import { digitsOf, quantity, toUnits } from "../pool/units.ts";

/** How much a voter counts: a number, meant as the decimal that prints it, or a fraction as [part, whole]: [1, 3]. */
export type Weight = number | readonly [part: number, whole: number];

/**
 * Weights as whole numbers in the same proportions, so that sums and halves are exact. Throws a `UsageError` for a weight
 * that is negative or not finite and for a fraction that is not of whole numbers.
 */
export function wholeWeights(weights: readonly Weight[], where: string): bigint[] {
  const plain = weights.filter((weight) => typeof weight === "number");
  const digits = digitsOf(plain.map((weight) => quantity(weight, `${where}: weight`)));
  const parts = weights.map((weight) =>
    typeof weight === "number"
      ? ([toUnits(weight + 0, digits), 10n ** BigInt(digits)] as const)
      : fraction(weight, where),
  );
  const common = parts.reduce((product, [, whole]) => (product / gcd(product, whole)) * whole, 1n);
  return parts.map(([part, whole]) => part * (common / whole));
}

/** a / b as a number, for people; decisions are made on the whole numbers. */
export function shareOf(a: bigint, b: bigint): number {
  if (b === 0n) return 0;
  const [bits, bitsOfWhole] = [a.toString(2).length, b.toString(2).length];
  const excess = BigInt(Math.max(0, bits - 53, bitsOfWhole - 53));
  return excess === 0n ? Number(a) / Number(b) : Number((a * 10n ** 18n) / b) / 1e18;
}

function fraction(weight: readonly [number, number], where: string): readonly [bigint, bigint] {
  const [part, whole] = Array.isArray(weight) ? weight : [];
  if (!Number.isSafeInteger(part) || !Number.isSafeInteger(whole) || Number(part) < 0 || Number(whole) < 1) {
    throw new UsageError(`${where}: expected a weight as a number or [part, whole], got ${describe(weight)}`);
  }
  return [BigInt(part ?? 0), BigInt(whole ?? 1)];
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
