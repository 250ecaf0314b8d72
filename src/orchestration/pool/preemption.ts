import { holdersOf } from "./ledger.ts";
import type { Lease } from "./ledger.ts";
import { difference } from "./units.ts";

/** How much of a lease is to be taken. */
export interface Cut {
  readonly lease: number;
  readonly amount: number;
}

export interface PreemptionNeed {
  readonly agent: string;
  readonly resource: string;
  /** How much is missing. */
  readonly amount: number;
  readonly priority: number;
}

/**
 * What is taken from whom so that a request gets what it misses: of leases that may be preempted with its priority, the
 * lowest priority first, of equal ones the youngest, and only as much as is needed. Nobody preempts itself. What is
 * already to be taken (`planned`), is not taken twice. `undefined`: that would not be enough, so nothing is taken.
 */
export function preemption(
  leases: readonly Lease[],
  need: PreemptionNeed,
  planned: readonly Cut[] = [],
): readonly Cut[] | undefined {
  const victims = leases
    .filter((lease) => lease.resource === need.resource && mayPreempt(need, lease))
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0) || b.grantedAt - a.grantedAt || b.id - a.id);
  const cuts: Cut[] = [];
  let missing = need.amount;
  for (const victim of victims) {
    if (missing === 0) break;
    const already = planned.filter(({ lease }) => lease === victim.id);
    const left = already.reduce((rest, { amount }) => difference(rest, amount), victim.amount);
    const amount = Math.min(left, missing);
    if (amount === 0) continue;
    cuts.push({ lease: victim.id, amount });
    missing = difference(missing, amount);
  }
  return missing === 0 ? cuts : undefined;
}

function mayPreempt({ agent, priority }: PreemptionNeed, lease: Lease): boolean {
  const threshold = lease.conditions?.preemptionPriority;
  return threshold !== undefined && priority >= threshold && !holdersOf(lease).includes(agent);
}
