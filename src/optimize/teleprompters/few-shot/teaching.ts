import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { isSuccess, successesOf } from "../../proposing/demo-set.ts";
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
  readonly maxDemoTokens: number;
  /** What each teacher has other than the baseline. An example that defeats one is asked of the next. */
  readonly teachers: readonly Configuration[];
}

/** What was learned from training examples so far. Plain data. */
export interface Teaching {
  /** How many training examples were issued to the first teacher. */
  readonly taught: number;
  /** The batches that are out. */
  readonly out: readonly Lesson[];
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

export const untaught: Teaching = { taught: 0, out: [], waiting: [], successes: [] };

/** Who learns what from whom. */
export interface Class {
  readonly task: Task;
  readonly targets: readonly DemosTarget[];
  readonly options: TeachingOptions;
  /** With so many successes for each stage there is nothing more to learn. */
  readonly enough: number;
}

/**
 * The next batches, at most so many: first what defeated a teacher, for the next one, since what is hard shows most; then
 * further training examples. None where the successes would be enough if all went well that is out.
 */
export function teachingWork(
  pupils: Class,
  teaching: Teaching,
  { rng, count }: { readonly rng: Rng; readonly count: number },
): EvaluateWork[] {
  const { task, options } = pupils;
  const lessons: Lesson[] = [];
  const waiting = [...teaching.waiting];
  let from = teaching.taught;
  while (lessons.length < count && !hasEnough(pupils, teaching, [...teaching.out, ...lessons])) {
    const examples = task.train.keys().drop(from).take(options.batch).toArray();
    const lesson = waiting.shift() ?? (examples.length > 0 ? { from, teacher: 0, examples } : undefined);
    if (lesson === undefined) break;
    if (lesson.teacher === 0) from += lesson.examples.length;
    lessons.push(lesson);
  }
  return lessons.map((lesson) => lessonWork(pupils, lesson, rng));
}

/** Whether nothing more is to be taught. */
export function isTaught(pupils: Class, teaching: Teaching): boolean {
  const { out, waiting, taught } = teaching;
  if (out.length > 0) return false;
  return hasEnough(pupils, teaching) || (waiting.length === 0 && taught >= pupils.task.train.length);
}

/** Whether the successes are enough, those with them that the lessons bring at best. */
function hasEnough({ targets, enough }: Class, { successes }: Teaching, lessons: readonly Lesson[] = []): boolean {
  const hoped = lessons.reduce((sum, { examples }) => sum + examples.length, 0);
  return targets.every(({ stage }) => successes.filter((success) => success.stage === stage).length + hoped >= enough);
}

/**
 * The successes of the first batches, as many of these as it takes to have one for each stage; `undefined` as long as
 * there are none. The order of answers does not change them: a batch counts once those before it are answered.
 */
export function earlySuccesses({ targets, options }: Class, teaching: Teaching): readonly Success[] | undefined {
  const { out, waiting, taught, successes } = teaching;
  const settled = Math.min(taught, ...[...out, ...waiting].map(({ from }) => from));
  const firsts = targets.map(({ stage }) =>
    Math.min(...successes.filter((success) => success.stage === stage).map(({ example }) => example)),
  );
  const end = (Math.floor(Math.max(...firsts) / options.batch) + 1) * options.batch;
  if (Math.max(...firsts) >= settled) return undefined;
  return successes.filter(({ example }) => example < end);
}

/** Of each stage those of the training examples that come first. */
export function firstSuccesses(successes: readonly Success[], count: number): readonly Success[] {
  const byStage = Map.groupBy(
    successes.toSorted((a, b) => a.example - b.example),
    ({ stage }) => stage,
  );
  return [...byStage.values()].flatMap((own) => own.slice(0, count));
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
  const asked = { kind: "evaluate", id, purpose, configuration, split: "train", examples, trace: true, note } as const;
  // A teacher that is like the one before tries anew what that one failed.
  return teacher === 0 ? asked : { ...asked, rollout: teacher };
}

/** What was learned once this batch is out. */
export function withLesson(teaching: Teaching, work: EvaluateWork): Teaching {
  const lesson = lessonOf(work);
  const out = [...teaching.out, lesson];
  if (lesson.teacher === 0) return { ...teaching, taught: teaching.taught + lesson.examples.length, out };
  return { ...teaching, out, waiting: teaching.waiting.filter((each) => !isSame(each, lesson)) };
}

function lessonOf({ note = {}, examples }: EvaluateWork): Lesson {
  return { from: Number(note["from"]), teacher: Number(note["teacher"]), examples };
}

function isSame(one: Lesson, other: Lesson): boolean {
  return one.from === other.from && one.teacher === other.teacher;
}

/** What was learned once this batch is answered. */
export function withAnswers(
  { targets, options }: Class,
  teaching: Teaching,
  { work, results }: { readonly work: EvaluateWork; readonly results: readonly ExampleResult[] },
): Teaching {
  const { threshold, teachers } = options;
  const answered = lessonOf(work);
  const out = teaching.out.filter((each) => !isSame(each, answered));
  const successes = results.flatMap((result) => successesOf(targets, result, threshold));
  const learned = { ...teaching, out, successes: [...teaching.successes, ...successes] };
  const failed = results.filter((result) => !isSuccess(result, threshold)).map(({ index }) => index);
  const teacher = answered.teacher + 1;
  if (failed.length === 0 || teacher >= teachers.length) return learned;
  const lesson = { from: answered.from, teacher, examples: failed };
  return { ...learned, waiting: [...teaching.waiting, lesson].toSorted((a, b) => a.from - b.from) };
}
