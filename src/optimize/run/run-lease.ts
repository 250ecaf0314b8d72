import { mintId, systemRng } from "#foundation";
import type { Clock, Fence, Store } from "#foundation";
import { RunError } from "./run-error.ts";
import { takenOver } from "./run-record.ts";

/** How long a silent Runner keeps its run, and how often it says that it lives. */
const leaseMs = 3000;
const heartbeatMs = 1000;

/** The right to drive a run: no two processes have it at once. */
export interface RunLease {
  readonly fence: Fence;
  readonly holder: string;
}

/**
 * Takes the run. Where another process holds it, waits once until that one's lease ends: if it died, nobody renews it
 * meanwhile. Rejects with `held_elsewhere` when it lives.
 */
export async function takeLease(store: Store, run: string, clock: Clock): Promise<RunLease> {
  const holder = mintId(systemRng(), "process");
  for (let attempt = 0; attempt < 2; attempt++) {
    const lease = await store.leases.acquire(leaseOf(run), holder, leaseMs);
    if (lease.ok) return { fence: lease.fence, holder };
    if (attempt === 0) await clock.sleep(Math.max(0, lease.expiresAt - clock.now()) + 10);
  }
  const message = `run ${run} is driven by another process; pause or stop it there first`;
  throw new RunError("held_elsewhere", message, { retryable: true });
}

/** Renews the lease until the signal aborts. Rejects with `taken_over` when another process has it. */
export async function keepLease(
  store: Store,
  run: string,
  { fence, holder }: RunLease,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(heartbeatMs, { signal }).catch(() => {});
    if (signal.aborted) return;
    const held = await store.leases.acquire(leaseOf(run), holder, leaseMs);
    if (!held.ok || held.fence.epoch !== fence.epoch) throw takenOver(run);
  }
}

/**
 * Whether a living process drives the run, as far as anybody can know: one that fell silent counts for three seconds.
 * The lease can only be asked for, so a free one is taken and given back.
 */
export async function isDriven(store: Store, run: string): Promise<boolean> {
  const lease = await store.leases.acquire(leaseOf(run), mintId(systemRng(), "look"), 1);
  if (lease.ok) await store.leases.release(lease.fence);
  return !lease.ok;
}

function leaseOf(run: string): string {
  return `run/${run}`;
}
