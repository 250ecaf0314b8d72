import type { Configuration } from "#variables";
import { meanOf, scoreOfTrial } from "../search-state.ts";
import { keyOf } from "../../configuration-key.ts";
import type { SearchState, TrialRecord } from "../search-state.ts";

/** What is known of a configuration that was measured. */
export interface Measurement {
  readonly configuration: Configuration;
  /** The mean score, turned so that more is better; `undefined` where every trial of it failed. */
  readonly worth: number | undefined;
  /** How many scores that is the mean of. */
  readonly repeats: number;
}

export interface Measurements {
  /** In the order of their first issue. */
  readonly told: readonly Measurement[];
  /** What is out and was never measured. */
  readonly pending: readonly Configuration[];
}

/** The trials by configuration. */
export function measurementsOf({ trials, goal }: SearchState): Measurements {
  const byKey = new Map<string, TrialRecord[]>();
  for (const trial of trials) {
    const key = keyOf(trial.configuration);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [trial]);
    else same.push(trial);
  }
  const told: Measurement[] = [];
  const pending: Configuration[] = [];
  for (const same of byKey.values()) {
    const { configuration } = same[0] as TrialRecord;
    if (same.every(({ outcome }) => outcome === undefined)) {
      pending.push(configuration);
      continue;
    }
    const scores = same.map(scoreOfTrial).filter((score) => score !== undefined);
    const mean = meanOf(scores);
    const worth = scores.length === 0 ? undefined : goal === "maximize" ? mean : -mean;
    told.push({ configuration, worth, repeats: Math.max(1, scores.length) });
  }
  return { told, pending };
}
