import { describe, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { checkCounts } from "../../check-counts.ts";

/** How much is spent: the numbers that are not told follow from it and from the task. */
export type MiproEffort = "light" | "medium" | "heavy";

export interface MiproOptions {
  /** From where the numbers below come that are not told; `light` unless told. `miproCost` says what it comes to. */
  readonly auto?: MiproEffort;
  /** How many combinations are tried besides the baseline. */
  readonly trials?: number;
  /** How many texts are proposed for each text variable before the search. */
  readonly instructions?: number;
  /** How many texts are proposed for each text variable after each round; 0 keeps the first ones. */
  readonly refreshed?: number;
  /** How many sets of demonstrations there are for each demos variable, the baseline's own among them. */
  readonly demoSets?: number;
  /** The most validation examples that are used. */
  readonly validation?: number;
  /** On how many of them a trial is measured; all trials of a round on the same. */
  readonly minibatch?: number;
  /** How many trials a round has. After it the most promising is measured on all examples. 5 unless told. */
  readonly round?: number;
  /** The most training examples that the teacher runs for demonstrations. */
  readonly teaching?: number;
  /** How many training examples the best runs after each round, for new proposals; 16 unless told. */
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
   * Who chooses the combinations; `gp` unless told. MIPROv2 has `tpe`, which takes longer to see that two variables are worth
   * more together than either alone.
   */
  readonly sampler?: MiproSampler;
}

export type MiproSampler = "gp" | "tpe" | "auto";

/** The options that stay as they are whatever the task is. */
export interface MiproSettings {
  readonly auto: MiproEffort;
  readonly round: number;
  readonly batch: number;
  readonly maxBootstrapped: number;
  readonly maxDemos: number;
  readonly threshold: number;
  readonly maxDemoTokens: number;
  readonly shownTokens: number;
  readonly sampler: MiproSampler;
}

const derived = ["trials", "instructions", "demoSets", "validation", "minibatch", "teaching"] as const;
const efforts: readonly unknown[] = ["light", "medium", "heavy"];
const samplers: readonly unknown[] = ["gp", "tpe", "auto"];

/** What was told, with the defaults that no task changes. Throws `UsageError` for a faulty option. */
export function checkedOptions(options: MiproOptions): MiproOptions & MiproSettings & JsonObject {
  const told = Object.entries(options).filter(([, value]) => value !== undefined);
  const all: MiproOptions & MiproSettings = {
    auto: "light",
    round: 5,
    batch: 16,
    maxBootstrapped: 8,
    maxDemos: 16,
    threshold: 1,
    maxDemoTokens: 4000,
    shownTokens: 4000,
    sampler: "gp",
    ...(Object.fromEntries(told) as MiproOptions),
  };
  const {
    auto,
    sampler,
    threshold,
    refreshed = 0,
    round,
    batch,
    maxBootstrapped,
    maxDemos,
    maxDemoTokens,
    shownTokens,
  } = all;
  if (!efforts.includes(auto))
    throw new UsageError(`mipro.auto: expected light, medium or heavy, got ${describe(auto)}`);
  if (!samplers.includes(sampler))
    throw new UsageError(`mipro.sampler: expected gp, tpe or auto, got ${describe(sampler)}`);
  if (!Number.isFinite(threshold))
    throw new UsageError(`mipro.threshold: expected a finite number, got ${describe(threshold)}`);
  if (!Number.isInteger(refreshed) || refreshed < 0)
    throw new UsageError(`mipro.refreshed: expected a whole number of at least 0, got ${describe(refreshed)}`);
  const numbers = told.filter(([name]) => name === "maxTokens" || (derived as readonly string[]).includes(name));
  checkCounts("mipro", {
    ...(Object.fromEntries(numbers) as Record<string, number>),
    round,
    batch,
    maxBootstrapped,
    maxDemos,
    maxDemoTokens,
    shownTokens,
  });
  return { ...all };
}
