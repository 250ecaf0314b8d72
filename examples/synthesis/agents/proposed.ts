import type { Candidate } from "../candidate.ts";

/** A candidate as it travels through the team. */
export interface Proposed extends Candidate {
  /** How many pairs its coder was shown. */
  readonly seen: number;
}
