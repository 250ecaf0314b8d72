import { decided, undecided } from "../decision.ts";
import type { Decision } from "../decision.ts";
import { lease, pool } from "../pool/ledger.ts";
import type { Pool } from "../pool/ledger.ts";
import { amountsIn } from "../variables/resource-allocation.ts";
import type { Team } from "../team.ts";

/** Who needs something of the pool: one for each instance. */
export interface Holder {
  readonly agent: string;
  readonly needs: Readonly<Record<string, number>>;
}

/** Who is there, and when. */
export interface Holding {
  /** One for each instance that runs or is about to. */
  readonly holders: readonly Holder[];
  /** To whom the team's allocations give their parts. */
  readonly active: readonly string[];
  readonly at: number;
}

/**
 * The pool with what instances hold and what the team's allocations give to the active agents. Refused when they need
 * more than there is: Σ ≤ total, always.
 */
export function heldResources(team: Team, { holders, active, at }: Holding): Decision<Pool> {
  let held = pool(team.resourcePool);
  const hold = (agent: string, amounts: Readonly<Record<string, number>>): string | undefined => {
    const leased = lease(held, { agent, amounts, at });
    if (leased.ok) held = leased.pool;
    return leased.ok ? undefined : leased.error.message;
  };
  for (const { agent, needs } of holders) {
    const refusal = hold(agent, needs);
    if (refusal !== undefined) return undecided("resource_exhausted", refusal);
  }
  for (const variable of Object.values(team.orchestrationVariables)) {
    if (variable.type !== "resource_allocation" || variable.per !== "team") continue;
    const amounts = amountsIn(variable, team.configuration, active);
    if (!amounts.ok) return amounts;
    for (const [agent, amount] of Object.entries(amounts.value)) {
      const refusal = hold(agent, { [variable.resource]: amount });
      if (refusal !== undefined) return undecided("resource_exhausted", `team.${variable.id}: ${refusal}`);
    }
  }
  return decided(held);
}
