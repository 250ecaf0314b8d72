import type { JsonObject } from "tutti/foundation";
import type { Candidate } from "./candidate.ts";
import type { Task } from "../tasks/task.ts";

/** What a coder may spend and how it is set. */
export interface CoderLimits {
  /** The most candidate evaluations: one program, or one part of a program, tried on every visible pair. */
  readonly budget: number;
  /** Its local variables; those left out have their defaults. */
  readonly parameters: JsonObject;
}

export interface Proposal {
  /** Those without errors first, then the simplest first. */
  readonly candidates: readonly Candidate[];
  /** Candidate evaluations used: never more than the budget. */
  readonly cost: number;
}

/** A search algorithm: the pairs it may see → programs. Pure; a larger budget never loses a program found. */
export type Coder = (task: Task, limits: CoderLimits) => Proposal;
