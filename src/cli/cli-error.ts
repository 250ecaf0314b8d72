import { CodedError } from "#foundation";

export type CliErrorCode =
  /** Something outside the command is not set up for it: a missing key, a port in use. */
  | "configuration"
  /** The provider of the model cannot be reached or is overrun. */
  | "unreachable"
  /** Ctrl-C. */
  | "interrupted"
  /** The terminal was closed: SIGHUP. */
  | "hung_up"
  /** SIGTERM. */
  | "terminated"
  /** What was asked for did not come about. */
  | "failed";

/** What a command fails with beyond the errors of the floors. */
export class CliError extends CodedError<CliErrorCode> {
  override readonly name = "CliError";
}
