import { mintId, systemRng } from "#foundation";
import type { Clock, Fence, Store } from "#foundation";
import { RunError } from "./run-error.ts";
import { takenOver } from "./run-record.ts";
import { keepScope, takeScope } from "./scope-lease.ts";
import type { ScopeLease, ScopeWait } from "./scope-lease.ts";

/** How long a silent Runner keeps its run, and how often it says that it lives. */
const leaseMs = 3000;
const heartbeatMs = 1000;

/** The right to drive a run: no two processes have it at once. */
export interface RunLease {
  readonly fence: Fence;
  readonly holder: string;
  /** The right to be the only run on its scope, where it has one. */
  readonly scope: ScopeLease | undefined;
}

export interface TakeLeaseOptions extends ScopeWait {
  readonly clock: Clock;
  readonly scope: string | undefined;
}

/**
 * Takes the run. Where another process holds it, waits once until that one's lease ends: if it died, nobody renews it
 * meanwhile. Rejects with `held_elsewhere` when it lives. Then takes its scope, which may take as long as other runs on
 * it take, or rejects as `takeScope` does.
 */
export async function takeLease(store: Store, run: string, options: TakeLeaseOptions): Promise<RunLease> {
  const { clock, scope } = options;
  const holder = mintId(systemRng(), "process");
  const fence = await takeRun(store, run, holder, clock);
  if (scope === undefined) return { fence, holder, scope: undefined };
  try {
    const stay = (): Promise<void> => renew(store, run, { fence, holder });
    return {
      fence,
      holder,
      scope: await takeScope(store, { name: scope, run, holder }, { ...options, leaseMs, stay }),
    };
  } catch (error) {
    await store.leases.release(fence);
    throw error;
  }
}

async function takeRun(store: Store, run: string, holder: string, clock: Clock): Promise<Fence> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const lease = await store.leases.acquire(leaseOf(run), holder, leaseMs);
    if (lease.ok) return lease.fence;
    if (attempt === 0) await clock.sleep(Math.max(0, lease.expiresAt - clock.now()) + 10);
  }
  const message = `run ${run} is driven by another process; pause or stop it there first`;
  throw new RunError("held_elsewhere", message, { retryable: true });
}

/** Renews the lease until the signal aborts. Rejects with `taken_over` when another process has it, or its scope. */
export async function keepLease(
  store: Store,
  run: string,
  lease: RunLease,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(heartbeatMs, { signal }).catch(() => {});
    if (signal.aborted) return;
    await renew(store, run, lease);
    if (lease.scope !== undefined) await keepScope(store, run, lease.scope, leaseMs);
  }
}

/** Gives back what the run holds. Never rejects: the leases end by themselves. */
export async function releaseLease(store: Store, { fence, scope }: Pick<RunLease, "fence" | "scope">): Promise<void> {
  const fences = [...(scope === undefined ? [] : [scope.fence]), fence];
  await Promise.allSettled(fences.map((each) => store.leases.release(each)));
}

async function renew(store: Store, run: string, { fence, holder }: Pick<RunLease, "fence" | "holder">): Promise<void> {
  const held = await store.leases.acquire(leaseOf(run), holder, leaseMs);
  if (!held.ok || held.fence.epoch !== fence.epoch) throw takenOver(run);
}

/**
 * Whether a living process drives the run, as far as anybody can know: one that fell silent counts for three seconds.
 */
export async function isDriven(store: Store, run: string): Promise<boolean> {
  return (await store.leases.look(leaseOf(run))) !== undefined;
}

function leaseOf(run: string): string {
  return `run/${run}`;
}
