import { describe, systemClock, UsageError } from "#foundation";
import { compromise, partition, turns } from "./compromise.ts";
import type { CaseOptions, ConflictCase } from "./conflict-case.ts";
import { wishesOf } from "./conflict.ts";
import type { VariableConflict } from "./conflict.ts";
import type { Absence } from "./hearing.ts";
import { unsettled } from "./resolution.ts";
import type { ConflictsResult, ConflictStrategy, Settlement, VariableResolution } from "./resolution.ts";
import { defaultSlotMs } from "./rota.ts";
import { byLeader, byPriority, byVote } from "./ruling.ts";

export interface ResolveConflictsOptions extends Partial<CaseOptions> {
  /** What is tried on a conflict with which the strategy comes to nothing. */
  readonly fallback?: ConflictStrategy;
}

const strategies: Readonly<Record<ConflictStrategy, (one: ConflictCase) => Settlement | Promise<Settlement>>> = {
  priority_based: byPriority,
  priority_override: byPriority,
  voting: byVote,
  leader_election: byLeader,
  leader_decision: byLeader,
  compromise,
  negotiated_settlement: compromise,
  time_sharing: turns,
  resource_partitioning: partition,
};

/**
 * One resolution for each conflict, in their order, or the error of the first that can be resolved neither by the
 * strategy nor by the fallback. Agents are asked through the callbacks, all of a conflict at once and each at most
 * `timeoutMs` (5 s); conflicts come one after the other. `priorities` and `weights` (1 by default) are by agent; `numeric` (`weighted_mean`) and
 * `categorical` (`borda`) say how a compromise is made; `silent` what a bargain makes of who gives no valuation: it is
 * `left_out` (by default), or `insists` on what it requested. `feasible` gives the nearest value that the variable may
 * have, or `undefined`: there is none. `slotMs` (10 min) is the length of a turn.
 *
 * Ties go to the earlier. What a liar can gain: with the mean any value between the smallest and the largest wish that
 * it makes up; with the median, where everyone likes a number less the farther it is, nothing; with Borda and plurality
 * as much as any such rule lets it. Throws a `UsageError` for a strategy, weight, priority or time that is none.
 */
export async function resolveConflicts(
  conflicts: readonly VariableConflict[],
  strategy: ConflictStrategy,
  options: ResolveConflictsOptions = {},
): Promise<ConflictsResult> {
  const chosen = [strategy, ...(options.fallback === undefined ? [] : [options.fallback])];
  for (const name of chosen) checkStrategy(name);
  const known = checkedOptions(options);
  const resolutions: VariableResolution[] = [];
  const absences: Absence[] = [];
  for (const [index, conflict] of conflicts.entries()) {
    const settlement = await settlementOf(conflict, chosen, { options: known, absences });
    const { variableId, conflictingAgents: affectedAgents } = conflict;
    if (!settlement.ok) {
      const { code, reason } = settlement;
      return {
        ok: false,
        error: { code, message: `conflict ${index} on ${variableId}: ${reason}`, conflict: index },
        absences,
      };
    }
    const { resolvedValue, compromiseType } = settlement;
    resolutions.push({ variableId, resolvedValue, compromiseType, affectedAgents });
  }
  return { ok: true, value: resolutions, absences };
}

async function settlementOf(
  conflict: VariableConflict,
  chosen: readonly ConflictStrategy[],
  { options, absences }: Pick<ConflictCase, "options" | "absences">,
): Promise<Settlement> {
  const read = wishesOf(conflict);
  if (!read.ok) return unsettled("invalid_conflict", read.defect);
  let last = unsettled("unsupported_strategy", "no strategy");
  for (const name of chosen) {
    const settlement = await strategies[name]({ conflict, wishes: read.wishes, options, absences });
    if (settlement.ok) return settlement;
    const before = last.ok || name === chosen[0] ? "" : `${last.reason}; ${name}: `;
    last = unsettled(settlement.code, `${before}${settlement.reason}`);
  }
  return last;
}

function checkedOptions(options: ResolveConflictsOptions): CaseOptions {
  const { weights = {}, priorities = {}, timeoutMs = 5_000, slotMs = defaultSlotMs } = options;
  checkNumbers(weights, "weight", (value) => value >= 0);
  checkNumbers(priorities, "priority", () => true);
  if (!(timeoutMs > 0))
    throw new UsageError(`resolveConflicts: expected a timeoutMs above 0, got ${describe(timeoutMs)}`);
  if (!(slotMs > 0) || slotMs === Infinity) {
    throw new UsageError(`resolveConflicts: expected a finite slotMs above 0, got ${describe(slotMs)}`);
  }
  return {
    callbacks: options.callbacks ?? {},
    leader: options.leader,
    numeric: options.numeric ?? "weighted_mean",
    categorical: options.categorical ?? "borda",
    silent: options.silent ?? "left_out",
    feasible: options.feasible ?? ((_variable, value) => value),
    clock: options.clock ?? systemClock,
    weights,
    priorities,
    timeoutMs,
    slotMs,
  };
}

function checkStrategy(name: string): void {
  if (Object.hasOwn(strategies, name)) return;
  const names = Object.keys(strategies).join(", ");
  throw new UsageError(`resolveConflicts: expected a strategy of ${names}, got ${describe(name)}`);
}

function checkNumbers(numbers: Readonly<Record<string, number>>, what: string, fits: (value: number) => boolean): void {
  for (const [agent, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && fits(value)) continue;
    throw new UsageError(`resolveConflicts: expected a finite ${what} of ${agent}, got ${describe(value)}`);
  }
}
