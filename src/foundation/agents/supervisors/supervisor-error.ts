import { CodedError } from "../../error.ts";
import type { Child } from "./child-spec.ts";

export type SupervisorErrorCode =
  | "not_found"
  /** The child runs; it has to be terminated first. */
  | "running"
  /** The child is between two attempts to restart it. */
  | "restarting"
  /** A child of this id runs: it is in `child`. */
  | "already_started"
  /** A child of this id is there and down. */
  | "already_present"
  | "max_children"
  /** The child did not start: the `cause` says why. */
  | "start_failed"
  /** The supervisor has ended or is ending. */
  | "noproc";

/** What a supervisor rejects with. */
export class SupervisorError extends CodedError<SupervisorErrorCode> {
  override readonly name = "SupervisorError";
  readonly child: Child | undefined;

  constructor(
    code: SupervisorErrorCode,
    message: string,
    options: { cause?: unknown; child?: Child | undefined } = {},
  ) {
    super(code, message, { cause: options.cause });
    this.child = options.child;
  }
}
