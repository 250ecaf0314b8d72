import type { Configuration } from "#variables";
import { best, meanScore } from "../score-board.ts";
import type { ObjectiveValues } from "../search/sampler.ts";
import type { Incumbent } from "../teleprompter.ts";
import { pairedEstimate } from "./paired-scores.ts";
import type { Scores } from "./paired-scores.ts";
import type { Pruning } from "./pruning.ts";

/** A trial of a search whose candidates need not be measured on all examples. Plain data. */
export interface Contestant {
  readonly id: string;
  readonly purpose: string;
  readonly configuration: Configuration;
  /** The work of its first block. */
  readonly work: string;
  /** How many trials before it had the same configuration, where any had. */
  readonly rollout?: number;
  /** How many of its blocks were issued, told, and judged good enough for the next one. */
  readonly issued: number;
  readonly told: number;
  readonly passed: number;
  readonly isStopped: boolean;
  /** Whether the sampler knows what it came to. */
  readonly isHeard: boolean;
  /** The scores so far, by the example's place. */
  readonly scores: Scores;
  /** The trial that it runs against, in a race. */
  readonly against?: string;
  /** What it came to by objective, where the search has objectives and something counted for each. */
  readonly values?: ObjectiveValues;
}

/** Whether its next block may be asked for. */
export function isDue({ issued, passed, isStopped }: Contestant, looks: readonly number[]): boolean {
  return !isStopped && passed === issued && issued < looks.length;
}

/** Whether it was measured on all examples. */
export function isMeasured({ told, isStopped }: Contestant, looks: readonly number[]): boolean {
  return told === looks.length && !isStopped;
}

/** Whether it gets no further examples. */
export function isEnded(contestant: Contestant, looks: readonly number[]): boolean {
  return contestant.isStopped || isMeasured(contestant, looks);
}

/** The best of those that were measured on all examples. */
export function leader(contestants: readonly Contestant[], looks: readonly number[]): Incumbent | undefined {
  return best(contestants.filter((contestant) => isMeasured(contestant, looks)));
}

/** The leader's scores. */
export function leadingScores(contestants: readonly Contestant[], looks: readonly number[]): Scores | undefined {
  const leading = leader(contestants, looks)?.work;
  return contestants.find(({ work }) => work === leading)?.scores;
}

/** What one is worth that gets no further examples: its mean, estimated where it was stopped. */
export function worthOf(contestant: Contestant, incumbent: Scores | undefined): number | undefined {
  const { isStopped, scores } = contestant;
  return isStopped && incumbent !== undefined ? pairedEstimate(scores, incumbent) : meanScore(contestant);
}

export interface JudgeOptions {
  readonly pruning: Pruning;
  readonly looks: readonly number[];
  /** Whether the last batch gets no further members. */
  readonly isClosed: boolean;
}

/**
 * The contestants with a verdict on every batch whose members were all told at one look. The first contestant is the
 * baseline, which nobody judges. Whatever order the blocks were told in, the verdicts are the same.
 */
export function judged(contestants: readonly Contestant[], options: JudgeOptions): readonly Contestant[] {
  const { pruning, looks, isClosed } = options;
  const size = pruning.batchSize(looks);
  const incumbent = leadingScores(contestants, looks);
  const after = [...contestants];
  for (let first = 1; first < contestants.length; first += size) {
    const batch = contestants.slice(first, first + size);
    const left = batch.filter(({ isStopped }) => !isStopped);
    const isFull = batch.length === size || batch.some(({ passed }) => passed > 0);
    if (!(isFull || isClosed) || !awaitVerdict(left, looks)) continue;
    const goOn = pruning.goOn(
      left.map(({ scores }) => scores),
      incumbent,
    );
    for (const [place, contestant] of left.entries())
      after[contestants.indexOf(contestant)] =
        goOn[place] === true ? { ...contestant, passed: contestant.told } : { ...contestant, isStopped: true };
  }
  return after;
}

/** Whether all of them were told at one look, which is not their last. */
function awaitVerdict(left: readonly Contestant[], looks: readonly number[]): boolean {
  const look = left[0]?.told ?? 0;
  return left.every(({ told, passed }) => told === look && told === passed + 1) && look > 0 && look < looks.length;
}
