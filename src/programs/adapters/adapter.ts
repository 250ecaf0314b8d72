import type { Demo } from "#variables";
import type { Field, ValueIssue } from "../field-type.ts";
import type { Message, ResponseFormat } from "../language-model.ts";
import type { Signature } from "../signature.ts";

/** How a signature becomes messages and a reply becomes values. Stateless. */
export interface Adapter {
  readonly name: string;
  /** The messages for everything but the inputs: made once for a signature and its demos, used for many calls. */
  preamble(signature: Signature, demos: readonly Demo[]): readonly Message[];
  /** The message that states one case. */
  question(signature: Signature, inputs: Readonly<Record<string, unknown>>): Message;
  responseFormat?(signature: Signature): ResponseFormat;
  /** The values that a reply states, read as their types want them and not yet checked; or why there are none. */
  read(reply: string, outputs: readonly Field[]): ReadReply;
}

export type ReadReply =
  | { readonly ok: true; readonly values: Record<string, unknown> }
  | { readonly ok: false; readonly issues: readonly ValueIssue[] };
