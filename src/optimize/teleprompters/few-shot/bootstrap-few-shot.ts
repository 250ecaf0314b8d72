import { seededRng } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { checkCounts } from "../../candidate-search.ts";
import { best, measured } from "../../score-board.ts";
import type { Measured } from "../../score-board.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "../../teleprompter.ts";
import { configurationKey, withDrawnDemos } from "./demo-candidate.ts";
import { demosToSet, teachingOptions } from "./few-shot-options.ts";
import type { BootstrapOptions } from "./few-shot-options.ts";
import { isTaught, teachingWork, untaught, withAnswers, withLesson } from "./teaching.ts";
import type { Class, Teaching, TeachingOptions } from "./teaching.ts";

/** `maxBootstrapped` is 8 unless told. */
export interface BootstrapFewShotOptions extends BootstrapOptions {
  /** How many demonstration sets are put together and measured; 8 unless told. */
  readonly candidates?: number;
}

type Options = TeachingOptions & Required<Pick<BootstrapFewShotOptions, "candidates">>;

export interface BootstrapFewShotState {
  readonly task: Task;
  /** Where the chance of all sets comes from, so that no order of answers changes them; empty before the first work. */
  readonly seed: string;
  readonly teaching: Teaching;
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
 * are filled up with labelled examples, within the tokens, and measured on validation; none twice. After DSPy's
 * BootstrapFewShot, with its sequential first-come choice replaced by a parallel, diverse one.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): Teleprompter<BootstrapFewShotState> {
  const { candidates = 8 } = options;
  checkCounts("bootstrapFewShot", { candidates });
  const all: Options = { ...teachingOptions("bootstrapFewShot", options, 8), candidates };
  return {
    name: "bootstrap_few_shot",
    options: { ...all },
    start: startState,
    ask: (state, rng, capacity) => nextWork(state, all, { rng, capacity }),
    tell: (state, told) => tell(state, told, all),
    finished: ({ measured: told }) =>
      told.length > candidates ? `${candidates} sets of demonstrations were measured` : undefined,
    incumbent: (state) => best(state.measured),
  };
}

function startState(task: Task): BootstrapFewShotState {
  demosToSet("bootstrapFewShot", task);
  return { task, seed: "", teaching: untaught, candidatesIssued: 0, tried: [], measured: [] };
}

function classOf({ task }: BootstrapFewShotState, options: TeachingOptions): Class {
  return { task, targets: demosToSet("bootstrapFewShot", task), options };
}

function nextWork(
  state: BootstrapFewShotState,
  options: Options,
  { rng, capacity }: { readonly rng: Rng; readonly capacity: number },
): EvaluateWork[] {
  const { task, teaching } = state;
  const seed = state.seed === "" ? String(rng.fork("seed").next()) : state.seed;
  const chance = seededRng(seed);
  const work: EvaluateWork[] = [];
  if (state.seed === "")
    work.push({ ...validationWork(task, "baseline", "the baseline", task.baseline), note: { seed } });
  const pupils = classOf(state, options);
  const lessons = { rng: chance.fork("teaching"), count: capacity - work.length };
  work.push(...teachingWork(pupils, teaching, lessons));
  if (isTaught(pupils, teaching)) work.push(...candidateWork(state, options, chance, capacity - work.length));
  return work.slice(0, Math.max(0, capacity));
}

function candidateWork(state: BootstrapFewShotState, options: Options, chance: Rng, count: number): EvaluateWork[] {
  const { task } = state;
  const tried = new Set([...state.tried, configurationKey(task, task.baseline)]);
  const work: EvaluateWork[] = [];
  while (work.length < count && state.candidatesIssued + work.length < options.candidates) {
    const number = state.candidatesIssued + work.length + 1;
    const configuration = newSet(state, options, { chance: chance.fork(`candidate ${number}`), tried });
    if (configuration === undefined) break;
    tried.add(configurationKey(task, configuration));
    work.push(validationWork(task, `candidate-${number}`, `demonstration set ${number}`, configuration));
  }
  return work;
}

function newSet(
  state: BootstrapFewShotState,
  options: Options,
  { chance, tried }: { readonly chance: Rng; readonly tried: ReadonlySet<string> },
): Configuration | undefined {
  const { targets } = classOf(state, options);
  const { task, teaching } = state;
  for (let redraw = 0; redraw < maxRedraws; redraw++) {
    const drawn = { ...options, targets, successes: teaching.successes };
    const configuration = withDrawnDemos(task, chance.fork(`draw ${redraw}`), drawn);
    if (!tried.has(configurationKey(task, configuration))) return configuration;
  }
  return undefined;
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
  const { seed } = work.note ?? {};
  if (typeof seed === "string") return { ...state, seed };
  if (work.split === "train") return { ...state, teaching: withLesson(state.teaching, work) };
  const tried = [...state.tried, configurationKey(state.task, work.configuration)];
  return { ...state, candidatesIssued: state.candidatesIssued + 1, tried };
}

function validationWork(task: Task, id: string, purpose: string, configuration: Configuration): EvaluateWork {
  const examples = task.validation.keys().toArray();
  return { kind: "evaluate", id, purpose, configuration, split: "validation", examples };
}
