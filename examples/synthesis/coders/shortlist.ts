import { candidate } from "./candidate.ts";
import type { Candidate } from "./candidate.ts";
import type { Hypothesis } from "../programs/hypothesis.ts";
import type { Task } from "../tasks/task.ts";
import { sameValue } from "../programs/value.ts";

/** The account of one search: what it may still spend and the candidates it has found. */
export interface Shortlist {
  /** How many visible pairs a candidate may get wrong. */
  readonly tolerance: number;
  /** Pays for one candidate evaluation; false, and nothing is paid, when the budget is used up. */
  readonly spend: () => boolean;
  /** Keeps a hypothesis that gets `errors` visible pairs wrong, unless it does on the probes what a kept one does. */
  readonly offer: (hypothesis: Hypothesis, errors: number) => void;
  /** Whether to stop before programs of this size: enough are found, or it is well past the first. */
  readonly isDone: (size: number) => boolean;
  /** The candidates, those without errors first, then by size, and what they cost. */
  readonly result: () => { readonly candidates: readonly Candidate[]; readonly cost: number };
}

export interface ShortlistOptions {
  readonly coder: string;
  readonly budget: number;
  /** The most candidates without errors; as many with errors are kept beside them. */
  readonly k: number;
}

/** With fewer visible pairs than this, a program that gets one wrong says nothing. */
const MIN_PAIRS_FOR_TOLERANCE = 4;
/** How much larger than the first program found, its exceptions included, the others may be. */
const MAX_EXTRA_SIZE = 2;
/** How much the others may cost, as a multiple of what the first did. */
const MAX_EXTRA_COST = 1.5;

export function shortlist(task: Task, { coder, budget, k }: ShortlistOptions): Shortlist {
  const exact: Candidate[] = [];
  const tolerated: Candidate[] = [];
  let cost = 0;
  let costOfFirst = Infinity;
  return {
    tolerance: task.train.length >= MIN_PAIRS_FOR_TOLERANCE ? 1 : 0,
    spend: () => {
      if (cost >= budget) return false;
      cost += 1;
      return true;
    },
    offer: (hypothesis, errors) => {
      const kept = errors === 0 ? exact : tolerated;
      if (kept.length >= k) return;
      const offered = candidate(task, { coder, hypothesis });
      if (!kept.some((other) => sameValue(other.probeOutputs, offered.probeOutputs))) kept.push(offered);
      if (errors === 0) costOfFirst = Math.min(costOfFirst, cost);
    },
    isDone: (size) =>
      exact.length >= k ||
      size > (exact[0]?.size ?? Infinity) + MAX_EXTRA_SIZE ||
      cost > costOfFirst * MAX_EXTRA_COST ||
      size > (tolerated[0]?.size ?? Infinity) + MAX_EXTRA_SIZE,
    result: () => ({ candidates: [...bySize(exact), ...bySize(tolerated)], cost }),
  };
}

function bySize(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((left, right) => left.size - right.size);
}
