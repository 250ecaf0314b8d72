import { describe, isPlainObject, UsageError } from "#foundation";
import { addUsage, noUsage } from "../language-model.ts";
import type { Usage } from "../language-model.ts";
import type { InnerResult, InnerStage, Module, StageResult } from "../module.ts";
import { ProgramError } from "../program-error.ts";
import type { StageDraft, StageOptions } from "../stage.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";

/**
 * The stage that runs several at once, each on what there was before: `parallel({ topic: …, mood: … })`. The names are
 * the stages' ids inside it. Their outputs are merged; two that promise one output are refused by `program()`.
 */
export function parallel(
  stages: Readonly<Record<string, string | StageDraft>>,
  options: StageOptions = {},
): StageDraft {
  return { module: "parallel", ...options, stages: namedStages(stages, "parallel") };
}

/** Stages with their names as ids. Throws `UsageError` where there are none. */
export function namedStages(stages: Readonly<Record<string, string | StageDraft>>, what: string): StageDraft[] {
  if (!isPlainObject(stages) || Object.keys(stages).length === 0)
    throw new UsageError(`${what}: expected at least one stage by its name, got ${describe(stages)}`);
  return Object.entries(stages).map(([id, stage]) =>
    typeof stage === "string" ? { module: stage, id } : { ...stage, id },
  );
}

/**
 * Runs the stages inside it at once. The first failure aborts the others and is the stage's. What a stage gives beyond
 * its signature (a reasoning) is passed on unless another gives the same; the history has it in any case.
 */
export const parallelModule: Module = {
  name: "parallel",
  settings: [],
  async run(context, { stages = [], signal: outer }): Promise<StageResult> {
    const giveUp = new AbortController();
    const signal = outer === undefined ? giveUp.signal : AbortSignal.any([outer, giveUp.signal]);
    const failures: unknown[] = [];
    const run = async (stage: InnerStage): Promise<InnerResult | undefined> => {
      try {
        return await stage.run(context, { signal });
      } catch (thrown) {
        // What comes after the first is mostly what its abort made of the others.
        failures.push(thrown);
        giveUp.abort();
        return undefined;
      }
    };
    const results = await Promise.all(stages.map(run));
    const done = results.filter((result) => result !== undefined);
    if (failures.length > 0) throw new FailedAfterSpending(failures[0], spentOn(done, failures.slice(1)));
    return { outputs: merged(stages, done), history: done.flatMap(({ history }) => history) };
  },
};

function spentOn(done: readonly InnerResult[], failures: readonly unknown[]): Usage {
  const failed = failures.flatMap((failure) => (failure instanceof ProgramError ? [failure.usage] : []));
  return [...done.map(({ usage }) => usage), ...failed].reduce(addUsage, noUsage);
}

function merged(stages: readonly InnerStage[], results: readonly InnerResult[]): Record<string, unknown> {
  const [promised, further] = [new Map<string, unknown>(), new Map<string, unknown[]>()];
  for (const [index, { outputs }] of results.entries()) {
    const fields = stages[index]?.signature.outputs ?? [];
    for (const [name, value] of Object.entries(outputs))
      if (fields.some((field) => field.name === name)) promised.set(name, value);
      else further.set(name, [...(further.get(name) ?? []), value]);
  }
  const alone = [...further].filter(([name, values]) => values.length === 1 && !promised.has(name));
  return { ...Object.fromEntries(alone.map(([name, [value]]) => [name, value])), ...Object.fromEntries(promised) };
}
