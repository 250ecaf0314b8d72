import { describe, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { checkCounts } from "../../check-counts.ts";

export interface BeaconOptions {
  /** How many candidates are tried besides the baseline; 30 unless told, or 6 for each variable where that is more. */
  readonly candidates?: number;
  /** How many candidates a round has; after it the best goes on to all examples and new texts are proposed. 6 unless told. */
  readonly round?: number;
  /** How many candidates are spread over the space before the model is asked; a quarter of them, 3 or 4, unless told. */
  readonly startup?: number;
  /** How many texts are proposed for each text variable before the search; 4 unless told. */
  readonly instructions?: number;
  /** How many texts are proposed for each text variable after a round; 0 keeps the first ones. 3 unless told. */
  readonly refreshed?: number;
  /**
   * How often rules for the best text are asked for before the search, and again after each round where texts are refreshed;
   * 0 asks for none. 8 unless told.
   */
  readonly lessons?: number;
  /** How many sets of demonstrations there are for each demos variable at first, the baseline's among them; 6 unless told. */
  readonly demoSets?: number;
  /** The most validation examples that are used; 100 unless told. */
  readonly validation?: number;
  /** The most training examples that the teacher runs for demonstrations; 32 unless told. */
  readonly teaching?: number;
  /** How many training examples the best runs after a round, for new proposals; 16 unless told. */
  readonly batch?: number;
  /** The most demonstrations of a set made from successes, and in all; 8 and 16 unless told. */
  readonly maxBootstrapped?: number;
  readonly maxDemos?: number;
  /** A training example succeeded when its score reaches this; 1 unless told. */
  readonly threshold?: number;
  /** The most tokens of a set of demonstrations, estimated; 4,000 unless told. */
  readonly maxDemoTokens?: number;
  /** How many tokens of examples a proposal is shown; 4,000 unless told. */
  readonly shownTokens?: number;
  /** The longest useful text in tokens, where that is less than its variable allows. */
  readonly maxTokens?: number;
  /**
   * How much a candidate's tokens count: its expected improvement is divided by what it is expected to cost to this
   * power, which falls to 0 as the candidates run out. From 0 to 1; .25 unless told.
   */
  readonly costWeight?: number;
}

/** The options that stay as they are whatever the task is. */
export interface BeaconSettings {
  readonly round: number;
  readonly instructions: number;
  readonly refreshed: number;
  readonly lessons: number;
  readonly demoSets: number;
  readonly batch: number;
  readonly maxBootstrapped: number;
  readonly maxDemos: number;
  readonly threshold: number;
  readonly maxDemoTokens: number;
  readonly shownTokens: number;
  readonly costWeight: number;
}

/** What was told, with the defaults that no task changes. Throws `UsageError` for a faulty option. */
export function checkedOptions(options: BeaconOptions): BeaconOptions & BeaconSettings & JsonObject {
  const told = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as BeaconOptions;
  const all: BeaconOptions & BeaconSettings = {
    round: 6,
    instructions: 4,
    refreshed: 3,
    lessons: 8,
    demoSets: 6,
    batch: 16,
    maxBootstrapped: 8,
    maxDemos: 16,
    threshold: 1,
    maxDemoTokens: 4000,
    shownTokens: 4000,
    costWeight: 0.25,
    ...told,
  };
  const { threshold, refreshed, lessons, costWeight, ...counts } = all;
  if (!Number.isFinite(threshold))
    throw new UsageError(`beacon.threshold: expected a finite number, got ${describe(threshold)}`);
  for (const [name, count] of Object.entries({ refreshed, lessons }))
    if (!Number.isInteger(count) || count < 0)
      throw new UsageError(`beacon.${name}: expected a whole number of at least 0, got ${describe(count)}`);
  if (!(costWeight >= 0 && costWeight <= 1))
    throw new UsageError(`beacon.costWeight: expected a number from 0 to 1, got ${describe(costWeight)}`);
  checkCounts("beacon", countsAlone(counts));
  return { ...all };
}

const countNames: readonly string[] = [
  "candidates",
  "round",
  "startup",
  "instructions",
  "demoSets",
  "validation",
  "teaching",
  "batch",
  "maxBootstrapped",
  "maxDemos",
  "maxDemoTokens",
  "shownTokens",
  "maxTokens",
];

/** Options of other names are somebody else's, as those of a stored run of a later version. */
function countsAlone(options: object): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(options as Readonly<Record<string, number>>).filter(([name]) => countNames.includes(name)),
  );
}
