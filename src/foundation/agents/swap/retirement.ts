import type { AgentCell } from "../agent-cell.ts";
import { stopChild } from "../supervisors/child-life.ts";
import type { Shutdown } from "../supervisors/child-spec.ts";
import type { Deadline } from "../deadlines.ts";

export interface RetirementOptions {
  readonly drainMs?: number | undefined;
  /** How long it may take to clean up. */
  readonly shutdownMs: Shutdown;
  /** Ends the wait: it cleans up and goes. */
  readonly signals: readonly (AbortSignal | undefined)[];
}

/**
 * Lets the old version finish what it has taken, then ends it; says whether it finished. What waits when its time is
 * over, or is postponed at its end, goes to the next version: only a message at hand can be lost.
 */
export async function retire(
  old: AgentCell,
  next: AgentCell,
  { drainMs = 5000, shutdownMs, signals }: RetirementOptions,
): Promise<boolean> {
  const { runtime, pid } = old;
  if (old.isPaused) old.forward(next);
  const end = await drainEnd(old, drainMs, signals);
  old.forward(next);
  if (end === "expired") runtime.report({ type: "drain_expired", pid, agent: old.definition.name });
  await stopChild(runtime, old, end === "expired" ? "brutal" : shutdownMs);
  return end === "idle";
}

type DrainEnd = "idle" | "expired" | "cut" | "gone";

function drainEnd(old: AgentCell, drainMs: number, signals: readonly (AbortSignal | undefined)[]): Promise<DrainEnd> {
  return new Promise((resolve) => {
    const cut = (): void => end("cut");
    const end = (how: DrainEnd): void => {
      deadline.settled = true;
      for (const signal of signals) signal?.removeEventListener("abort", cut);
      resolve(how);
    };
    const deadline: Deadline = { settled: false, expire: () => end("expired") };
    if (drainMs !== Infinity) old.runtime.deadlines.add(drainMs, deadline);
    old.watch(() => end("gone"));
    whenIdle(old, () => end("idle"));
    for (const signal of signals) {
      signal?.addEventListener("abort", cut, { once: true });
      if (signal?.aborted === true) cut();
    }
  });
}

/** Calls back when no message is at hand or waits and every call that it took has its outcome. */
function whenIdle(cell: AgentCell, listener: () => void): void {
  const check = (): void => {
    if (!cell.isIdle) return;
    cell.onTurn = undefined;
    const call = cell.openCall;
    if (call === undefined) listener();
    else call.whenSettled(() => whenIdle(cell, listener));
  };
  cell.onTurn = check;
  check();
}
