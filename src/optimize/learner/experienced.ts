import { canonicalJson, describe, isPlainObject, present, shuffle, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import type { Configuration } from "#variables";
import { best, meanScore, measured } from "../score-board.ts";
import type { Measured } from "../score-board.ts";
import type { Incumbent, KnownTrial, Task, Teleprompter, Told, Work } from "../teleprompter.ts";
import type { Learned, Lesson, PriorTrial } from "./lessons.ts";

export interface ExperiencedState {
  readonly task: Task;
  /** What was measured before the search, the baseline first; what lost its race is not among them. */
  readonly measured: readonly Measured[];
  /** Which lesson is out or comes next, from 0; the baseline is −1. */
  readonly next: number;
  readonly isOut: boolean;
  /** The runs a lesson of which was no better than what was known. */
  readonly refuted: readonly string[];
  /** The runs a lesson of which was better, and which part of what it promised it held, from 0 to 1. */
  readonly confirmed: Readonly<Record<string, number>>;
  /** The search, once it has begun. */
  readonly inner: { readonly state: unknown } | null;
}

/** What it is made of. */
interface Plan extends Learned {
  readonly inner: Teleprompter;
}

const ids = { baseline: "learned-baseline", lesson: "lesson-" } as const;

/**
 * A teleprompter that begins where earlier runs ended: the baseline is measured, then the lessons one by one, each in a
 * race against the best so far; the search then begins at the best of them as its baseline, which the Runner measured
 * already. A lesson that is no better ends the trust in the run it comes from: its other lessons are passed over, so
 * that a task which only looks alike costs a part of one evaluation. Of the runs whose lessons were better the search is
 * told all that is known (`Task.known`), for as much as the lesson held of what it promised. Without lessons it is the
 * inner teleprompter.
 */
export function experienced(
  inner: Teleprompter,
  { lessons, prior }: Learned,
  { notes }: { readonly notes?: readonly string[] } = {},
): Teleprompter<ExperiencedState> {
  checkParts(inner, lessons);
  if (!Array.isArray(prior)) throw new UsageError(`learner.prior: expected a list, got ${describe(prior)}`);
  const plan: Plan = { inner, lessons, prior };
  const { name, options } = inner;
  const learned = { lessons: lessons.map((each) => ({ ...each })), prior: prior.map((each) => ({ ...each })) };
  return {
    name: "learner",
    options: { teleprompter: { name, options }, ...learned, ...present({ notes }) },
    start: (task) => startState(plan, task),
    ask: (state, rng, capacity) => nextWork(plan, state, { rng, capacity }),
    tell: (state, told) => tell(plan, state, told),
    finished: ({ inner: begun }) => (begun === null ? undefined : inner.finished(begun.state)),
    incumbent: (state) => incumbentOf(plan, state),
  };
}

/** The teleprompter that stored options name. */
export function storedLearner(
  options: JsonObject,
  teleprompterNamed: (name: unknown, options: JsonObject) => Teleprompter,
): Teleprompter<ExperiencedState> {
  const { teleprompter, lessons, prior, notes } = options;
  if (!isPlainObject(teleprompter))
    throw new UsageError(`learner.teleprompter: expected { name, options }, got ${describe(teleprompter)}`);
  const { name, options: own = {} } = teleprompter;
  const learned = { lessons, prior } as unknown as Learned;
  const told = present({ notes: notes as readonly string[] | undefined });
  return experienced(teleprompterNamed(name, own as JsonObject), learned, told);
}

function checkParts(inner: Teleprompter, lessons: readonly Lesson[]): void {
  if (typeof inner?.ask !== "function")
    throw new UsageError(`learner.teleprompter: expected a teleprompter, got ${describe(inner)}`);
  if (inner.name === "learner")
    throw new UsageError("learner.teleprompter: expected the one to begin with what was learned, got a learner");
  if (!Array.isArray(lessons)) throw new UsageError(`learner.lessons: expected a list, got ${describe(lessons)}`);
  for (const [index, { configuration, runs, purpose }] of (lessons as readonly Lesson[]).entries())
    if (!isPlainObject(configuration) || !Array.isArray(runs) || typeof purpose !== "string")
      throw new UsageError(`learner.lessons[${index}]: expected { configuration, runs, purpose }`);
}

/** The search is begun once at the baseline, so that what is wrong with it is said before anything is paid for. */
function startState({ inner, lessons }: Plan, task: Task): ExperiencedState {
  const state = inner.start(task);
  const begun = lessons.length === 0 ? { state } : null;
  return { task, measured: [], next: -1, isOut: false, refuted: [], confirmed: {}, inner: begun };
}

interface Asked {
  readonly rng: Rng;
  readonly capacity: number;
}

function nextWork({ inner, lessons }: Plan, state: ExperiencedState, { rng, capacity }: Asked): readonly Work[] {
  if (state.inner !== null) return inner.ask(state.inner.state, rng, capacity);
  if (state.isOut || capacity < 1) return [];
  const { task, next, measured: known } = state;
  const examples = shuffle(rng.fork("order of examples"), task.validation.keys().toArray());
  const base = { kind: "evaluate", split: "validation", examples } as const;
  const lesson = lessons[next];
  if (lesson === undefined)
    return [{ ...base, id: ids.baseline, purpose: "the baseline", configuration: task.baseline }];
  const { purpose, configuration } = lesson;
  const against = best(known)?.configuration ?? task.baseline;
  return [{ ...base, id: `${ids.lesson}${next + 1}`, purpose, configuration, race: { against } }];
}

function tell(plan: Plan, state: ExperiencedState, told: Told): ExperiencedState {
  const { inner } = plan;
  if (state.inner !== null) return { ...state, inner: { state: inner.tell(state.inner.state, told) } };
  if (told.type === "issued") return { ...state, isOut: told.work.length > 0 || state.isOut };
  return told.type === "completed" ? state : begunWhenDue(plan, heard(plan, state, told));
}

/** What was stopped in its race was measured on too little to be compared, and is not better. */
function heard(
  { lessons }: Plan,
  state: ExperiencedState,
  { work, results }: Extract<Told, { readonly type: "evaluated" }>,
): ExperiencedState {
  const isWhole = results.length === work.examples.length;
  const found = measured(work, results);
  const score = isWhole ? meanScore(found) : undefined;
  const before = best(state.measured)?.score;
  const isBetter = score !== undefined && (before === undefined || score > before);
  const lesson = lessons[state.next];
  const next = {
    ...state,
    isOut: false,
    measured: score === undefined ? state.measured : [...state.measured, found],
    refuted: isBetter ? state.refuted : [...state.refuted, ...(lesson?.runs ?? [])],
    confirmed:
      isBetter && lesson !== undefined ? { ...state.confirmed, ...held(state, lesson, score) } : state.confirmed,
  };
  return { ...next, next: nextLesson(lessons, next) };
}

/** What the lesson held of its promise, for the runs that it comes from. */
function held(
  { task, measured: known }: ExperiencedState,
  { runs, gain }: Lesson,
  score: number,
): Record<string, number> {
  const baseline = scoreAt(known, task.baseline);
  const part = baseline === undefined || gain <= 0 ? 0 : Math.min(1, Math.max(0, (score - baseline) / gain));
  return Object.fromEntries(runs.map((run) => [run, part]));
}

function scoreAt(known: readonly Measured[], configuration: Configuration): number | undefined {
  const text = canonicalJson(configuration);
  const found = known.find((each) => canonicalJson(each.configuration) === text);
  return found && meanScore(found);
}

/** The next one that comes from a run which was right so far. */
function nextLesson(lessons: readonly Lesson[], { next, refuted }: ExperiencedState): number {
  const at = lessons.findIndex(({ runs }, index) => index > next && !runs.every((run) => refuted.includes(run)));
  return at < 0 ? lessons.length : at;
}

function begunWhenDue({ inner, lessons, prior }: Plan, state: ExperiencedState): ExperiencedState {
  if (state.next < lessons.length) return state;
  const from = best(state.measured)?.configuration ?? state.task.baseline;
  const known = knownTrials(state, prior, from);
  const task = known.length === 0 ? state.task : { ...state.task, known };
  return { ...state, inner: { state: beginAt(inner, task, from) } };
}

/** What was measured here besides the start, then what the confirmed runs say of others, on this task's scale. */
function knownTrials(
  { task, measured: here, confirmed }: ExperiencedState,
  prior: readonly PriorTrial[],
  from: Configuration,
): readonly KnownTrial[] {
  const level = scoreAt(here, task.baseline);
  if (level === undefined || Object.keys(confirmed).length === 0) return [];
  const trials = new Map<string, KnownTrial>();
  for (const each of here) {
    const score = meanScore(each);
    if (score !== undefined)
      trials.set(canonicalJson(each.configuration), { configuration: each.configuration, score });
  }
  for (const { configuration, run, gain } of prior) {
    const part = confirmed[run];
    const key = canonicalJson(configuration);
    if (part !== undefined && !trials.has(key)) trials.set(key, { configuration, score: level + part * gain });
  }
  trials.delete(canonicalJson(from));
  return [...trials.values()];
}

/** What the search needs may be inactive in what was found: then it begins at the baseline. */
function beginAt(inner: Teleprompter, task: Task, baseline: Configuration): unknown {
  if (canonicalJson(baseline) === canonicalJson(task.baseline)) return inner.start(task);
  try {
    return inner.start({ ...task, baseline });
  } catch (error) {
    if (error instanceof UsageError) return inner.start(task);
    throw error;
  }
}

/** Of equal ones what was measured before the search; what the search says without a measurement is no better. */
function incumbentOf({ inner }: Plan, state: ExperiencedState): Incumbent | undefined {
  const before = best(state.measured);
  const found = state.inner === null ? undefined : inner.incumbent(state.inner.state);
  if (before === undefined || found === undefined) return before ?? found;
  return (found.score ?? -Infinity) > (before.score ?? -Infinity) ? found : before;
}
