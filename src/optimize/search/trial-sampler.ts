import { describe, pick, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import type { Configuration, Space } from "#variables";
import type { Sampler, Trial } from "./sampler.ts";
import { bestTrial, issueTrials, startSearch, tellOutcome } from "./search-state.ts";
import { keyOf } from "../configuration-key.ts";
import type { SearchState } from "./search-state.ts";
import { untriedConfigurations } from "./untried.ts";

/** What tells one sampler from another: how it finds the next configuration. */
export interface TrialSampler {
  readonly name: string;
  readonly options: JsonObject;
  /** Throws `UsageError` for a space that it cannot search; it can search any unless told. */
  readonly check?: (space: Space) => void;
  /** Whether it searches several objectives too; one score alone unless told. */
  readonly searchesObjectives?: boolean;
  /**
   * The next configuration, given all trials before it; `undefined` when no untried one was found: of a small space it
   * is then any that is left. Its chance is its own: the same state and number give the same configuration.
   */
  readonly propose: (state: SearchState, next: NextTrial) => Configuration | undefined;
}

/** A configuration to try, and what shall be noted with its trial. */
export interface Proposed {
  readonly configuration: Configuration;
  readonly note?: JsonObject;
}

/** The same, of a sampler that notes something with its trials, and may ask for one configuration again. */
export interface NotingSampler extends Omit<TrialSampler, "propose"> {
  readonly propose: (state: SearchState, next: NextTrial) => Proposed | undefined;
}

export interface NextTrial {
  /** How many trials were issued before. */
  readonly number: number;
  readonly rng: Rng;
  /** Whether no trial has this configuration yet. */
  readonly isNew: (configuration: Configuration) => boolean;
}

/** A sampler whose state is the trials alone; trials of one ask know of each other. */
export function trialSampler({ propose, ...sampler }: TrialSampler): Sampler<SearchState> {
  return notingSampler({
    ...sampler,
    propose(state, next) {
      const configuration = propose(state, next);
      return configuration === undefined ? undefined : { configuration };
    },
  });
}

/** The same with notes. */
export function notingSampler({
  name,
  options,
  check,
  searchesObjectives,
  propose,
}: NotingSampler): Sampler<SearchState> {
  return {
    name,
    options,
    start(space, settings) {
      const state = startSearch(space, settings);
      if (state.objectives !== undefined && searchesObjectives !== true)
        throw new UsageError(`${name}: expected a search for one score, got objectives, which nsga2 searches`);
      check?.(space);
      return state;
    },
    ask(state, rng, count) {
      if (!Number.isInteger(count) || count < 0)
        throw new UsageError(`${name}.ask: expected a whole number of trials, got ${describe(count)}`);
      const tried = new Set(state.trials.map(({ configuration }) => keyOf(configuration)));
      const ids = new Set(state.trials.map(({ id }) => id));
      const asked: Trial[] = [];
      let known = state;
      while (asked.length < count) {
        const number = known.trials.length;
        const isNew = (configuration: Configuration): boolean => !tried.has(keyOf(configuration));
        const next = { number, rng: rng.fork(`trial ${number}`), isNew };
        const proposed = propose(known, next) ?? leftOver(known, next);
        if (proposed === undefined) break;
        const trial = { id: freeId(ids, number), ...proposed };
        asked.push(trial);
        tried.add(keyOf(trial.configuration));
        ids.add(trial.id);
        known = { ...known, trials: [...known.trials, trial] };
      }
      return asked;
    },
    issue: issueTrials,
    tell: tellOutcome,
    best: bestTrial,
  };
}

/** One of the last that a small space has: chance hardly meets them. */
function leftOver({ space }: SearchState, next: NextTrial): Proposed | undefined {
  const untried = untriedConfigurations(space, next) ?? [];
  return untried.length === 0 ? undefined : { configuration: pick(next.rng.fork("left over"), untried) };
}

/** How often a configuration is drawn anew before a large space counts as exhausted. */
const maxRedraws = 100;

/** The first new one of up to 100 drawn configurations. */
export function firstNew({ rng, isNew }: NextTrial, draw: (rng: Rng) => Configuration): Configuration | undefined {
  for (let redraw = 0; redraw < maxRedraws; redraw++) {
    const configuration = draw(redraw === 0 ? rng : rng.fork(`again ${redraw}`));
    if (isNew(configuration)) return configuration;
  }
  return undefined;
}

/** `trial-7`, or the next number that the caller's own trials have left. */
function freeId(taken: ReadonlySet<string>, number: number): string {
  for (let free = number; ; free++) if (!taken.has(`trial-${free}`)) return `trial-${free}`;
}
