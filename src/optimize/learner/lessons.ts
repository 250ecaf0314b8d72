import { canonicalJson } from "#foundation";
import type { Configuration, Space } from "#variables";
import { configurationDistance } from "../search/configuration-distance.ts";
import type { Experience } from "./experience.ts";
import { findings } from "./findings.ts";
import type { Finding } from "./findings.ts";
import { minLikeness } from "./likeness.ts";
import type { PresentTask } from "./projection.ts";

/** An earlier configuration that is worth trying first. */
export interface Lesson {
  readonly configuration: Configuration;
  /** The runs that it comes from, the most alike first. */
  readonly runs: readonly string[];
  /** What it is likely to gain over the baseline, were the task the same. */
  readonly gain: number;
  /** Where it comes from, for people. */
  readonly purpose: string;
}

/** What an earlier run measured that may guide a search, though nothing is measured again. */
export interface PriorTrial {
  readonly configuration: Configuration;
  readonly run: string;
  readonly gain: number;
}

export interface Learned {
  /** The most promising first. */
  readonly lessons: readonly Lesson[];
  /** Of the runs that the lessons come from. */
  readonly prior: readonly PriorTrial[];
}

export interface LessonsOptions {
  /** The most lessons; 3 unless told. */
  readonly count?: number;
  /** How much alike a task must be to be learned from (`likeness`); .25 unless told. */
  readonly atLeast?: number;
}

/** So many earlier trials guide a search, none of them longer than that: they stand in the run's record. */
const maxPrior = 60;
const maxPriorLength = 2000;

/**
 * The earlier configurations that are worth trying first. What one gained over its own run's baseline on the same
 * examples is shrunken towards nothing the fewer they were, and counts by how much the run's task is like this one;
 * several runs that measured the same one are averaged, those in which it lost included. Of equally good ones the lessons
 * are those far from each other.
 */
export function lessons(experience: Experience, present: PresentTask, options: LessonsOptions = {}): Learned {
  const { count = 3, atLeast = minLikeness } = options;
  const known = findings(experience, present, atLeast);
  const byConfiguration = Map.groupBy(known, ({ configuration }) => canonicalJson(configuration));
  const merged = [...byConfiguration.values()].map(mergedFinding).filter(({ worth }) => worth > 0);
  const chosen = diverse(present.task.space, merged, count).map(lessonOf);
  const runs = new Set(chosen.flatMap((lesson) => lesson.runs));
  const prior = known
    .filter(({ run, configuration }) => runs.has(run) && canonicalJson(configuration).length <= maxPriorLength)
    .slice(0, maxPrior)
    .map(({ configuration, run, expected: gain }) => ({ configuration, run, gain }));
  return { lessons: chosen, prior };
}

interface Merged {
  readonly configuration: Configuration;
  readonly worth: number;
  readonly gain: number;
  /** The most alike first. */
  readonly findings: readonly Finding[];
}

function mergedFinding(all: readonly Finding[]): Merged {
  const sorted = all.toSorted((a, b) => b.alike - a.alike);
  const [first] = sorted as [Finding];
  const total = all.reduce((sum, { alike }) => sum + alike, 0);
  const gain = all.reduce((sum, { alike, expected }) => sum + alike * expected, 0) / total;
  return { configuration: first.configuration, worth: first.alike * gain, gain, findings: sorted };
}

/** The best, then each time the one that is good and far from those taken. */
function diverse(space: Space, all: readonly Merged[], count: number): readonly Merged[] {
  const distance = configurationDistance(space);
  const taken: Merged[] = [];
  const left = new Set(all);
  while (taken.length < count && left.size > 0) {
    const promise = ({ worth, configuration }: Merged): number =>
      worth * (0.5 + 0.5 * Math.min(1, ...taken.map((other) => distance(configuration, other.configuration))));
    const next = [...left].reduce((best, each) => (promise(each) > promise(best) ? each : best));
    taken.push(next);
    left.delete(next);
  }
  return taken;
}

function lessonOf({ configuration, gain: expected, findings: all }: Merged): Lesson {
  const [{ run, gain, examples }] = all as readonly [Finding, ...Finding[]];
  const others = all.length > 1 ? ` and ${all.length - 1} more` : "";
  const purpose = `from run ${run}${others}: ${gain >= 0 ? "+" : ""}${gain.toFixed(3)} over its baseline on ${examples} examples`;
  return { configuration, runs: [...new Set(all.map((each) => each.run))], gain: expected, purpose };
}
