import type { Json } from "tutti/foundation";

/** The kinds of value that programs here compute with, and what stands for them in JavaScript. */
export interface ValueOf {
  readonly number: number;
  readonly text: string;
  readonly flag: boolean;
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
}
export type Kind = keyof ValueOf;
export type Value = ValueOf[Kind];

/** The kind of a JSON value, or `undefined` when programs here cannot compute with it. An empty list has numbers. */
export function kindOf(value: Json | undefined): Kind | undefined {
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "flag";
  if (!Array.isArray(value)) return undefined;
  if (value.every((item) => typeof item === "number")) return "numbers";
  return value.every((item) => typeof item === "string") ? "texts" : undefined;
}

/** Whether two values are the same by type and content. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right;
  return left.length === right.length && left.every((item, index) => sameValue(item as Json, right[index] as Json));
}
