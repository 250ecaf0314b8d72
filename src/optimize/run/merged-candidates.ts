import { canonicalJson } from "#foundation";
import { addUsage, mean } from "#programs";
import type { Candidate } from "./run-state.ts";

/**
 * One candidate for each configuration, in the order of their first measurements: a teleprompter may measure one in
 * several work items, on other examples each time. An example that was measured more than once has its mean score.
 */
export function mergedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  const before = known.get(candidates);
  if (before !== undefined) return before;
  const byConfiguration = Map.groupBy(candidates, ({ configuration }) => canonicalJson(configuration));
  const all = [...byConfiguration.values()].map(merged);
  known.set(candidates, all);
  return all;
}

/** Whoever shows the progress of a run asks with every event; new measurements are rare. */
const known = new WeakMap<readonly Candidate[], readonly Candidate[]>();

function merged(measurements: readonly Candidate[]): Candidate {
  const [first, ...others] = measurements as readonly [Candidate, ...Candidate[]];
  if (others.length === 0) return first;
  const scores = new Map<string, number[]>();
  for (const measurement of measurements)
    for (const [index, score] of Object.entries(measurement.scores))
      scores.set(index, [...(scores.get(index) ?? []), score]);
  return {
    ...first,
    scores: Object.fromEntries([...scores].map(([index, all]) => [index, mean(all)])),
    usage: others.reduce((total, { usage }) => addUsage(total, usage), first.usage),
  };
}
