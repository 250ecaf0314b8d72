import { CodedError } from "#foundation";

export type RegistryErrorCode =
  /** Nobody has defined the variable in that scope. */
  | "unknown_variable"
  /** What the store holds is no change of a variable; the message says which one and why. */
  | "damaged"
  /** Written by a newer version of tutti. */
  | "newer_schema"
  /** The registry was disposed of. */
  | "closed";

/** What the variable registry rejects with. Failures of the store itself stay `StoreError`. */
export class RegistryError extends CodedError<RegistryErrorCode> {
  override readonly name = "RegistryError";
}
