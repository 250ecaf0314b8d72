import { CodedError } from "../error.ts";

export type SandboxErrorCode =
  /** The sandbox was disposed of before the program had ended. */
  | "disposed"
  /** No process could be started: the machine's doing, not the program's. */
  | "not_started";

/** Why a program was not run: never for what its code does. */
export class SandboxError extends CodedError<SandboxErrorCode> {
  override readonly name = "SandboxError";
}
