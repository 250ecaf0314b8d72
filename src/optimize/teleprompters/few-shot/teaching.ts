import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { successesOf } from "../../proposing/demo-set.ts";
import type { DemosTarget, Success } from "../../proposing/demo-set.ts";
import type { EvaluateWork, ExampleResult, Task } from "../../teleprompter.ts";
import { withDrawnDemos } from "./demo-candidate.ts";

/** How demonstrations are made from successes. */
export interface TeachingOptions {
  /** The most demonstrations made from successes, for each stage. */
  readonly maxBootstrapped: number;
  /** The most demonstrations in all; the rest are labelled training examples. */
  readonly maxDemos: number;
  /** A training example succeeded when its score reaches this. */
  readonly threshold: number;
  /** Training examples that are run together. */
  readonly batch: number;
  /** The most tokens of a set of demonstrations, estimated. */
  readonly maxTokens: number;
  /** What each teacher has other than the baseline. An example that defeats one is asked of the next. */
  readonly teachers: readonly Configuration[];
}

/** What was learned from training examples so far. Plain data. */
export interface Teaching {
  /** How many training examples were issued to the first teacher. */
  readonly taught: number;
  /** How many batches are out. */
  readonly out: number;
  /** Batches with the examples that defeated a teacher and wait for the next one. */
  readonly waiting: readonly Lesson[];
  readonly successes: readonly Success[];
}

/** Training examples of one batch, by the place of its first one, and whose turn it is. */
interface Lesson {
  readonly from: number;
  readonly teacher: number;
  readonly examples: readonly number[];
}

export const untaught: Teaching = { taught: 0, out: 0, waiting: [], successes: [] };

/** Who learns what from whom. */
export interface Class {
  readonly task: Task;
  readonly targets: readonly DemosTarget[];
  readonly options: TeachingOptions;
}

/**
 * The next batches, at most so many: first what defeated a teacher, for the next one, since what is hard shows most; then
 * further training examples. None once there are twice the successes that a set takes: enough to choose from.
 */
export function teachingWork(
  { task, targets, options }: Class,
  teaching: Teaching,
  { rng, count }: { readonly rng: Rng; readonly count: number },
): EvaluateWork[] {
  if (hasEnough(targets, teaching, options)) return [];
  const lessons = [...teaching.waiting];
  for (let from = teaching.taught; from < task.train.length && lessons.length < count; from += options.batch)
    lessons.push({ from, teacher: 0, examples: task.train.keys().drop(from).take(options.batch).toArray() });
  return lessons.slice(0, count).map((lesson) => lessonWork({ task, targets, options }, lesson, rng));
}

/** Whether nothing more is to be taught. */
export function isTaught({ task, targets, options }: Class, teaching: Teaching): boolean {
  if (teaching.out > 0) return false;
  return (
    hasEnough(targets, teaching, options) || (teaching.waiting.length === 0 && teaching.taught >= task.train.length)
  );
}

function hasEnough(targets: readonly DemosTarget[], { successes }: Teaching, options: TeachingOptions): boolean {
  return targets.every(({ stage }) => {
    const own = successes.filter((success) => success.stage === stage);
    return own.length >= 2 * options.maxBootstrapped;
  });
}

/** The teacher is the baseline with labelled demonstrations, never the examples that it is asked. */
function lessonWork({ task, targets, options }: Class, lesson: Lesson, rng: Rng): EvaluateWork {
  const { from, teacher, examples } = lesson;
  const id = teacher === 0 ? `teach-${from}` : `teach-${from}/${teacher + 1}`;
  const drawn = { ...options, targets, maxBootstrapped: 0, without: examples };
  const shown = withDrawnDemos(task, rng.fork(id), drawn);
  const purpose =
    teacher === 0
      ? `the teacher runs training examples ${from + 1} to ${from + examples.length}`
      : `teacher ${teacher + 1} runs ${examples.length} that the one before failed`;
  const configuration = { ...shown, ...options.teachers[teacher] };
  const note = { teacher, from };
  return { kind: "evaluate", id, purpose, configuration, split: "train", examples, trace: true, note };
}

/** What was learned once this batch is out. */
export function withLesson(teaching: Teaching, { note = {}, examples }: EvaluateWork): Teaching {
  const { taught, out, waiting } = teaching;
  if (note["teacher"] === 0) return { ...teaching, taught: taught + examples.length, out: out + 1 };
  const left = waiting.filter(({ from, teacher }) => from !== note["from"] || teacher !== note["teacher"]);
  return { ...teaching, out: out + 1, waiting: left };
}

/** What was learned once this batch is answered. */
export function withAnswers(
  { targets, options }: Class,
  teaching: Teaching,
  { work, results }: { readonly work: EvaluateWork; readonly results: readonly ExampleResult[] },
): Teaching {
  const { threshold, teachers } = options;
  const successes = results.flatMap((result) => successesOf(targets, result, threshold));
  const learned = { ...teaching, out: teaching.out - 1, successes: [...teaching.successes, ...successes] };
  const failed = results.filter((result) => !(result.ok && result.score >= threshold)).map(({ index }) => index);
  const teacher = Number(work.note?.["teacher"]) + 1;
  if (failed.length === 0 || teacher >= teachers.length) return learned;
  const lesson = { from: Number(work.note?.["from"]), teacher, examples: failed };
  return { ...learned, waiting: [...teaching.waiting, lesson].toSorted((a, b) => a.from - b.from) };
}
