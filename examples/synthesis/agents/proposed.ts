import type { Json } from "tutti/foundation";
import { isCandidate } from "../coders/candidate.ts";
import type { Candidate } from "../coders/candidate.ts";

/** A candidate as it travels through the team. */
export type Proposed = Candidate & {
  /** How many pairs its coder was shown. */
  readonly seen: number;
};

/** Whether a value that was sent is one. */
export function isProposed(value: unknown): value is Proposed {
  return isCandidate(value) && "seen" in value && typeof value.seen === "number";
}

/** Whether a value that was sent is what a coder answers. */
export function areProposed(value: Json): value is readonly Proposed[] {
  return Array.isArray(value) && value.every(isProposed);
}
