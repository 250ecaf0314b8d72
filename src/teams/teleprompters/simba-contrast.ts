import { mean } from "#programs";
import { pick } from "#foundation";
import type { Rng } from "#foundation";
import type { Member } from "./simba-state.ts";

/** The best and the worst of some configurations on one example. */
export interface Contrast {
  readonly best: Member;
  readonly worst: Member;
}

interface Bucket extends Contrast {
  readonly max: number;
  readonly gap: number;
  /** How far the best is above the mean. */
  readonly lead: number;
}

/** From how many of the examples that tell most one is drawn. */
const topBuckets = 6;

/**
 * One of the examples on which the members differ most: the scores of each are a bucket, and the buckets are sorted by
 * (max − min, max, max − mean). `undefined` where none has a score.
 */
export function contrastOn(batch: readonly number[], members: readonly Member[], rng: Rng): Contrast | undefined {
  const buckets = batch.map((example) => bucketOf(example, members)).filter((bucket) => bucket !== undefined);
  const sorted = buckets.toSorted((a, b) => b.gap - a.gap || b.max - a.max || b.lead - a.lead);
  return sorted.length === 0 ? undefined : pick(rng, sorted.slice(0, topBuckets));
}

function bucketOf(example: number, members: readonly Member[]): Bucket | undefined {
  const scored = members
    .flatMap((member) => {
      const score = member.scores[example];
      return score === undefined ? [] : [{ member, score }];
    })
    .toSorted((a, b) => b.score - a.score);
  const [first, last] = [scored[0], scored.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const lead = first.score - mean(scored.map(({ score }) => score));
  return { best: first.member, worst: last.member, max: first.score, gap: first.score - last.score, lead };
}
