/** Why an agent or a supervisor ended. */
export type ExitReason =
  /** It was done. */
  | { readonly kind: "normal" }
  /** It was asked to end; `info` says more. */
  | { readonly kind: "shutdown"; readonly info?: unknown }
  /** It was ended at once, without cleaning up. */
  | { readonly kind: "killed" }
  | { readonly kind: "crash"; readonly error: unknown };

/** What a monitor reports: the reason, or that nothing lived there when the monitor was set. */
export type DownReason = ExitReason | { readonly kind: "noproc" };

export const normal: ExitReason = { kind: "normal" };
export const shutdown: ExitReason = { kind: "shutdown" };
export const killed: ExitReason = { kind: "killed" };

export function crash(error: unknown): ExitReason {
  return { kind: "crash", error };
}

/** Whether the end was intended: `normal` and `shutdown` are, everything else is abnormal. */
export function isClean({ kind }: ExitReason): boolean {
  return kind === "normal" || kind === "shutdown";
}

/** The end that a monitor reported; of one that nobody saw end, a crash. */
export function endOf(reason: DownReason): ExitReason {
  return reason.kind === "noproc" ? crash(new Error("it had ended before it was watched")) : reason;
}

/** A reason in words. */
export function reasonText(reason: DownReason): string {
  if (reason.kind === "crash")
    return `crash: ${reason.error instanceof Error ? reason.error.message : String(reason.error)}`;
  return reason.kind === "shutdown" && reason.info !== undefined ? `shutdown: ${String(reason.info)}` : reason.kind;
}
