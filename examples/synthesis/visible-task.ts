import type { Json } from "tutti/foundation";

/** One call of the wanted function: its arguments and its result. */
export interface Pair {
  readonly input: readonly Json[];
  readonly output: Json;
}

/** What a team sees. */
export interface Task {
  /** Eight labelled pairs, in the order in which they are revealed. */
  readonly train: readonly Pair[];
  /** Eight inputs without outputs. */
  readonly probes: readonly (readonly Json[])[];
}
