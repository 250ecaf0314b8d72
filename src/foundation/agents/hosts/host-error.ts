import { CodedError } from "../../error.ts";

export type HostErrorCode =
  /** The message, argument, answer or reason cannot be cloned, so it cannot leave its thread or process. */
  | "unclonable"
  /** The module cannot be imported or does not export an agent's definition by that name. */
  | "bad_module"
  /** The thread or process had no memory left, or more than it was allowed. */
  | "out_of_memory"
  /** Its event loop stood still for too long. */
  | "blocked"
  /** The thread or process ended by itself, with a code other than 0 or by a signal. */
  | "exited"
  /** The host was disposed of. */
  | "disposed";

/** What keeps an agent from living elsewhere: a call's rejection, or the error of an agent's `crash`. */
export class HostError extends CodedError<HostErrorCode> {
  override readonly name = "HostError";
}
