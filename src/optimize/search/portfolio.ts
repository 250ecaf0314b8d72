import type { SearchState, TrialRecord } from "./search-state.ts";
import { scoreOfTrial } from "./search-state.ts";

/** Which share of the trials each of several ways to search asks for, by its name. */
export type Shares = Readonly<Record<string, number>>;

/** How many trials of its own a way needs until what they came to counts as much as what all came to. */
const priorTrials = 8;

/** By how much a share grows or shrinks at most. */
const maxChange = 4;

/** The newest so many trials count: what helped at first may not help at the end. */
const remembered = 100;

export interface CreditOptions {
  /** How much costs count, from 0 to 1. */
  readonly costWeight: number;
}

/**
 * The shares by what came of them: a way whose trials set a new record more often than others', per trial with a cost weight
 * of 0 and per cost, where costs were told, with 1, has more of them. `trials` say in the note's `arm` who asked for them.
 */
export function creditedShares(base: Shares, { trials, goal }: SearchState, { costWeight }: CreditOptions): Shares {
  const known = trials.filter(({ outcome }) => outcome !== undefined);
  const mean = known.reduce((sum, trial) => sum + costOf(trial), 0) / known.length;
  const earned = new Map<string, { records: number; spent: number }>();
  let best = -Infinity;
  for (const [at, trial] of known.entries()) {
    const score = scoreOfTrial(trial);
    const worth = score === undefined ? -Infinity : goal === "maximize" ? score : -score;
    const isRecord = worth > best;
    best = Math.max(best, worth);
    const arm = trial.note?.["arm"];
    if (typeof arm !== "string" || !Object.hasOwn(base, arm) || at < known.length - remembered) continue;
    const before = earned.get(arm) ?? { records: 0, spent: 0 };
    earned.set(arm, {
      records: before.records + (isRecord ? 1 : 0),
      spent: before.spent + (mean > 0 ? (costOf(trial) / mean) ** costWeight : 1),
    });
  }
  const [records, spent] = earned
    .values()
    .reduce(([sum, total], each) => [sum + each.records, total + each.spent], [0, 0]);
  const common = (records + 1) / (spent + priorTrials);
  const credited = Object.entries(base).map(([arm, share]): [string, number] => {
    const own = earned.get(arm) ?? { records: 0, spent: 0 };
    const rate = (own.records + priorTrials * common) / (own.spent + priorTrials);
    return [arm, share * Math.min(maxChange, Math.max(1 / maxChange, rate / common))];
  });
  const total = credited.reduce((sum, [, share]) => sum + share, 0);
  return Object.fromEntries(credited.map(([arm, share]) => [arm, share / total]));
}

/** 1 where nothing was told: then all cost the same. */
function costOf({ outcome }: TrialRecord): number {
  return outcome?.cost ?? 1;
}
