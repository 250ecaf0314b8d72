import type { Json } from "../json.ts";

/** What became of a program. */
export type SandboxResult =
  | {
      readonly ok: true;
      /** One for each argument list, in order. */
      readonly results: readonly SandboxOutcome[];
    }
  | { readonly ok: false; readonly code: SandboxFailure; readonly message: string };

/** Why there is no outcome for any argument list. */
export type SandboxFailure =
  /** The source is too long, no JavaScript expression, or what it evaluates to is no function. */
  | "bad_source"
  /** The source took all the time before there was a function, or its process did not come back and was killed. */
  | "timeout"
  /** Its process had no memory left, or held more than it was allowed, and is gone. */
  | "out_of_memory"
  /** Its process ended in another way, twice. */
  | "crashed";

/** What one call of the function gave. */
export type SandboxOutcome =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: CallFailure; readonly message: string };

type CallFailure =
  /** The function threw; so did reading its value. */
  | "threw"
  /** The value is nothing that JSON can say, or is nested too deeply. The message says what and where. */
  | "not_json"
  /** The value does not fit into what is left of the program's `maxResultChars`. */
  | "too_large"
  /** The program's time was over before this call had ended. */
  | "timeout";
