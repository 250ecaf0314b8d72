import { isPlainObject } from "tutti/foundation";
import type { Json } from "tutti/foundation";

/** One call of the wanted function: its arguments and its result. */
export type Pair = {
  readonly input: readonly Json[];
  readonly output: Json;
};

/** What a team sees. Like all that travels through it, a type and no interface: so it counts as `Json`. */
export type Task = {
  /** Eight labelled pairs, in the order in which they are revealed. */
  readonly train: readonly Pair[];
  /** Eight inputs without outputs. */
  readonly probes: readonly (readonly Json[])[];
};

/** Whether a value that was sent is a task. */
export function isTask(value: Json): value is Task {
  if (!isPlainObject(value)) return false;
  const { train, probes } = value;
  return arePairs(train) && Array.isArray(probes) && probes.every(Array.isArray);
}

/** Whether a value that was sent is a list of pairs. */
export function arePairs(value: unknown): value is readonly Pair[] {
  return Array.isArray(value) && value.every(isPair);
}

function isPair(value: unknown): value is Pair {
  return isPlainObject(value) && Array.isArray(value["input"]) && value["output"] !== undefined;
}
