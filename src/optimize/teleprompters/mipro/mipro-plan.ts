import { UsageError } from "#foundation";
import { placedStages } from "#programs";
import type { Program } from "#programs";
import { activeVariables } from "#variables";
import { demosTargets } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import { textTargets } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { Task } from "../../teleprompter.ts";
import { checkedOptions } from "./mipro-options.ts";
import type { MiproOptions, MiproSettings } from "./mipro-options.ts";

/** All numbers of a run: the options' own, and those that follow from the effort and the task. */
export interface MiproPlan extends MiproSettings {
  readonly texts: readonly TextTarget[];
  readonly demos: readonly DemosTarget[];
  readonly trials: number;
  readonly rounds: number;
  readonly instructions: number;
  readonly refreshed: number;
  readonly demoSets: number;
  readonly validation: number;
  readonly minibatch: number;
  /** Training examples that are run before the search, at most. */
  readonly teaching: number;
  /** Training examples that are run after a round. */
  readonly reviewed: number;
  /** How many candidates are measured on all examples after the last round, at most; after the others it is one. */
  readonly finalists: number;
  readonly maxTokens: number | undefined;
}

/** MIPROv2's candidates and validation examples; how many training examples are run, and proposals made after a round. */
const efforts = {
  light: { candidates: 6, validation: 100, teaching: 64, refreshed: 2 },
  medium: { candidates: 12, validation: 300, teaching: 128, refreshed: 3 },
  heavy: { candidates: 18, validation: 1000, teaching: 192, refreshed: 4 },
} as const;

/** With no more validation examples than these, trials are measured on all of them. */
const fewExamples = 50;
const usualMinibatch = 35;

/** Throws `UsageError` where the space has nothing to propose for, or asks about demonstrations. */
export function planOf(options: MiproOptions, task: Task): MiproPlan {
  const told = checkedOptions(options);
  const [texts, demos] = [textTargets(task), demosTargets(task)];
  checkSpace(task, texts, demos);
  const effort = efforts[told.auto];
  const varied = activeVariables(task.space, task.baseline).filter(({ kind }) => kind !== "composite").length;
  const searched = Math.floor(Math.max(2 * varied * Math.log2(effort.candidates), 1.5 * effort.candidates));
  const trials = told.trials ?? searched;
  const validation = Math.min(told.validation ?? effort.validation, task.validation.length);
  const minibatch = Math.min(told.minibatch ?? (validation > fewExamples ? usualMinibatch : validation), validation);
  const runs = demos.length > 0 ? (told.teaching ?? effort.teaching) : told.batch;
  return {
    ...told,
    texts,
    demos,
    trials,
    rounds: Math.ceil(trials / told.round),
    instructions: told.instructions ?? (demos.length > 0 ? effort.candidates / 2 : effort.candidates),
    refreshed: told.refreshed ?? effort.refreshed,
    demoSets: told.demoSets ?? effort.candidates,
    validation,
    minibatch,
    teaching: Math.min(runs, task.train.length),
    reviewed: Math.min(told.batch, task.train.length),
    finalists: minibatch < validation ? 2 : 0,
    maxTokens: told.maxTokens,
  };
}

function checkSpace({ program, space }: Task, texts: readonly TextTarget[], demos: readonly DemosTarget[]): void {
  if (texts.length + demos.length === 0) {
    const stage = program.pipeline[0]?.id ?? "predict";
    throw new UsageError(
      `mipro: the space has neither a text nor a demos variable that is active in the baseline, such as text("${stage}.instructions") or demos("${stage}.demos")`,
    );
  }
  const asked = new Set(Object.values(space.when ?? {}).flatMap((conditions) => Object.keys(conditions)));
  const claims = JSON.stringify(space.constraints ?? []);
  const bound = demos.find(({ name }) => asked.has(name) || claims.includes(JSON.stringify(name)));
  if (bound !== undefined)
    throw new UsageError(
      `mipro: expected no condition or constraint about demonstrations, got one about ${bound.name}`,
    );
}

/** What a run costs at most, without the final comparison on held-out examples (twice as many runs as there are). */
export interface MiproCost {
  /** Work items that evaluate: what a budget's `evaluations` counts. */
  readonly evaluations: number;
  /** Examples that the program runs. */
  readonly programRuns: number;
  /** Calls that propose texts or describe the data. */
  readonly proposals: number;
  /** Calls in all where each stage of the program makes one and every reply can be used. */
  readonly calls: number;
  /** Calls in all where every stage needs all the attempts that the program's configuration allows it. */
  readonly mostCalls: number;
}

/**
 * What `mipro(options)` costs on a task at most: nothing is spent beyond it. Stages that call more than once by themselves,
 * such as agents with tools, cost more calls for each run. Throws what `mipro(options).start(task)` throws.
 */
export function miproCost(options: MiproOptions, task: Task): MiproCost {
  const plan = planOf(options, task);
  const { trials, rounds, validation, minibatch, finalists } = plan;
  const full = finalists === 0 ? 0 : rounds - 1 + finalists;
  const reviews = plan.refreshed > 0 && plan.reviewed > 0 ? rounds - 1 : 0;
  const programRuns =
    validation + plan.teaching + trials * minibatch + full * (validation - minibatch) + reviews * plan.reviewed;
  const texts = plan.texts.length;
  const refreshes = (rounds - 1) * plan.refreshed;
  const proposals = texts === 0 ? 0 : 1 + texts * (plan.instructions + refreshes);
  const { stages, attempts } = stageCalls(task.program);
  return {
    evaluations: 1 + Math.ceil(plan.teaching / plan.batch) + trials + full + reviews,
    programRuns,
    proposals,
    calls: programRuns * stages + proposals,
    mostCalls: programRuns * attempts + proposals * usualAttempts,
  };
}

/** As predict asks again: see `maxAttempts` there. */
const usualAttempts = 2;

/** How many calls a run of the program makes: one of each stage, or as many as they are allowed. */
export function stageCalls(program: Program): { readonly stages: number; readonly attempts: number } {
  const all = placedStages(program);
  const leaves = all.filter(({ path }) => !all.some((other) => other.path.startsWith(`${path}.`)));
  const attempts = leaves.map(({ path }) => {
    const told = program.configuration[`${path}.maxAttempts`] ?? program.configuration["maxAttempts"];
    return typeof told === "number" ? told : usualAttempts;
  });
  return { stages: leaves.length, attempts: attempts.reduce((sum, count) => sum + count, 0) };
}
