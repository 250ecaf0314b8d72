import { canonicalJson } from "#foundation";
import type { Configuration } from "#variables";
import { pairedScores } from "../racing/paired-scores.ts";
import type { Scores } from "../racing/paired-scores.ts";
import type { Experience, ExperiencedRun } from "./experience.ts";
import { likeness } from "./likeness.ts";
import { projection } from "./projection.ts";
import type { PresentTask } from "./projection.ts";
import { exampleKey, sketchOf } from "./task-sketch.ts";

/** What an earlier run says of a configuration that can be tried here. */
export interface Finding {
  readonly configuration: Configuration;
  readonly run: string;
  /** How much the run's task is like this one, from 0 to 1. */
  readonly alike: number;
  /** What of the gain's causes is still in it, above 0 to 1. */
  readonly kept: number;
  /** Its mean over its own run's baseline on the same examples, and on how many. */
  readonly gain: number;
  readonly examples: number;
  /** The gain, shrunken towards 0 the fewer the examples were and the less is kept. */
  readonly expected: number;
}

/** So many examples without any difference stand against what was measured, as in `shrunkenMeans`. */
const strength = 4;

/**
 * What runs of tasks at least this much alike (`likeness`) say of configurations, as far as these can be tried here
 * (`projection`). Scores on examples that are held out now do not count.
 */
export function findings(experience: Experience, present: PresentTask, atLeast: number): readonly Finding[] {
  const { task, test } = present;
  const here = { sketch: sketchOf(task.program, [...task.train, ...task.validation]), space: task.space };
  const heldOut = new Set(test.map(exampleKey));
  return experience.runs.flatMap((run) => {
    const alike = likeness(run, here);
    return alike < atLeast ? [] : findingsOf(run, { present, heldOut, alike });
  });
}

interface Seen {
  readonly present: PresentTask;
  readonly heldOut: ReadonlySet<string>;
  readonly alike: number;
}

function findingsOf(run: ExperiencedRun, { present, heldOut, alike }: Seen): readonly Finding[] {
  const counted = (scores: Scores): Scores =>
    Object.fromEntries(Object.entries(scores).filter(([place]) => !heldOut.has(run.validation[Number(place)] ?? "")));
  const level = counted(levelOf(run));
  return run.trials.flatMap(({ configuration: trial, scores }): readonly Finding[] => {
    const projected = projection(present, run, trial);
    if (projected === undefined) return [];
    const [own, same] = pairedScores(counted(scores), level);
    const examples = own.length;
    if (examples === 0) return [];
    const above = own.reduce((sum, score, at) => sum + score - (same[at] as number), 0);
    const expected = (projected.kept * above) / (examples + strength);
    return [{ ...projected, run: run.run, alike, gain: above / examples, examples, expected }];
  });
}

/** The scores of the run's baseline; where it was not measured, the means of all trials. */
function levelOf({ baseline, trials }: ExperiencedRun): Scores {
  const text = canonicalJson(baseline);
  const own = trials.find(({ configuration }) => canonicalJson(configuration) === text);
  if (own !== undefined) return own.scores;
  const byPlace = Map.groupBy(
    trials.flatMap(({ scores }) => Object.entries(scores)),
    ([place]) => place,
  );
  return Object.fromEntries(
    [...byPlace].map(([place, scores]) => [place, scores.reduce((sum, [, score]) => sum + score, 0) / scores.length]),
  );
}
