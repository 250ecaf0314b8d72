import type { Json } from "tutti/foundation";

/** How far apart two argument lists of the same shape are: 0 for the same, larger for less alike. */
export function distance(left: readonly Json[], right: readonly Json[]): number {
  return left.reduce<number>((total, value, index) => total + apart(value, right[index] ?? null), 0);
}

function apart(left: Json, right: Json): number {
  if (typeof left === "number" && typeof right === "number") return Math.abs(left - right);
  if (typeof left === "string" && typeof right === "string") {
    return left.length + right.length - 2 * shared(left.split(""), right.split(""));
  }
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right ? 0 : 1;
  return left.length + right.length - 2 * shared(left, right);
}

/** How many items two lists have at the same place. */
function shared(left: readonly Json[], right: readonly Json[]): number {
  return left.filter((item, index) => item === right[index]).length;
}
