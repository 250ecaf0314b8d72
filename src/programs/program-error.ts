import { CodedError } from "#foundation";
import type { CodedErrorOptions } from "#foundation";
import { noUsage } from "./language-model.ts";
import type { Usage } from "./language-model.ts";

export type ProgramErrorCode =
  /** No attempt gave a reply that could be read and fits the signature; `raw` is the last one's text. */
  | "unusable_reply"
  /** A stage failed for another reason: its error is the `cause`, unchanged. */
  | "stage_failed"
  /** All stages ran, and an output that the signature promises is missing or of another type. */
  | "wrong_outputs";

export interface ProgramErrorOptions extends CodedErrorOptions {
  readonly stage?: string;
  readonly raw?: string;
  readonly usage?: Usage;
}

/** What an execution rejects with when it was called rightly and still found no answer. */
export class ProgramError extends CodedError<ProgramErrorCode> {
  override readonly name = "ProgramError";
  /** The stage that failed. */
  readonly stage: string | undefined;
  /** The model's reply as it came. */
  readonly raw: string | undefined;
  /** What the execution had cost until then. */
  readonly usage: Usage;

  constructor(code: ProgramErrorCode, message: string, options: ProgramErrorOptions = {}) {
    super(code, message, options);
    this.stage = options.stage;
    this.raw = options.raw;
    this.usage = options.usage ?? noUsage;
  }
}
