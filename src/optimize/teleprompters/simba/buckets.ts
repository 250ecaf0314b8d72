import { mean } from "#programs";
import type { Trajectory } from "../pool/trajectory.ts";

/** What members of the pool did on one training example. */
export interface Bucket {
  readonly example: number;
  readonly best: Trajectory;
  readonly worst: Trajectory;
  /** How far the best is above the worst, and above the mean. */
  readonly gap: number;
  readonly lead: number;
  /** Whether something can be learnt: not where everybody is as good as anybody ever was. */
  readonly teaches: boolean;
}

export interface Buckets {
  /** The examples that tell most first. */
  readonly sorted: readonly Bucket[];
  /** The 10th and the 90th percentile of all their scores. */
  readonly low: number;
  readonly high: number;
}

/**
 * A bucket for each of these examples, sorted by (max − min, max, max − mean), as DSPy has it. Of those where all are
 * equal, the ones that nobody gets right come first: their labels still teach something.
 */
export function bucketsOn(batch: readonly number[], trajectories: readonly Trajectory[]): Buckets {
  const byExample = Map.groupBy(trajectories, ({ example }) => example);
  const all = batch.flatMap((example) => byExample.get(example) ?? []).map(({ score }) => score);
  const ascending = all.toSorted((a, b) => a - b);
  const highest = ascending.at(-1) ?? 0;
  const sorted = batch
    .flatMap((example) => bucketOf(example, byExample.get(example) ?? [], highest))
    .toSorted((a, b) => b.gap - a.gap || (a.gap === 0 ? a.best.score - b.best.score : byMax(a, b)));
  return { sorted, low: quantile(ascending, 0.1), high: quantile(ascending, 0.9) };
}

function byMax(a: Bucket, b: Bucket): number {
  return b.best.score - a.best.score || b.lead - a.lead;
}

function bucketOf(example: number, trajectories: readonly Trajectory[], highest: number): Bucket[] {
  const ranked = trajectories.toSorted((a, b) => b.score - a.score);
  const [best, worst] = [ranked[0], ranked.at(-1)];
  if (best === undefined || worst === undefined) return [];
  const gap = best.score - worst.score;
  const lead = best.score - mean(ranked.map(({ score }) => score));
  return [{ example, best, worst, gap, lead, teaches: gap > 0 || best.score < Math.max(highest, 1) }];
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.round(share * (ascending.length - 1))] ?? 0;
}

/** So many of the best and of the worst are kept of each example. */
const keptEach = 3;

/** The trajectories with further ones; of each example only the best and the worst, of equal ones the latest. */
export function withTrajectories(known: readonly Trajectory[], added: readonly Trajectory[]): readonly Trajectory[] {
  const byExample = Map.groupBy([...added, ...known], ({ example }) => example);
  return [...byExample.values()].flatMap((all) => {
    if (all.length <= 2 * keptEach) return all;
    const ranked = all.toSorted((a, b) => b.score - a.score);
    const best = ranked.slice(0, keptEach);
    const worst = all
      .toSorted((a, b) => a.score - b.score)
      .filter((each) => !best.includes(each))
      .slice(0, keptEach);
    return [...best, ...worst.toReversed()];
  });
}
