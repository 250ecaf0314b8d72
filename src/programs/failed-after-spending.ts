import type { Usage } from "./language-model.ts";

/** Carries what was spent before a call failed past the failure; the kernel unwraps it. */
export class FailedAfterSpending extends Error {
  readonly usage: Usage;

  constructor(cause: unknown, usage: Usage) {
    super("failed after spending", { cause });
    this.usage = usage;
  }
}
