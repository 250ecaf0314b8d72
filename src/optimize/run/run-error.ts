import { CodedError } from "#foundation";

export type RunErrorCode =
  | "unknown_run"
  /** Another process drives the run; it has to pause or die first. */
  | "held_elsewhere"
  /** Another run is at work on the same scope, and this one was not to wait for it. */
  | "scope_busy"
  /** Another process took the run, or its scope, over while this one was silent; nothing was written since. */
  | "taken_over"
  /** Its process put the run down before it ended; it can be taken up again. */
  | "suspended"
  /** The process that drove the run died; it can be taken up again. */
  | "interrupted"
  /** The view of a run that another process drives was ended; the run goes on. */
  | "detached"
  /** Completed and stopped runs have their result and cannot go on. */
  | "already_ended"
  /** The stored run cannot be read. */
  | "damaged"
  /** Too many examples failed for reasons outside the program; the run can be taken up again. */
  | "infrastructure";

/** What a run rejects with. */
export class RunError extends CodedError<RunErrorCode> {
  override readonly name = "RunError";
}
