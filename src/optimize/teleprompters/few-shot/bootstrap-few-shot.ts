import { describe, seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { checkCounts } from "../../check-counts.ts";
import type { Success } from "../../proposing/demo-set.ts";
import { best, measured } from "../../score-board.ts";
import type { Measured } from "../../score-board.ts";
import type { EvaluateWork, Incumbent, Task, Teleprompter, Told } from "../../teleprompter.ts";
import { configurationKey, withDrawnDemos } from "./demo-candidate.ts";
import { demosToSet, teachingOptions } from "./few-shot-options.ts";
import type { BootstrapOptions } from "./few-shot-options.ts";
import {
  earlySuccesses,
  firstSuccesses,
  isTaught,
  teachingWork,
  untaught,
  withAnswers,
  withLesson,
} from "./teaching.ts";
import type { Class, Teaching, TeachingOptions } from "./teaching.ts";

/** `maxBootstrapped` is 8 unless told. */
export interface BootstrapFewShotOptions extends BootstrapOptions {
  /** How many demonstration sets are put together and measured; 8 unless told. */
  readonly candidates?: number;
  /**
   * `true` unless told. `false` takes the first set without measuring it or the baseline, as soon as there are
   * `maxBootstrapped` successes, as DSPy does: it costs the teacher's calls alone, and nothing shows that the set is better
   * than none. It is the run's incumbent, without a score (`bestConfig` of the Runner); the report recommends it only
   * where there are test examples to judge it by and it gains on them. No `candidates` beside it.
   */
  readonly measure?: boolean;
}

type Options = TeachingOptions & Required<Pick<BootstrapFewShotOptions, "candidates" | "measure">>;

export interface BootstrapFewShotState {
  readonly task: Task;
  /** Where the chance of all sets comes from, so that no order of answers changes them; empty before the first work. */
  readonly seed: string;
  readonly teaching: Teaching;
  readonly isBaselineIssued: boolean;
  readonly candidatesIssued: number;
  /** What the sets put together so far show. */
  readonly tried: readonly string[];
  readonly measured: readonly Measured[];
}

/** How often a set is drawn anew when one like it was measured; then nothing new counts as left. */
const maxRedraws = 20;

/**
 * Demonstrations from the program's own successes: a teacher (the baseline with labelled examples as demonstrations,
 * never the one it is asked) runs training examples in parallel batches; what scored well becomes demonstrations,
 * reasoning included, and what failed is asked of the next teacher, where there is one. Sets that cover different answers
 * are filled up with labelled examples, within the tokens, and measured on validation; none twice. The first of several
 * sets has what the first batch brought and is measured while the teaching goes on; the others are drawn from twice the
 * successes that a set takes. After DSPy's BootstrapFewShot, with its sequential first-come choice replaced by a parallel,
 * diverse one, and its word that the set is better by a measurement (`measure`). Texts, models and numbers stay as in the
 * baseline.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): Teleprompter<BootstrapFewShotState> {
  const { measure = true } = options;
  const { candidates = measure ? 8 : 1 } = options;
  checkCounts("bootstrapFewShot", { candidates });
  if (typeof measure !== "boolean")
    throw new UsageError(`bootstrapFewShot.measure: expected true or false, got ${describe(measure)}`);
  if (!measure && candidates > 1)
    throw new UsageError(`bootstrapFewShot.candidates: expected 1 where nothing is measured, got ${candidates}`);
  const all: Options = { ...teachingOptions("bootstrapFewShot", options, 8), candidates, measure };
  return {
    name: "bootstrap_few_shot",
    kinds: ["demos"],
    options: { ...all },
    start: startState,
    ask: (state, rng, capacity) => nextWork(state, all, { rng, capacity }),
    tell: (state, told) => tell(state, told, all),
    finished: (state) => finished(state, all),
    incumbent: (state) => (measure ? best(state.measured) : unmeasured(state, all)),
  };
}

function startState(task: Task): BootstrapFewShotState {
  demosToSet("bootstrapFewShot", task);
  const nothing = { isBaselineIssued: false, candidatesIssued: 0, tried: [], measured: [] };
  return { task, seed: "", teaching: untaught, ...nothing };
}

/** One set takes the first successes; several are drawn from twice as many. */
function classOf({ task }: BootstrapFewShotState, options: Options): Class {
  const enough = options.maxBootstrapped * (options.candidates > 1 ? 2 : 1);
  return { task, targets: demosToSet("bootstrapFewShot", task), options, enough };
}

function nextWork(
  state: BootstrapFewShotState,
  options: Options,
  { rng, capacity }: { readonly rng: Rng; readonly capacity: number },
): EvaluateWork[] {
  const { task, teaching } = state;
  const seed = state.seed === "" ? String(rng.fork("seed").next()) : state.seed;
  const chance = seededRng(seed);
  const isNew = state.candidatesIssued === 0;
  // What the first set needs, then the set, comes before everything that can wait.
  const first = isNew && options.measure ? candidateWork(state, options, { chance, count: Math.min(1, capacity) }) : [];
  const lessons = { rng: chance.fork("teaching"), count: Math.max(0, capacity - first.length) };
  const work = [...first, ...teachingWork(classOf(state, options), teaching, lessons)];
  if (options.measure) {
    if (!state.isBaselineIssued) work.push(validationWork(task, "baseline", "the baseline", task.baseline));
    if (!isNew) work.push(...candidateWork(state, options, { chance, count: capacity - work.length }));
  }
  const asked = work.slice(0, Math.max(0, capacity));
  return state.seed === "" ? asked.map((each) => ({ ...each, note: { ...each.note, seed } })) : asked;
}

function candidateWork(
  state: BootstrapFewShotState,
  options: Options,
  { chance, count }: { readonly chance: Rng; readonly count: number },
): EvaluateWork[] {
  const { task } = state;
  const tried = new Set([...state.tried, configurationKey(task, task.baseline)]);
  const work: EvaluateWork[] = [];
  while (work.length < count && state.candidatesIssued + work.length < options.candidates) {
    const number = state.candidatesIssued + work.length + 1;
    const successes = successesFor(number, state, options);
    if (successes === undefined) break;
    const configuration = newSet(state, options, { number, successes, chance, tried });
    if (configuration === undefined) break;
    tried.add(configurationKey(task, configuration));
    work.push(validationWork(task, `candidate-${number}`, `demonstration set ${number}`, configuration));
  }
  return work;
}

/** What a set is drawn from; `undefined` where that is not known yet. */
function successesFor(number: number, state: BootstrapFewShotState, options: Options): readonly Success[] | undefined {
  const { teaching } = state;
  const pupils = classOf(state, options);
  const known = isTaught(pupils, teaching) ? teaching.successes : undefined;
  if (number > 1) return known;
  const early = options.candidates > 1 ? earlySuccesses(pupils, teaching) : undefined;
  const successes = early ?? known;
  return successes && firstSuccesses(successes, options.maxBootstrapped);
}

interface Draw {
  readonly number: number;
  readonly successes: readonly Success[];
  readonly chance: Rng;
  readonly tried: ReadonlySet<string>;
}

function newSet(
  state: BootstrapFewShotState,
  options: Options,
  { number, successes, chance, tried }: Draw,
): Configuration | undefined {
  const { task } = state;
  const { targets } = classOf(state, options);
  for (let redraw = 0; redraw < maxRedraws; redraw++) {
    const drawn = { ...options, targets, successes };
    const configuration = withDrawnDemos(task, chance.fork(`candidate ${number}`).fork(`draw ${redraw}`), drawn);
    if (!tried.has(configurationKey(task, configuration))) return configuration;
  }
  return undefined;
}

/** The set of the successes that came first, as far as there are any; without successes, once no more can come. */
function unmeasured(state: BootstrapFewShotState, options: Options): Incumbent | undefined {
  const { task, teaching, seed } = state;
  const { successes } = teaching;
  if (seed === "" || (successes.length === 0 && !isTaught(classOf(state, options), teaching))) return undefined;
  const drawn = {
    number: 1,
    successes: firstSuccesses(successes, options.maxBootstrapped),
    chance: seededRng(seed),
    tried: new Set<string>(),
  };
  return { configuration: newSet(state, options, drawn) ?? task.baseline, work: "teach-0" };
}

function finished(state: BootstrapFewShotState, options: Options): string | undefined {
  const { candidates, measure } = options;
  if (!measure)
    return isTaught(classOf(state, options), state.teaching)
      ? "a set of demonstrations was put together; nothing was measured"
      : undefined;
  return state.measured.length > candidates ? `${candidates} sets of demonstrations were measured` : undefined;
}

function tell(state: BootstrapFewShotState, told: Told, options: Options): BootstrapFewShotState {
  if (told.type === "completed") return state;
  if (told.type === "issued")
    return told.work.reduce((next, work) => (work.kind === "evaluate" ? withIssued(next, work) : next), state);
  const { work, results } = told;
  if (work.split === "validation") return { ...state, measured: [...state.measured, measured(work, results)] };
  return { ...state, teaching: withAnswers(classOf(state, options), state.teaching, { work, results }) };
}

function withIssued(state: BootstrapFewShotState, work: EvaluateWork): BootstrapFewShotState {
  const seed = String(work.note?.["seed"] ?? state.seed);
  if (work.split === "train") return { ...state, seed, teaching: withLesson(state.teaching, work) };
  if (work.id === "baseline") return { ...state, seed, isBaselineIssued: true };
  const tried = [...state.tried, configurationKey(state.task, work.configuration)];
  return { ...state, seed, candidatesIssued: state.candidatesIssued + 1, tried };
}

function validationWork(task: Task, id: string, purpose: string, configuration: Configuration): EvaluateWork {
  const examples = task.validation.keys().toArray();
  return { kind: "evaluate", id, purpose, configuration, split: "validation", examples };
}
