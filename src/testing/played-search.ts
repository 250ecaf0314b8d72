import assert from "node:assert/strict";
import { seededRng } from "#foundation";
import type { Outcome, Sampler, SearchOptions, Trial } from "#optimize";
import type { Space } from "#variables";

/** The sampler under test, with a space that it can search. */
export interface SamplerHarness {
  readonly sampler: Sampler;
  readonly space: Space;
}

export interface PlayOptions {
  /** What each trial comes to. */
  readonly outcomeOf: (trial: Trial) => Outcome;
  readonly search?: SearchOptions;
  /** Whether the state is written and read between any two steps. */
  readonly isReread?: boolean;
}

export interface PlayedSearch extends SamplerHarness {
  readonly state: unknown;
  readonly trials: readonly Trial[];
}

/** More trials than any start-up phase has, so that what comes after it is seen too. */
export const maxTrials = 24;

/** A whole search with so many trials out at once, until it is long enough or the space has no more to offer. */
export function playSearch(
  { sampler, space }: SamplerHarness,
  count: number,
  { outcomeOf, search, isReread = false }: PlayOptions,
): PlayedSearch {
  const kept = (state: unknown): unknown => frozen(isReread ? (JSON.parse(JSON.stringify(state)) as unknown) : state);
  let state = kept(sampler.start(space, search));
  const trials: Trial[] = [];
  while (trials.length < maxTrials) {
    const asked = sampler.ask(state, seededRng(`ask ${trials.length}`), count);
    assert.ok(asked.length <= count);
    if (asked.length === 0) break;
    trials.push(...asked);
    state = kept(sampler.issue(state, asked));
    for (const trial of asked) state = kept(sampler.tell(state, outcomeOf(trial)));
  }
  return { sampler, space, state, trials };
}

/** The same value, which throws when it is changed. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}
