import { addUsage, mean } from "#programs";
import type { Candidate } from "./run-state.ts";
import { keyOf } from "../configuration-key.ts";

/**
 * One candidate for each configuration, in the order of their first measurements: a teleprompter may measure one in
 * several work items, on other examples each time. An example that was measured more than once has its mean score, in
 * which a score that was used again counts once.
 */
export function mergedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  const before = known.get(candidates);
  if (before !== undefined) return before;
  const byConfiguration = Map.groupBy(candidates, ({ configuration }) => keyOf(configuration));
  const all = [...byConfiguration.values()].map(merged);
  known.set(candidates, all);
  return all;
}

/** Whoever shows the progress of a run asks with every event; new measurements are rare. */
const known = new WeakMap<readonly Candidate[], readonly Candidate[]>();

function merged(measurements: readonly Candidate[]): Candidate {
  const [first, ...others] = measurements as readonly [Candidate, ...Candidate[]];
  if (others.length === 0) return first;
  const own = measurements.map(ownExamples);
  const ran = new Set(own.flatMap((examples) => [...examples]));
  // Work that runs an example may be told after work that took its result over, or not at all.
  const borrowed = [...new Set(measurements.flatMap(({ reused }) => reused))].filter((index) => !ran.has(index));
  const means = (scoresOf: (measurement: Candidate) => Candidate["scores"]): Candidate["scores"] => {
    const all = new Map<number, number[]>();
    for (const [at, measurement] of measurements.entries())
      for (const [place, score] of Object.entries(scoresOf(measurement))) {
        const index = Number(place);
        if (own[at]?.has(index) === true || !(ran.has(index) || all.has(index)))
          all.set(index, [...(all.get(index) ?? []), score]);
      }
    return Object.fromEntries([...all].map(([index, each]) => [index, mean(each)]));
  };
  return {
    ...first,
    scores: means(({ scores }) => scores),
    ...(first.worths === undefined ? {} : { worths: means(({ worths = {} }) => worths) }),
    usage: others.reduce((total, { usage }) => addUsage(total, usage), first.usage),
    runs: others.reduce((total, { runs }) => total + runs, first.runs),
    reused: borrowed,
  };
}

function ownExamples({ scores, reused }: Candidate): ReadonlySet<number> {
  const again = new Set(reused);
  return new Set(
    Object.keys(scores)
      .map(Number)
      .filter((index) => !again.has(index)),
  );
}
