import { describe } from "tutti/foundation";
import type { Json } from "tutti/foundation";
import type { TeamReply } from "tutti/orchestration";

/** The reply to what was not expected: this call fails, and the agent lives on. */
export function misunderstood(expected: string, got: Json): TeamReply {
  return { output: null, failure: { code: "invalid_call", message: `expected ${expected}, got ${describe(got)}` } };
}

/** What agents expect. */
export const aTask = "a task { train: [{ input: [argument, …], output }], probes: [[argument, …]] }";
export const programs = "a list of programs";
