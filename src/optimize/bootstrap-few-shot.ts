import { sampleItems, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import { demoOf, placedStages } from "#programs";
import { activeVariables } from "#variables";
import type { Configuration, Demo, DemosVariable } from "#variables";
import { answerText, diverseDemos } from "./diverse-demos.ts";
import { stageOwning } from "./proposing/placed-stage.ts";
import { best, measured } from "./score-board.ts";
import type { Measured } from "./score-board.ts";
import type { EvaluateWork, ExampleResult, Task, Teleprompter, Told } from "./teleprompter.ts";

export interface BootstrapFewShotOptions {
  /** The most demonstrations made from the program's own successes, for each stage; 8 unless told. */
  readonly maxBootstrapped?: number;
  /** The most demonstrations in all; the rest are labelled training examples. 16 unless told. */
  readonly maxDemos?: number;
  /** A training example succeeded when its score reaches this; 1 unless told. */
  readonly threshold?: number;
  /** How many demonstration sets are put together and measured; 8 unless told. */
  readonly candidates?: number;
  /** Training examples that are run together; 16 unless told. */
  readonly batch?: number;
}

type Options = Required<BootstrapFewShotOptions>;

/** A demonstration made from a success: for which stage, from which training example. */
interface Success {
  readonly stage: string;
  readonly demo: Demo;
  readonly example: number;
}

export interface BootstrapFewShotState {
  readonly task: Task;
  readonly baselineIssued: boolean;
  /** How many training examples were issued to the teacher, and how many batches of them are still out. */
  readonly taught: number;
  readonly batchesOut: number;
  readonly successes: readonly Success[];
  readonly candidatesIssued: number;
  readonly measured: readonly Measured[];
}

/**
 * Demonstrations from the program's own successes: a teacher (the baseline with labelled examples as demonstrations,
 * never the one it is asked) runs training examples in parallel batches; what scored well becomes demonstrations,
 * reasoning included. Sets that cover different answers are filled up with labelled examples and measured on
 * validation. After DSPy's BootstrapFewShot, with its sequential first-come choice replaced by a parallel, diverse one.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): Teleprompter<BootstrapFewShotState> {
  const { maxBootstrapped = 8, maxDemos = 16, threshold = 1, candidates = 8, batch = 16 } = options;
  const all: Options = { maxBootstrapped, maxDemos, threshold, candidates, batch };
  for (const name of ["maxBootstrapped", "maxDemos", "candidates", "batch"] as const)
    if (!Number.isInteger(all[name]) || all[name] < 1)
      throw new UsageError(`bootstrapFewShot.${name}: expected a whole number of at least 1, got ${all[name]}`);
  if (!Number.isFinite(threshold))
    throw new UsageError(`bootstrapFewShot.threshold: expected a finite number, got ${threshold}`);
  return {
    name: "bootstrap_few_shot",
    options: { ...all },
    start: startState,
    ask: (state, rng, capacity) => nextWork(state, all, rng, capacity),
    tell: (state, told) => tell(state, told, threshold),
    finished: ({ measured: told }) =>
      told.length > candidates ? `${candidates} sets of demonstrations were measured` : undefined,
    incumbent: (state) => best(state.measured),
  };
}

function startState(task: Task): BootstrapFewShotState {
  if (demosVariables(task).length === 0)
    throw new UsageError(
      'bootstrapFewShot: the space has no demos variable that is active in the baseline, such as demos("predict.demos")',
    );
  return { task, baselineIssued: false, taught: 0, batchesOut: 0, successes: [], candidatesIssued: 0, measured: [] };
}

function nextWork(state: BootstrapFewShotState, options: Options, rng: Rng, capacity: number): EvaluateWork[] {
  const { task } = state;
  const work: EvaluateWork[] = [];
  if (!state.baselineIssued) work.push(validationWork(task, "baseline", "the baseline", task.baseline));
  let { taught } = state;
  while (work.length < capacity && taught < task.train.length && !hasEnough(state, options, taught)) {
    work.push(teaching(task, options, taught, rng.fork(`teach ${taught}`)));
    taught += options.batch;
  }
  const learning = state.batchesOut > 0 || taught !== state.taught;
  for (
    let number = state.candidatesIssued;
    !learning && number < options.candidates && work.length < capacity;
    number++
  )
    work.push(candidate(state, options, number, rng.fork(`candidate ${number}`)));
  return work.slice(0, capacity);
}

/** Twice the demonstrations that are needed leaves something to choose from. */
function hasEnough({ task, successes }: BootstrapFewShotState, options: Options, taught: number): boolean {
  if (taught === 0) return false;
  return demosVariables(task).every((variable) => {
    const own = successes.filter(({ stage }) => stage === stageOf(task, variable));
    return own.length >= 2 * options.maxBootstrapped;
  });
}

function teaching(task: Task, { batch, maxDemos }: Options, from: number, rng: Rng): EvaluateWork {
  const examples = task.train.keys().drop(from).take(batch).toArray();
  const others = task.train.filter((_, index) => index < from || index >= from + batch).map(demoOf);
  const paths = demosVariables(task).filter((variable) => sharesSignature(task, stageOf(task, variable)));
  const shown = paths.map((variable) => [variable.name, sampleItems(rng, others, limit(variable, maxDemos))]);
  const configuration = { ...task.baseline, ...(Object.fromEntries(shown) as Configuration) };
  const purpose = `the teacher runs training examples ${from + 1} to ${from + examples.length}`;
  return { kind: "evaluate", id: `teach-${from}`, purpose, configuration, split: "train", examples, trace: true };
}

function candidate(state: BootstrapFewShotState, options: Options, number: number, rng: Rng): EvaluateWork {
  const { task } = state;
  const chosen = demosVariables(task).map((variable) => {
    const demos = candidateDemos(state, options, variable, rng.fork(variable.name));
    return [variable.name, demos as unknown as Json] as const;
  });
  const purpose = `demonstration set ${number + 1}`;
  return validationWork(task, `candidate-${number + 1}`, purpose, { ...task.baseline, ...Object.fromEntries(chosen) });
}

function candidateDemos(
  { task, successes }: BootstrapFewShotState,
  options: Options,
  variable: DemosVariable,
  rng: Rng,
): Demo[] {
  const stage = stageOf(task, variable);
  const most = limit(variable, options.maxDemos);
  const answer = answerText(signatureOf(task, stage).outputs.map(({ name }) => name));
  const own = successes.filter((success) => success.stage === stage);
  const bootstrapped = diverseDemos(
    rng.fork("bootstrapped"),
    own.map(({ demo }) => demo),
    Math.min(most, options.maxBootstrapped),
    answer,
  );
  if (!sharesSignature(task, stage)) return bootstrapped;
  const used = new Set(own.filter(({ demo }) => bootstrapped.includes(demo)).map(({ example }) => example));
  const rest = task.train.filter((_, index) => !used.has(index)).map(demoOf);
  // One draw over both: the labelled examples fill the answers that the successes leave uncovered.
  const labelled = diverseDemos(rng.fork("labelled"), rest, most, answer);
  return fillUp(bootstrapped, labelled, most, answer);
}

/** Adds the demos whose answer stands least often so far, one after the other. */
function fillUp(demos: readonly Demo[], more: readonly Demo[], most: number, answerOf: (demo: Demo) => string): Demo[] {
  const filled = [...demos];
  const waiting = [...more];
  const counts = new Map<string, number>();
  for (const demo of filled) counts.set(answerOf(demo), (counts.get(answerOf(demo)) ?? 0) + 1);
  while (filled.length < most && waiting.length > 0) {
    const rarity = waiting.map((demo) => counts.get(answerOf(demo)) ?? 0);
    const [next] = waiting.splice(rarity.indexOf(Math.min(...rarity)), 1) as [Demo];
    counts.set(answerOf(next), (counts.get(answerOf(next)) ?? 0) + 1);
    filled.push(next);
  }
  return filled;
}

function tell(state: BootstrapFewShotState, told: Told, threshold: number): BootstrapFewShotState {
  if (told.type === "completed") return state;
  if (told.type === "evaluated") {
    if (told.work.split === "validation")
      return { ...state, measured: [...state.measured, measured(told.work, told.results)] };
    const successes = told.results.flatMap((result) => successesOf(state.task, result, threshold));
    return { ...state, batchesOut: state.batchesOut - 1, successes: [...state.successes, ...successes] };
  }
  return told.work.reduce((next, work) => {
    if (work.kind !== "evaluate") return next;
    if (work.split === "train")
      return { ...next, taught: next.taught + work.examples.length, batchesOut: next.batchesOut + 1 };
    if (work.id === "baseline") return { ...next, baselineIssued: true };
    return { ...next, candidatesIssued: next.candidatesIssued + 1 };
  }, state);
}

function successesOf(task: Task, result: ExampleResult, threshold: number): Success[] {
  if (!result.ok || result.score < threshold) return [];
  const stages = new Set(demosVariables(task).map((variable) => stageOf(task, variable)));
  return (result.trace ?? [])
    .filter(({ stage }) => stages.has(stage))
    .map(({ stage, inputs, outputs }) => ({ stage, demo: { inputs, outputs }, example: result.index }));
}

function validationWork(task: Task, id: string, purpose: string, configuration: Configuration): EvaluateWork {
  return {
    kind: "evaluate",
    id,
    purpose,
    configuration,
    split: "validation",
    examples: task.validation.keys().toArray(),
  };
}

/** Those that are active in the baseline: the others have no place in its configuration. */
function demosVariables({ space, baseline }: Task): DemosVariable[] {
  return activeVariables(space, baseline).filter((variable) => variable.kind === "demos");
}

/** `classify.demos` belongs to the stage `classify`; plain `demos` to the first. */
function stageOf({ program }: Task, { name }: DemosVariable): string {
  return stageOwning(program, name).path;
}

function signatureOf({ program }: Task, stage: string): Task["program"]["signature"] {
  return placedStages(program).find(({ path }) => path === stage)?.signature ?? program.signature;
}

function sharesSignature(task: Task, stage: string): boolean {
  return signatureOf(task, stage) === task.program.signature;
}

function limit({ max = 16 }: DemosVariable, wanted: number): number {
  return Math.min(max, wanted);
}
