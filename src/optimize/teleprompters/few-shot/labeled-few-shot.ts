import type { JsonObject, Rng } from "#foundation";
import { UsageError } from "#foundation";
import { checkCounts } from "../../check-counts.ts";
import { best, measured } from "../../score-board.ts";
import type { Measured } from "../../score-board.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "../../teleprompter.ts";
import { configurationKey, firstLabelled, labelled, withDemos, withDrawnDemos } from "./demo-candidate.ts";
import { demosToSet } from "./few-shot-options.ts";

export interface LabeledFewShotOptions {
  /** How many labelled examples become demonstrations, where the variable allows as many; 16 unless told. */
  readonly k?: number;
  /** `true` (unless told) draws them so that they cover different answers; `false` takes the first ones. */
  readonly sample?: boolean;
  /** The most tokens that they may have together, estimated; 8,000 unless told. */
  readonly maxDemoTokens?: number;
}

type Options = Required<LabeledFewShotOptions> & JsonObject;

export interface LabeledFewShotState {
  readonly task: Task;
  readonly issued: readonly string[];
  readonly measured: readonly Measured[];
}

/**
 * Labelled training examples as demonstrations: one set for each demos variable, measured against the baseline, nothing
 * else. What a stage that does only part of the task is shown comes from its variable's pool. After DSPy's LabeledFewShot,
 * which measures nothing and draws without looking at the answers. Texts, models and numbers stay as in the baseline.
 */
export function labeledFewShot(options: LabeledFewShotOptions = {}): Teleprompter<LabeledFewShotState> {
  const { k = 16, sample = true, maxDemoTokens = 8000 } = options;
  checkCounts("labeledFewShot", { k, maxDemoTokens });
  if (typeof sample !== "boolean")
    throw new UsageError(`labeledFewShot.sample: expected true or false, got ${String(sample)}`);
  const all: Options = { k, sample, maxDemoTokens };
  return {
    name: "labeled_few_shot",
    kinds: ["demos"],
    options: all,
    start: startState,
    ask: (state, rng, capacity) => nextWork(state, all, rng).slice(0, capacity),
    tell,
    finished: (state) =>
      state.measured.length > 1 ? "the baseline and one set of labelled demonstrations were measured" : undefined,
    incumbent: (state) => best(state.measured),
  };
}

function startState(task: Task): LabeledFewShotState {
  const targets = demosToSet("labeledFewShot", task);
  if (targets.every((target) => labelled(task, target).length === 0))
    throw new UsageError(
      `labeledFewShot: no training example shows what ${targets.map(({ stage }) => stage).join(", ")} does alone; give the demos variable a pool, or use bootstrapFewShot`,
    );
  return { task, issued: [], measured: [] };
}

function nextWork(
  { task, issued }: LabeledFewShotState,
  { k, sample, maxDemoTokens }: Options,
  rng: Rng,
): EvaluateWork[] {
  const targets = demosToSet("labeledFewShot", task);
  const configuration = sample
    ? withDrawnDemos(task, rng.fork("set"), { targets, maxDemos: k, maxBootstrapped: 0, maxDemoTokens })
    : withDemos(task, targets, (target) => firstLabelled(task, target, { count: k, maxDemoTokens }));
  const evaluation = { kind: "evaluate", split: "validation", examples: task.validation.keys().toArray() } as const;
  const work: readonly EvaluateWork[] = [
    { ...evaluation, id: "baseline", purpose: "the baseline", configuration: task.baseline },
    { ...evaluation, id: "labelled", purpose: "labelled examples as demonstrations", configuration },
  ];
  const isNew = configurationKey(task, configuration) !== configurationKey(task, task.baseline);
  return work.filter(({ id }) => !issued.includes(id) && (isNew || id === "baseline"));
}

function tell(state: LabeledFewShotState, told: Told): LabeledFewShotState {
  if (told.type === "issued") return { ...state, issued: [...state.issued, ...told.work.map(({ id }) => id)] };
  if (told.type === "completed") return state;
  return { ...state, measured: [...state.measured, measured(told.work, told.results)] };
}
