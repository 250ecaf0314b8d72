import type { Clock, Fence, Store } from "#foundation";
import { RunError } from "./run-error.ts";

/** How often a run that waits for its scope looks whether it is free. */
const lookMs = 250;

/** The right of a run to be the only one on a scope: a stored program, or whatever its starter named. */
export interface ScopeLease {
  readonly name: string;
  readonly fence: Fence;
  readonly holder: string;
}

/** Who has what a run waits for. */
export interface ScopeHolder {
  readonly scope: string;
  /** The run that holds the scope. */
  readonly run: string;
}

/** What a run does while another one holds its scope. */
export interface ScopeWait {
  /** `false` rejects with `scope_busy` at once; unless told, the start waits until the other run has ended. */
  readonly wait?: boolean;
  /** Ends the waiting; the start then rejects with the signal's reason, and nothing was stored. */
  readonly signal?: AbortSignal;
  /** Hears for whom it waits, once for each run that it finds there. */
  readonly onWait?: (held: ScopeHolder) => void;
}

interface Claim {
  readonly name: string;
  readonly run: string;
  /** Of this process. */
  readonly holder: string;
}

interface TakeScopeOptions extends ScopeWait {
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Called while it waits, as often as it looks. */
  readonly stay: () => Promise<void>;
}

/**
 * Takes the scope as soon as it is free. A run whose process died holds it until its lease ends, which is no reason to
 * refuse when it is the same run.
 */
export async function takeScope(store: Store, claim: Claim, options: TakeScopeOptions): Promise<ScopeLease> {
  const { clock, leaseMs, stay, wait = true, signal, onWait } = options;
  const { name, run } = claim;
  // Who reads the lease wants to know the run; it must name one process all the same.
  const holder = `${run} ${claim.holder}`;
  let blocker: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const lease = await store.leases.acquire(leaseOf(name), holder, leaseMs);
    if (lease.ok) return { name, fence: lease.fence, holder };
    const other = runOf(lease.holder);
    if (!wait && other !== run) throw busy(name, other);
    if (other !== blocker && other !== run) onWait?.({ scope: name, run: other });
    blocker = other;
    while ((await store.leases.look(leaseOf(name)))?.holder === lease.holder) {
      await stay();
      await clock.sleep(lookMs, signal === undefined ? {} : { signal });
    }
  }
}

/** Renews the scope. Rejects with `taken_over` when another run got it meanwhile. */
export async function keepScope(
  store: Store,
  run: string,
  { name, fence, holder }: ScopeLease,
  leaseMs: number,
): Promise<void> {
  const held = await store.leases.acquire(leaseOf(name), holder, leaseMs);
  if (!held.ok || held.fence.epoch !== fence.epoch) throw scopeLost(run, name);
}

export function scopeLost(run: string, scope: string): RunError {
  return new RunError("taken_over", `run ${run} fell silent and lost its scope ${scope} to another run`);
}

function busy(scope: string, run: string): RunError {
  const message = `run ${run} is at work on ${scope}; wait for its end, stop it, or give this run a scope of its own`;
  return new RunError("scope_busy", message, { retryable: true });
}

function runOf(holder: string): string {
  return holder.split(" ", 1)[0] ?? holder;
}

function leaseOf(scope: string): string {
  return `scope/${scope}`;
}
