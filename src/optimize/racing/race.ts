import { describe, UsageError } from "#foundation";
import { checkCounts } from "../check-counts.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

export interface RaceOptions {
  /** How many further examples come before each look after the first; 8 unless told. */
  readonly block?: number;
  /** How many examples come before the first look; 16 unless told. */
  readonly minimum?: number;
  /** How unlikely the candidate's losses must be, were it as good as the incumbent, to stop it at a look; .07 unless told. */
  readonly level?: number;
}

/** As measured on `bench/racing.ts`: lower costs more and finds no better ones, higher drops good candidates. */
const usualLevel = 0.07;

/** After how many examples a race looks at a candidate: the minimum, then every block; the last are all examples. */
export function raceLooks(examples: number, { block = 8, minimum = 16 }: RaceOptions = {}): readonly number[] {
  checkCounts("race", { block, minimum });
  if (!Number.isInteger(examples) || examples < 0)
    throw new UsageError(`race.examples: expected a whole number of at least 0, got ${describe(examples)}`);
  const looks: number[] = [];
  for (let look = minimum; look < examples; look += block) looks.push(look);
  return [...looks, examples];
}

/**
 * Whether a candidate goes on after this look: it stops when the one-sided signed-rank test says that it loses against
 * the incumbent. Both lists are their scores on the same examples, in one order. Nothing stops a candidate that holds
 * level, and nothing before the minimum.
 *
 * Every look is one more chance to be stopped by bad luck: the level is that of one look, not of the race, and a
 * candidate as good as the incumbent is stopped two to three times as often as it says (`bench/racing.ts` prints it).
 * That loses nothing but a tie. One that is better has bad luck at its first looks only, and the more it is better, the
 * less; what that costs is the bench's regret.
 */
export function race(
  candidate: readonly number[],
  incumbent: readonly number[],
  { minimum = 16, level = usualLevel }: RaceOptions = {},
): "stop" | "go_on" {
  if (candidate.length !== incumbent.length)
    throw new UsageError(
      `race: expected scores on the same examples, got ${candidate.length} and ${incumbent.length} of them`,
    );
  checkCounts("race", { minimum });
  if (!(level > 0 && level < 1)) throw new UsageError(`race.level: expected a share between 0 and 1, got ${level}`);
  if (candidate.length < minimum) return "go_on";
  const differences = candidate.map((score, at) => score - (incumbent[at] as number));
  return wilcoxonSignedRank(differences).less <= level ? "stop" : "go_on";
}
