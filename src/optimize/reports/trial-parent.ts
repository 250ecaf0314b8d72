import { canonicalJson } from "#foundation";
import type { TrialTally } from "./trial-tally.ts";

/**
 * What a candidate came from. `note`: the teleprompter said so. `nearest`: it did not; this is the one known when the
 * candidate was asked for from which the fewest variables differ, half of them at the most (of equals the one measured
 * last), and need not be what it was made from.
 */
export interface TrialParent {
  readonly candidate: number;
  readonly by: "note" | "nearest";
}

/** The parents of each trial, in their order; none where nothing is said and nothing known was near. */
export function parentsOf(trials: readonly TrialTally[]): readonly (readonly TrialParent[])[] {
  const values = trials.map(
    ({ configuration }) => new Map(Object.entries(configuration).map(([path, value]) => [path, canonicalJson(value)])),
  );
  const byMember = new Map(trials.map((trial) => [trial.member, trial]));
  return trials.map((trial, at) => {
    const named = trial.parents.flatMap((place) => byMember.get(place) ?? []).filter((parent) => parent !== trial);
    if (named.length > 0) return named.map(({ number }) => ({ candidate: number, by: "note" }));
    // A teleprompter that tells parents says with none that there was none.
    const nearest = trial.member === undefined ? nearestOf(trials, values, at) : undefined;
    return nearest === undefined ? [] : [{ candidate: nearest.number, by: "nearest" }];
  });
}

type Values = ReadonlyMap<string, string>;

function nearestOf(trials: readonly TrialTally[], values: readonly Values[], at: number): TrialTally | undefined {
  const own = values[at] ?? new Map();
  const known = trials[at]?.knownBefore ?? 0;
  let [nearest, least]: [TrialTally | undefined, number] = [undefined, Infinity];
  for (const [place, other] of trials.entries()) {
    if (place === at || other.toldAs === undefined || other.toldAs > known) continue;
    const { changed, all } = difference(values[place] ?? new Map(), own);
    const isNearer = changed < least || (changed === least && other.toldAs > (nearest?.toldAs ?? 0));
    if (2 * changed <= all && isNearer) [nearest, least] = [other, changed];
  }
  return nearest;
}

function difference(from: Values, to: Values): { readonly changed: number; readonly all: number } {
  let [changed, all] = [0, from.size];
  for (const [path, value] of from) if (to.get(path) !== value) changed++;
  for (const path of to.keys()) {
    if (from.has(path)) continue;
    changed++;
    all++;
  }
  return { changed, all };
}
