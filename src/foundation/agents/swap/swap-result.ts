import type { Pid } from "../agent.ts";
import type { Ref } from "../ref.ts";

/** How a running agent is replaced. */
export interface SwapOptions<M, A = void> {
  /** What `init` of the new version gets. */
  readonly argument?: A;
  /** Whether the new version is fit to serve: rejects or throws when not. That it started is enough unless told. */
  readonly check?: (next: Ref<M>) => void | Promise<void>;
  /** How long the start may take; 5,000 unless told. */
  readonly startTimeoutMs?: number;
  /** How long the check may take; 5,000 unless told. */
  readonly checkMs?: number;
  /** How long the old version may take to finish what it has taken, and `migrate` its work; 5,000 each unless told. */
  readonly drainMs?: number;
  /** Gives the swap up before its switch; ends the old version without further waiting after it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The step at which a swap failed: the new version's start or check, the old one's coming to a rest, the migration of
 * its state, or the switch itself, when one of the two had ended meanwhile.
 */
export type SwapStep = "start" | "check" | "drain" | "migrate" | "switch";

export interface SwapFailure {
  readonly ok: false;
  readonly step: SwapStep;
  readonly error: unknown;
}

/** What came of a swap. After a failure the old version goes on as if nothing had been tried. */
export type SwapResult<M> =
  | {
      readonly ok: true;
      /** The address, as before. */
      readonly ref: Ref<M>;
      /** Of the new version. */
      readonly pid: Pid;
      /** Whether the old version finished all that it had taken; it was ended before that otherwise. */
      readonly isDrained: boolean;
    }
  | SwapFailure;
