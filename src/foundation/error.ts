import { describe } from "./json.ts";

/**
 * The caller's mistake: thrown at once, before anything is done. The message says what was expected, what came and
 * where; `issues` carries one line per defect when there are several.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly issues: readonly string[];

  constructor(message: string, issues: readonly string[] = []) {
    super(issues.length === 0 ? message : `${message}\n${issues.map((issue) => `  - ${issue}`).join("\n")}`);
    this.issues = issues;
  }
}

/** What every coded error carries besides its message. */
export interface CodedErrorOptions {
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The world's failure: each floor derives one class from it, with `code` from its own closed union. */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === "object" && thrown !== null ? describe(thrown) : String(thrown);
}
