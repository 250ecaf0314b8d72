import { canonicalJson, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import { demoOf } from "#programs";
import { activeVariables } from "#variables";
import type { Demo, DemosVariable } from "#variables";
import { answerText, diverseDemos } from "../teleprompters/few-shot/diverse-demos.ts";
import type { ExampleResult, ScoredResult, Task } from "../teleprompter.ts";
import { stageOwning } from "./placed-stage.ts";
import { isWhole } from "./shown-case.ts";
import type { Viewer } from "./shown-case.ts";
import { jsonTokensOf } from "./token-estimate.ts";

/** Demonstrations of the space, and the stage that is shown them. */
export interface DemosTarget extends Viewer {
  readonly name: string;
  readonly variable: DemosVariable;
}

/** A demonstration that a run of the program itself made: of which stage, from which training example. */
export interface Success {
  readonly stage: string;
  readonly example: number;
  readonly demo: Demo;
}

/** The demonstrations of the space that are active in the baseline, in its order. */
export function demosTargets({ program, space, baseline }: Task): readonly DemosTarget[] {
  return activeVariables(space, baseline)
    .filter((variable) => variable.kind === "demos")
    .map((variable) => {
      const { path, signature } = stageOwning(program, variable.name);
      return { name: variable.name, variable, stage: path, signature };
    });
}

/** Whether the metric's own score, whatever it cost, reaches the threshold. */
export function isSuccess(result: ExampleResult, threshold: number): result is ScoredResult {
  return result.ok && (result.metricScore ?? result.score) >= threshold;
}

/** The demonstrations that a traced result makes for these stages, where its score reaches the threshold. */
export function successesOf(targets: readonly DemosTarget[], result: ExampleResult, threshold: number): Success[] {
  if (!isSuccess(result, threshold)) return [];
  const stages = [...new Set(targets.map(({ stage }) => stage))];
  return stages.flatMap((stage) => {
    const step = result.trace?.findLast((each) => each.stage === stage);
    if (step === undefined) return [];
    return [{ stage, example: result.index, demo: { inputs: step.inputs, outputs: step.outputs } }];
  });
}

interface DemoSetOptions {
  /** How many demonstrations, and how many of them from successes, at most. */
  readonly size: number;
  readonly bootstrapped: number;
  /** The most tokens of all together, estimated. */
  readonly maxTokens: number;
  /** Training examples that must not stand in the set. */
  readonly without?: readonly number[];
}

/**
 * A set for a stage: demonstrations from successes that cover different answers, filled up with labelled ones, first of the
 * answers that stand there least often. Labelled are the training examples, for a stage that does the whole task, and
 * the variable's own pool. What passes the tokens is left out.
 */
export function demoSet(
  rng: Rng,
  target: DemosTarget,
  task: Task,
  successes: readonly Success[],
  { size, bootstrapped, maxTokens, without = [] }: DemoSetOptions,
): readonly Demo[] {
  const answer = answerText(target.signature.outputs.map(({ name }) => name));
  const most = Math.min(size, target.variable.max ?? 16);
  const left = new Set(without);
  const own = successes.filter(({ stage, example }) => stage === target.stage && !left.has(example));
  const pool = own.map(({ demo }) => demo);
  const chosen = diverseDemos(rng.fork("bootstrapped"), pool, Math.min(most, bootstrapped), answer);
  const used = new Set(own.filter(({ demo }) => chosen.includes(demo)).map(({ example }) => example));
  const examples = isWhole(target, task) ? task.train.filter((_, index) => !used.has(index) && !left.has(index)) : [];
  const shown = new Set(without.map((index) => canonicalJson(task.train[index]?.inputs as Demo["inputs"])));
  const given = (target.variable.pool ?? []).filter(({ inputs }) => !shown.has(canonicalJson(inputs)));
  const labelled = [...examples.map(demoOf), ...given];
  return fittingDemos(filledUp(chosen, shuffle(rng.fork("labelled"), labelled), most, answer), maxTokens);
}

function filledUp(
  demos: readonly Demo[],
  more: readonly Demo[],
  most: number,
  answerOf: (demo: Demo) => string,
): Demo[] {
  const filled = [...demos];
  const inputs = new Set(filled.map((demo) => canonicalJson(demo.inputs)));
  const counts = new Map<string, number>();
  const count = (demo: Demo): number => counts.get(answerOf(demo)) ?? 0;
  for (const demo of filled) counts.set(answerOf(demo), count(demo) + 1);
  const waiting = [...more];
  while (filled.length < most && waiting.length > 0) {
    const rarity = waiting.map(count);
    const [next] = waiting.splice(rarity.indexOf(Math.min(...rarity)), 1) as [Demo];
    const key = canonicalJson(next.inputs);
    if (inputs.has(key)) continue;
    inputs.add(key);
    counts.set(answerOf(next), count(next) + 1);
    filled.push(next);
  }
  return filled;
}

/** The demonstrations in their order, without those that the tokens left do not cover. */
export function fittingDemos(demos: readonly Demo[], maxTokens: number): Demo[] {
  let left = maxTokens;
  return demos.filter((demo) => {
    const tokens = jsonTokensOf({ ...demo });
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}
